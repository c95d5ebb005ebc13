/** The command line and the start, as processes of their own on one SQLite file. */
import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { expect, it, onTestFinished } from 'vitest'
import { runCommand } from './commands.ts'
import { openServerDatabase } from './ledger/database.ts'
import { isMade } from './ledger/is-made.ts'
import { createTestDatabase } from '#test/support/postgres.ts'
import { startServerProcess } from '#test/support/server-process.ts'
import { builtProgram } from '#test/support/shared.ts'
import { tempDir } from '#test/support/temp.ts'

const ADMIN = await builtProgram('admin')
const settings = (dir: string) => ({ DATABASE_URL: '', DATA_DIR: dir, PORT: '0', LOG_LEVEL: 'silent' })
const environment = (dir: string) => ({ ...process.env, ...settings(dir) })

async function cli(dir: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [ADMIN, ...args], {
      env: environment(dir),
    })
    return { code: 0, out: stdout.trim(), err: stderr }
  } catch (error) {
    const failed = Object(error)
    return { code: Number(failed.code), out: String(failed.stdout).trim(), err: String(failed.stderr) }
  }
}

async function start(dir: string, ...flags: string[]): Promise<{ url: string; stop(): Promise<number | null> }> {
  const server = startServerProcess(settings(dir), flags)
  const stop = async () => {
    server.process.kill('SIGTERM')
    return (await server.ended).code
  }
  return { url: await server.ready, stop }
}

it('sets up the demo shop once, is asked beside it, and stops cleanly', { timeout: 60_000 }, async () => {
  const dir = join(tempDir(), 'made')
  const lost = await cli(dir, 'terminals')
  expect(lost).toMatchObject({ code: 1, out: '', err: expect.stringContaining(join(dir, 'server.sqlite')) })
  expect(existsSync(dir)).toBe(false)
  const server = await start(dir, '--demo')
  expect((await fetch(`${server.url}/health`)).status).toBe(200)

  await expect(start(dir)).rejects.toThrow('This server is running already')
  const code = await cli(dir, 'enrol-code', '--store', 's1')
  expect(code.out).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/)
  expect(await cli(dir, 'dance')).toMatchObject({ code: 1, err: expect.stringContaining('Usage') })

  const command = (...args: string[]) => runCommand(args, environment(dir))
  expect(await command('staff', '--id', 'lin', '--name', '林店長', '--role', 'manager', '--pin', '9876')).toContain(
    '林店長',
  )
  await expect(command('enrol-code', '--store', 'nowhere')).rejects.toThrow('there is no store')
  await expect(command('freeze', 'ZZZZZZ', '--reason', 'x')).rejects.toThrow('no terminal')
  expect(await command('terminals')).toBe('no counter has joined yet')
  expect(await command('loans')).toBe('nothing is lent')
  expect(await command('quarantine')).toBe('nothing is put aside')
  expect(await command('waiting')).toBe('nothing waits')
  expect(await command('prove')).toContain('every chain verifies')
  expect(await server.stop()).toBe(0)

  const again = await start(dir, '--demo')
  expect(await again.stop()).toBe(0)
  const database = await openServerDatabase(join(dir, 'server.sqlite'))
  const members = await database.db.selectFrom('member').select('id').execute()
  const staff = await database.db.selectFrom('staff').select('id').orderBy('id').execute()
  await database.close()
  expect(members).toHaveLength(200)
  expect(staff.map(({ id }) => id)).toEqual(['chen', 'jun', 'lin', 'mei'])
  expect(existsSync(join(dir, 'server.sqlite-wal'))).toBe(false)
})

it('says which database there is not, and makes one only for a shop', { timeout: 60_000 }, async () => {
  const dir = join(tempDir(), 'elsewhere')
  for (const asks of [['terminals'], ['loans'], ['prove'], ['enrol-code', '--store', 's1'], ['restored']])
    await expect(runCommand(asks, environment(dir))).rejects.toThrow(`no server's database at ${dir}`)
  expect(existsSync(dir)).toBe(false)
  const shop = join(import.meta.dirname, '../resources/shops/demo.json')
  expect(await runCommand(['apply', shop], environment(dir))).toContain('server.sqlite is a new database\nstore s1\n')
  expect(await runCommand(['apply', shop], environment(dir))).toBe('all of it was in force already')

  const { url, drop } = await createTestDatabase()
  onTestFinished(drop)
  const empty = { ...environment(dir), DATABASE_URL: url }
  await expect(runCommand(['terminals'], empty)).rejects.toThrow(`no server's database at ${new URL(url).host}/`)
  expect(await isMade(url)).toBe(false)
})

it('says in plain words why it cannot start', { timeout: 60_000 }, async () => {
  const dir = tempDir()
  writeFileSync(join(dir, 'server.sqlite'), 'this is no database, whatever its name says'.repeat(100))
  await expect(start(dir)).rejects.toThrow("The server's file is damaged")

  const newer = tempDir()
  const database = await openServerDatabase(join(newer, 'server.sqlite'))
  await sql`update schema_version set version = 999`.execute(database.db)
  await database.close()
  await expect(start(newer)).rejects.toThrow('a newer version of the program')
})
