/** A page of the latest state of what changed since a cursor, at one moment of the database, in the order of commits. */
import { sql } from 'kysely'
import { PAGE_LIMIT, type ChainEnd, type Cursor, type Granted } from '#core/contract/sync.ts'
import type { Owed, PackedRows, SyncRow } from '#core/contract/sync-rows.ts'
import type { PageKind } from '#core/contract/snapshot.ts'
import type { Holder } from '#core/ledger/account.ts'
import type { EpochId } from '#core/ids.ts'
import type { Hash } from '#core/ledger/event.ts'
import { readCursor } from '#server/ledger/cursor.ts'
import type { ServerDatabase, Trx } from '#server/ledger/database.ts'
import { unacceptedOf } from '#server/rights/grants.ts'
import type { Dialect } from '#storage/open.ts'
import { ackOf, epochsHere, isClosed } from '#server/intake/chain.ts'
import { allOwed, owedOf } from './owed.ts'
import { listText, rowText } from './page-text.ts'
import { statesOf, type Changed } from './states.ts'

export type Page = {
  rows: SyncRow[]
  packed: PackedRows[]
  cursor: Cursor
  more: boolean
  ack: { epoch: Holder['epoch']; seq: number; hash: Hash | null } | null
  earlier: EpochId[]
  grants: Granted[]
  owed: Owed | null
}

type Asked = { cursor: Cursor; earlier: readonly ChainEnd[]; owed: 'all' | 'changed' | null }

/** Null when the cursor is of no commit of this database: it has been restored (R12). A closed epoch is told nothing (R11). */
export function pullPage(
  { atOneMoment, dialect }: ServerDatabase,
  holder: Holder,
  { cursor, earlier, owed }: Asked,
): Promise<Page | 'closed' | null> {
  return atOneMoment(async (trx) => {
    if (await isClosed(trx, holder)) return 'closed'
    if (!(await isKnown(trx, cursor))) return null
    const head = await readCursor(trx)
    const { upTo, more } = await pageAfter(trx, holder, cursor.seq)
    const range = { after: cursor.seq, upTo }
    const changed = await changesIn(trx, holder, range)
    return {
      rows: await statesOf(trx, changed),
      packed: [...(await packed(trx, dialect, 'member', range)), ...(await packed(trx, dialect, 'lot', range))],
      cursor: more ? { seq: upTo, tag: await tagOf(trx, upTo) } : { seq: head.seq, tag: head.tag },
      more,
      ack: more ? null : await ackOf(trx, holder),
      earlier: more ? [] : await epochsHere(trx, holder.terminal, earlier),
      // Every pull repeats the grants that the counter has not accepted yet (R3).
      grants: more ? [] : await unacceptedOf(trx, holder, null),
      owed: owed === null ? null : await (owed === 'all' ? allOwed(trx) : owedOf(trx, changed)),
    }
  })
}

/** Whether a cursor is of a commit of this database, or of before any. */
export async function isKnown(trx: Trx, { seq, tag }: Cursor): Promise<boolean> {
  return (seq === 0 && tag === '') || (await tagOf(trx, seq)) === tag
}

async function tagOf(trx: Trx, seq: number): Promise<string> {
  const row = await trx.selectFrom('commit_tag').select('tag').where('seq', '=', seq).executeTakeFirst()
  return row?.tag ?? '\u{0}'
}

type Range = { after: number; upTo: number }

/** Up to which commit a page goes: whole commits, about a page of them. */
async function pageAfter(trx: Trx, holder: Holder, after: number): Promise<{ upTo: number; more: boolean }> {
  const places = await placesAfter(trx, holder, after, PAGE_LIMIT)
  const last = places.at(-1)
  if (last === undefined || places.length < PAGE_LIMIT) return { upTo: Number.MAX_SAFE_INTEGER, more: false }
  const whole = places.findLast((seq) => seq < last)
  if (whole !== undefined) return { upTo: whole, more: true }
  // A commit is never cut in two: one that is larger than a page is a page.
  return { upTo: last, more: (await placesAfter(trx, holder, last, 1)).length > 0 }
}

/** The commits of what changed first, a place for each. Members and lots say themselves when they last changed. */
async function placesAfter(trx: Trx, { terminal }: Holder, after: number, limit: number): Promise<number[]> {
  const { rows } = await sql<{ seq: number }>`
    select seq from change where scope in ('', ${terminal}) and seq > ${after}
    union all select seq from member where seq > ${after}
    union all select seq from lot where seq > ${after}
    order by seq limit ${limit}`.execute(trx)
  return rows.map(({ seq }) => seq)
}

function changesIn(trx: Trx, { terminal }: Holder, { after, upTo }: Range): Promise<Changed[]> {
  const changes = trx.selectFrom('change').select(['kind', 'id', 'seq']).where('scope', 'in', ['', terminal])
  return changes.where('seq', '>', after).where('seq', '<=', upTo).execute()
}

async function packed(trx: Trx, dialect: Dialect, kind: PageKind, { after, upTo }: Range): Promise<PackedRows[]> {
  const { rows } = await sql<{ found: number; json: string | null }>`
    select count(*) as found, ${listText(dialect, sql`line`)} as json from (
      select ${rowText(dialect, kind, ['seq'])} as line from ${sql.table(kind)} where seq > ${after} and seq <= ${upTo}
    ) as changed`.execute(trx)
  return rows.flatMap(({ found, json }) => (json === null ? [] : [{ kind, rows: found, json }]))
}
