import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { emptyLocation, openAt, openLedger } from '#test/support/ledger-database.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { tempDir } from '#test/support/temp.ts'
import { migrate } from './migrate.ts'
import { openDatabase, openSqlite } from './open.ts'
import type { LedgerTables } from './schema.ts'

describe('SQLite', () => {
  const open = (file: string) => {
    const opened = openSqlite<LedgerTables>(file)
    onTestFinished(opened.close)
    return opened
  }

  it('keeps what was committed through a loss of power: asserted after a first write', async () => {
    const { db, raw, dialect } = open(join(tempDir(), 'a.db'))
    await migrate(db, 'counter', dialect)
    const pragma = (name: string) => raw.pragma(name, { simple: true })
    expect(pragma('synchronous')).toBe(2)
    expect(pragma('journal_mode')).toBe('wal')
    expect(pragma('wal_autocheckpoint')).toBe(0)
    expect(pragma('foreign_keys')).toBe(1)
  })

  it('writes the WAL back between transactions, never inside one that waits for something', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { db, raw, dialect } = open(join(tempDir(), 'a.db'))
    const State = z.tuple([z.object({ log: z.int(), checkpointed: z.int() })])
    const wal = () => State.parse(raw.pragma('wal_checkpoint(NOOP)'))[0]
    await migrate(db, 'counter', dialect)
    await db.transaction().execute(async (trx) => {
      await trx.selectFrom('event').selectAll().execute()
      vi.advanceTimersByTime(60_000)
    })
    expect(wal().checkpointed).toBe(0)
    vi.advanceTimersByTime(60_000)
    expect(wal().checkpointed).toBeGreaterThan(0)
    expect(wal().checkpointed).toBe(wal().log)
  })

  it('lets a transaction that has read write, whoever else has the file open; one that only reads waits for nobody', async () => {
    const file = join(tempDir(), 'a.db')
    const { db, dialect } = open(file)
    await migrate(db, 'counter', dialect)
    const other = open(file)
    other.raw.pragma('busy_timeout = 0')
    const versions = (of: typeof db) => sql<{ version: number }>`select version from schema_version`.execute(of)
    const raise = (of: typeof db) => sql`update schema_version set version = version + 1`.execute(of)
    await db.transaction().execute(async (trx) => {
      await versions(trx)
      await expect(raise(other.db)).rejects.toMatchObject({ code: 'SQLITE_BUSY' })
      await raise(trx)
      const reader = openSqlite<LedgerTables>(file, { reading: true })
      onTestFinished(reader.close)
      reader.raw.pragma('busy_timeout = 0')
      expect((await reader.db.transaction().execute(versions)).rows).toHaveLength(1)
    })
  })

  it('leaves one whole file behind when it is closed', async () => {
    const file = join(tempDir(), 'a.db')
    const { db, dialect, close } = open(file)
    await migrate(db, 'counter', dialect)
    await close()
    await close()
    const again = open(file)
    expect(again.raw.pragma('wal_checkpoint(PASSIVE)')).toEqual([{ busy: 0, log: 0, checkpointed: 0 }])
    expect(await again.db.selectFrom('event').selectAll().execute()).toEqual([])
  })

  it('refuses a file that is no database', () => {
    const file = join(tempDir(), 'a.db')
    writeFileSync(file, 'not a database, but long enough to be looked at: '.repeat(40))
    expect(() => openSqlite(file)).toThrow(expect.objectContaining({ code: 'SQLITE_NOTADB' }))
  })

  it('takes whole numbers alone where whole numbers belong', async () => {
    const { db } = await openLedger('sqlite')
    const balance = (amount: number) =>
      db.insertInto('balance').values({ account: 'a', asset: 'points', amount }).execute()
    await expect(balance(1.5)).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_DATATYPE' })
    await balance(Number.MAX_SAFE_INTEGER)
  })

  it('runs more different statements than it keeps prepared', async () => {
    const { db } = await openLedger('sqlite')
    for (let n = 0; n < 600; n++) {
      const { rows } = await sql<{ n: number }>`select ${sql.lit(n)} as n`.execute(db)
      expect(rows).toEqual([{ n }])
    }
  })
})

describe('PostgreSQL', () => {
  it('gives sums and counts as numbers', async () => {
    const { db } = openAt(await emptyLocation('postgres'))
    const { rows } =
      await sql`select count(*) as c, sum(x) as s, max(x) as m from (values (1::bigint), (2)) as t (x)`.execute(db)
    expect(rows).toEqual([{ c: 2, s: 3, m: 2 }])
  })

  it('fails a statement that waits too long for a connection, rather than wait for ever', async () => {
    const { db, close } = openDatabase(await emptyLocation('postgres'), { connections: 1, waitMs: 100 })
    onTestFinished(close)
    await db.transaction().execute(async (trx) => {
      await sql`select 1`.execute(trx)
      await expect(sql`select 1`.execute(db)).rejects.toThrow('timeout')
    })
    await sql`select 1`.execute(db)
  })

  it('throws rather than lose a unit past 2^53', async () => {
    const { db } = openAt(await emptyLocation('postgres'))
    const read = (value: string) => sql`select ${sql.raw(value)} as x`.execute(db)
    expect((await read('9007199254740991::bigint')).rows).toEqual([{ x: Number.MAX_SAFE_INTEGER }])
    await expect(read('9007199254740992::bigint')).rejects.toThrow('not a safe integer')
    await expect(read('-9007199254740993::bigint')).rejects.toThrow('not a safe integer')
    await expect(read('9007199254740993::numeric')).rejects.toThrow('not a safe integer')
    await expect(read('0.5::numeric')).rejects.toThrow('not a safe integer')
  })
})

describe.each(ENGINES)('on %s', (engine) => {
  it('is opened by a URL or by a path', async () => {
    const opened = openDatabase(await emptyLocation(engine))
    onTestFinished(opened.close)
    expect(opened.dialect).toBe(engine)
    expect((await sql`select 1 as one`.execute(opened.db)).rows).toEqual([{ one: 1 }])
  })

  it('keeps all of a transaction, or none', async () => {
    const { db } = await openLedger(engine)
    const row = { account: 'issued:points', asset: 'points', amount: -5 }
    const failed = db.transaction().execute(async (trx) => {
      await trx.insertInto('balance').values(row).execute()
      throw new Error('out of paper')
    })
    await expect(failed).rejects.toThrow('out of paper')
    expect(await db.selectFrom('balance').selectAll().execute()).toEqual([])
  })
})
