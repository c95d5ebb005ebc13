/**
 * Pages of a snapshot into empty tables, and a pull's lots beside what is there. SQLite reads rows from the text itself: by
 * the thousand, objects cost more than writing them does. What columns may hold is said by the STRICT tables and their CHECKs.
 */
import { CompiledQuery, sql, type Kysely } from 'kysely'
import { DOCUMENTS, PAGE_COLUMNS, type PageKind } from '#core/contract/snapshot.ts'
import type { CounterTables } from '#storage/schema.ts'
import type { PackedRows } from '#core/contract/sync-rows.ts'
import type { SnapshotPage } from './open-snapshot.ts'

/** Writes a page's rows, which stand under the commit `seq`, inside the caller's transaction. */
export async function loadPage(trx: Kysely<CounterTables>, page: SnapshotPage, seq: number): Promise<void> {
  const { numAffectedRows = 0n } = await trx.executeQuery(CompiledQuery.raw(INSERTS[page.kind], [seq, page.json]))
  expectRows(Number(numAffectedRows), page.rows)
}

function expectRows(sound: number, stated: number): void {
  if (sound !== stated) throw new Error(`a page has ${sound} sound rows of ${stated}`)
}

/**
 * Writes a pull's lots; of one that is here already, unless it is of a later commit. How many are written says nothing of how
 * many came, so these are counted first.
 */
export async function mergeLots(trx: Kysely<CounterTables>, { rows: stated, json }: PackedRows): Promise<void> {
  const { rows } = await sql<{ came: number }>`select json_array_length(${json}) as came`.execute(trx)
  expectRows(rows[0]?.came ?? 0, stated)
  await trx.executeQuery(CompiledQuery.raw(MERGE_LOTS, [json]))
}

/** An integer beyond this is not what it seems in JavaScript. */
const LARGEST = Number.MAX_SAFE_INTEGER

const INSERTS: Record<PageKind, string> = {
  member: insertOf('member', `spent <= ${LARGEST}`),
  lot: insertOf('lot', `max(quantity, issued_at, free) <= ${LARGEST}`),
}

function insertOf(kind: PageKind, sound: string): string {
  const columns = PAGE_COLUMNS[kind]
  return `
    insert into ${kind} (${columns.join(', ')}, seq)
    select ${columns.join(', ')}, ? from ${rowsAs(columns, `json_array_length(value) = ${columns.length}`)} as page
    where ${sound}`
}

/** A row that is cut short or unsound has no commit, which no lot may lack. */
const MERGE_LOTS = `
  insert into lot (${PAGE_COLUMNS.lot.join(', ')}, seq)
  select ${PAGE_COLUMNS.lot.join(', ')}, iif(max(quantity, issued_at, free, seq) <= ${LARGEST}, seq, null)
  from ${rowsAs([...PAGE_COLUMNS.lot, 'seq'], 'true')} as page where true
  on conflict (id) do update set free = excluded.free, held = excluded.held, seq = excluded.seq
    where lot.seq <= excluded.seq`

/** The text as a table. Its limit of none has each value be taken out of the text once, however often it is named. */
function rowsAs(columns: readonly string[], wanted: string): string {
  const values = columns.map((column, at) => `value ${DOCUMENTS.has(column) ? '->' : '->>'} '$[${at}]' as ${column}`)
  return `(select ${values.join(', ')} from jsonb_each(cast(? as text)) where ${wanted} limit -1)`
}
