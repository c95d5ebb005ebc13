/** Filling empty tables in one go. SQLite sorts an index's entries far faster than it finds the place of each. */
import { sql, type Kysely } from 'kysely'
import type { LedgerTables } from './schema.ts'

type Index = { name: string; sql: string }

/** Runs `load` with these tables' indexes (but those that keep keys unique) set aside; all in the caller's transaction. */
export async function withoutIndexes<T>(
  trx: Kysely<T>,
  tables: readonly string[],
  load: () => Promise<void>,
): Promise<void> {
  const { rows: indexes } = await sql<Index>`
    select name, sql from sqlite_master where type = 'index' and sql is not null and tbl_name in (${sql.join(tables)})`.execute(
    trx,
  )
  for (const { name } of indexes) await sql`drop index ${sql.ref(name)}`.execute(trx)
  await load()
  for (const index of indexes) await sql.raw(index.sql).execute(trx)
}

/**
 * Runs `fill`, a transaction that writes far more than was there, by way of a rollback journal: new pages go to the file
 * once, where the log would have them written twice and keep its size. A cache that fits the processor's is faster here, as
 * pages are filled one after the other; and what an index is made of is sorted in pieces of that size, a second thread
 * helping. Whoever has the file open beside keeps the log in use; that only takes longer.
 */
export async function whileFilling<T, R>(db: Kysely<T>, fill: () => Promise<R>): Promise<R> {
  const { rows } = await sql<{ cache_size: number }>`pragma cache_size`.execute(db)
  await sql`pragma journal_mode = truncate`.execute(db)
  await sql`pragma cache_size = -4000`.execute(db)
  await sql`pragma threads = 1`.execute(db)
  try {
    return await fill()
  } finally {
    await sql`pragma threads = 0`.execute(db)
    await sql`pragma cache_size = ${sql.lit(rows[0]?.cache_size ?? 0)}`.execute(db)
    await sql`pragma journal_mode = wal`.execute(db)
  }
}

/** The pieces of all members' names, where none are yet. */
export async function fillNames(trx: Kysely<LedgerTables>): Promise<void> {
  await sql`
    insert into member_gram
    select piece.value, member.id from member, json_each(name_grams(member.name)) as piece order by 1, 2`.execute(trx)
}
