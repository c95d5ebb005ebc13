/**
 * A snapshot's pages into empty tables. SQLite reads members and lots from the text itself: by the hundred thousand, objects
 * cost more than writing them does. What columns may hold is said by the STRICT tables and their CHECKs.
 */
import { CompiledQuery, type Kysely } from 'kysely'
import { DOCUMENTS, PAGE_COLUMNS, type PageKind } from '#core/contract/snapshot.ts'
import type { CounterTables } from '#storage/schema.ts'
import type { SnapshotPage } from './open-snapshot.ts'

/** Writes a page's rows, which stand under the commit `seq`, inside the caller's transaction. */
export async function loadPage(trx: Kysely<CounterTables>, page: SnapshotPage, seq: number): Promise<void> {
  const { numAffectedRows = 0n } = await trx.executeQuery(CompiledQuery.raw(INSERTS[page.kind], [seq, page.json]))
  if (Number(numAffectedRows) !== page.rows)
    throw new Error(`a page of the snapshot has ${numAffectedRows} sound rows of ${page.rows}`)
}

/** An integer beyond this is not what it seems in JavaScript. */
const LARGEST = Number.MAX_SAFE_INTEGER

const INSERTS: Record<PageKind, string> = {
  member: insertOf('member', `spent <= ${LARGEST}`),
  lot: insertOf('lot', `max(quantity, issued_at, free) <= ${LARGEST}`),
}

/** The page as a table. Its limit of none has each value be taken out of the text once, however often it is named. */
function insertOf(kind: PageKind, sound: string): string {
  const columns = PAGE_COLUMNS[kind]
  const values = columns.map((column, at) => `value ${DOCUMENTS.has(column) ? '->' : '->>'} '$[${at}]' as ${column}`)
  return `
    insert into ${kind} (${columns.join(', ')}, seq)
    select ${columns.join(', ')}, ? from (
      select ${values.join(', ')} from jsonb_each(cast(? as text))
      where json_array_length(value) = ${columns.length} limit -1
    ) as page
    where ${sound}`
}
