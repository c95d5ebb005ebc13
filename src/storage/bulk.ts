/** Multi-row statements, cut to what both engines take in one go. */
import { CompiledQuery, SqliteAdapter, type Kysely } from 'kysely'

/** SQLite binds at most 32,766 values in a statement, PostgreSQL 65,535. */
const MAX_VALUES = 30_000

/** Cuts rows into pieces that fit one statement of `columns` values a row. */
export function* chunks<T>(rows: readonly T[], columns: number): Generator<T[]> {
  const size = Math.max(1, Math.floor(MAX_VALUES / columns))
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size)
}

/** Rows a statement: SQLite's prepared ones are met again and again, PostgreSQL's round trips are worth sparing. */
const LARGEST = { sqlite: 512, postgres: 1_024 }

type Handle = Pick<Kysely<unknown>, 'executeQuery' | 'getExecutor'>

/** A statement's text for so many rows: `(?, ?), (?, ?)` in SQLite, `($1, $2), ($3, $4)` in PostgreSQL. */
export type Statement = (rows: string) => string

/**
 * Runs one statement over many rows of values and answers how many rows it touched. Texts are built by hand and depend on
 * nothing but the number of rows, in powers of two: so they are few, and SQLite prepares each of them once. `types` names
 * a column's type where PostgreSQL could not tell it.
 */
export async function runOverRows(
  db: Handle,
  statement: Statement,
  rows: readonly (readonly unknown[])[],
  types: readonly string[] = [],
): Promise<number> {
  const sqlite = db.getExecutor().adapter instanceof SqliteAdapter
  const width = rows[0]?.length ?? 0
  const largest = Math.min(
    LARGEST[sqlite ? 'sqlite' : 'postgres'],
    2 ** Math.floor(Math.log2(MAX_VALUES / Math.max(1, width))),
  )
  let touched = 0
  for (let start = 0; start < rows.length;) {
    const size = Math.min(largest, 2 ** Math.floor(Math.log2(rows.length - start)))
    const text = statement(sqlite ? questionMarks(size, width) : numbered(size, width, types))
    const result = await db.executeQuery(CompiledQuery.raw(text, rows.slice(start, start + size).flat()))
    touched += Number(result.numAffectedRows ?? 0)
    start += size
  }
  return touched
}

function questionMarks(rows: number, columns: number): string {
  const row = `(${Array(columns).fill('?').join(', ')})`
  return Array(rows).fill(row).join(', ')
}

function numbered(rows: number, columns: number, types: readonly string[]): string {
  const row = (first: number) =>
    `(${Array.from({ length: columns }, (_, n) => `$${first + n}${types[n] ? `::${types[n]}` : ''}`).join(', ')})`
  return Array.from({ length: rows }, (_, n) => row(n * columns + 1)).join(', ')
}

/** Inserts rows of one table; `onConflict` is the statement's end. Names are ours, values are bound. */
export async function insertRows<R extends object>(
  db: Handle,
  table: string,
  columns: readonly (keyof R & string)[],
  rows: readonly R[],
  onConflict = '',
): Promise<void> {
  const head = `insert into ${table} (${columns.join(', ')}) values `
  const values = rows.map((row) => columns.map((column) => row[column]))
  await runOverRows(db, (places) => `${head}${places} ${onConflict}`, values)
}
