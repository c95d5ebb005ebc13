/** Multi-row statements, cut to what both engines take in one go. */

/** SQLite binds at most 32,766 values in a statement, PostgreSQL 65,535. */
const MAX_VALUES = 30_000

/** Cuts rows into pieces that fit one statement of `columns` values a row. */
export function* chunks<T>(rows: readonly T[], columns: number): Generator<T[]> {
  const size = Math.max(1, Math.floor(MAX_VALUES / columns))
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size)
}
