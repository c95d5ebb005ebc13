/** Brings a database to the version this program knows, in one transaction. Migrations are only ever added. */
import { sql, type Kysely, type Transaction } from 'kysely'
import type { Dialect } from './open.ts'
import {
  counter0001,
  counter0002,
  counter0003,
  counter0004,
  counter0005,
  counter0006,
  counter0007,
  counter0008,
  counter0009,
  counter0010,
  counter0011,
  counter0012,
} from './migrations/counter.ts'
import { counterLedger0002, ledger0001, ledger0003, serverLedger0002, serverLedger0007 } from './migrations/ledger.ts'
import {
  server0001,
  server0002,
  server0003,
  server0004,
  server0005,
  server0006,
  server0008,
  server0009,
  server0010,
} from './migrations/server.ts'

const MIGRATIONS = {
  counter: [
    [...ledger0001, ...counter0001],
    [...counterLedger0002, ...counter0002],
    [...ledger0003, ...counter0003],
    counter0004,
    counter0005,
    counter0006,
    counter0007,
    counter0008,
    counter0009,
    counter0010,
    counter0011,
    counter0012,
  ],
  server: [
    [...ledger0001, ...server0001],
    [...serverLedger0002, ...server0002],
    [...ledger0003, ...server0003],
    server0004,
    server0005,
    server0006,
    serverLedger0007,
    server0008,
    server0009,
    server0010,
  ],
}
export type DatabaseKind = keyof typeof MIGRATIONS

/** Thrown when a file was written by a later version of the program; nothing has been touched. */
export class NewerDatabaseError extends Error {
  readonly code = 'newerDatabase'
  readonly found: number
  readonly known: number

  constructor(found: number, known: number) {
    super(`the database is of version ${found}; this program knows up to ${known}. Update the program.`)
    this.found = found
    this.known = known
  }
}

/** Thrown when a counter is given a server's database, or the reverse. */
export class WrongDatabaseError extends Error {
  readonly code = 'wrongDatabase'
}

/** No transfer has a character that is written in halves, so all halves may go; what follows a backslash for itself is none. */
const WITHOUT_HALVES = String.raw`regexp_replace(event.text, '(\\\\)|\\u[dD][89a-fA-F][0-9a-fA-F][0-9a-fA-F]', '\1', 'g')`

const WORDS: Record<Dialect, Record<string, string>> = {
  sqlite: {
    '{int}': 'integer',
    '{bytes}': 'blob',
    '{strict}': ' strict',
    '{rowless}': ' strict, without rowid',
    '{c}': '',
    '{transfers}': `json_each(event.text, '$.transfers')`,
    '{wholeTransfers}': `json_each(event.text, '$.transfers')`,
    '{textBytes}': 'cast(text as blob)',
  },
  postgres: {
    '{int}': 'bigint',
    '{bytes}': 'bytea',
    '{strict}': '',
    '{rowless}': '',
    '{c}': ' collate "C"',
    '{transfers}': `json_array_elements(event.text::json -> 'transfers')`,
    '{wholeTransfers}': `json_array_elements(${WITHOUT_HALVES}::json -> 'transfers')`,
    '{textBytes}': `convert_to(text, 'UTF8')`,
  },
}

const inDialect = (statement: string, dialect: Dialect): string =>
  statement.replace(/\{\w+\}/g, (word) => WORDS[dialect][word] ?? word)

/**
 * Throws NewerDatabaseError or WrongDatabaseError, and then has changed nothing. `to` stops at an earlier version, as the
 * programs of that time did.
 */
export async function migrate<T>(db: Kysely<T>, kind: DatabaseKind, dialect: Dialect, to?: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`create table if not exists schema_version (kind text not null, version integer not null)`.execute(trx)
    const at = await currentVersion(trx, kind)
    const steps = MIGRATIONS[kind].slice(0, to)
    if (at > steps.length) throw new NewerDatabaseError(at, steps.length)
    if (at === steps.length) return
    for (const statement of steps.slice(at).flat()) {
      await sql.raw(inDialect(statement, dialect)).execute(trx)
    }
    if (at === 0) await sql`insert into schema_version (kind, version) values (${kind}, ${steps.length})`.execute(trx)
    else await sql`update schema_version set version = ${steps.length}`.execute(trx)
  })
}

async function currentVersion<T>(trx: Transaction<T>, kind: DatabaseKind): Promise<number> {
  const { rows } = await sql<{ kind: string; version: number }>`select kind, version from schema_version`.execute(trx)
  const row = rows[0]
  if (!row) return 0
  if (row.kind !== kind) throw new WrongDatabaseError(`this is a ${row.kind}'s database, not a ${kind}'s`)
  return Number(row.version)
}
