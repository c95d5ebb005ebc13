/**
 * A snapshot's pages into empty tables. SQLite reads members and lots from the text itself: by the hundred thousand, objects
 * cost more than writing them does. What columns may hold is said by the STRICT tables and their CHECKs.
 */
import { sql, type Kysely, type RawBuilder } from 'kysely'
import { DOCUMENTS, PAGE_COLUMNS, type PageKind } from '#core/contract/snapshot.ts'
import type { CounterTables } from '#storage/schema.ts'
import type { SnapshotPage } from './open-snapshot.ts'

/** Writes a page's rows, which stand under the commit `seq`, inside the caller's transaction. */
export async function loadPage(trx: Kysely<CounterTables>, page: SnapshotPage, seq: number): Promise<void> {
  const { numAffectedRows = 0n } = await INSERTS[page.kind](page.json, seq).execute(trx)
  if (Number(numAffectedRows) !== page.rows)
    throw new Error(`a page of the snapshot has ${numAffectedRows} sound rows of ${page.rows}`)
}

/** An integer beyond this is not what it seems in JavaScript. */
const LARGEST = sql.lit(Number.MAX_SAFE_INTEGER)

const INSERTS: Record<PageKind, (json: Uint8Array, seq: number) => RawBuilder<unknown>> = {
  member: (json, seq) => sql`
    insert into member (${columns('member')}, seq)
    select ${columns('member')}, ${seq} from ${rowsIn('member', json)}
    where spent <= ${LARGEST}`,
  lot: (json, seq) => sql`
    insert into lot (${columns('lot')}, seq)
    select ${columns('lot')}, ${seq} from ${rowsIn('lot', json)}
    where max(quantity, issued_at, free) <= ${LARGEST}`,
}

const columns = (kind: PageKind) => sql.join(PAGE_COLUMNS[kind].map((column) => sql.ref(column)))

/** The page as a table. Its limit of none has each value be taken out of the text once, however often it is named. */
function rowsIn(kind: PageKind, json: Uint8Array): RawBuilder<unknown> {
  const values = PAGE_COLUMNS[kind].map((column, at) => {
    const taken = DOCUMENTS.has(column) ? sql`->` : sql`->>`
    return sql`value ${taken} ${sql.lit(at)} as ${sql.ref(column)}`
  })
  return sql`(
    select ${sql.join(values)} from jsonb_each(cast(${json} as text))
    where json_array_length(value) = ${sql.lit(values.length)} limit -1
  ) as page`
}
