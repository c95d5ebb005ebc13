/** Filling empty tables in one go. SQLite sorts an index's entries far faster than it finds the place of each. */
import { sql, type Kysely } from 'kysely'

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
