/** A page of the latest state of what changed since a cursor, at one moment of the database, in the order of commits. */
import { sql } from 'kysely'
import { Granted, PAGE_LIMIT, type ChainEnd, type Cursor, type SyncRow } from '#core/contract/sync.ts'
import type { Holder } from '#core/ledger/account.ts'
import type { EpochId } from '#core/ids.ts'
import { Hash } from '#core/ledger/event.ts'
import { readCursor } from '#server/ledger/cursor.ts'
import type { ServerDatabase, Trx } from '#server/ledger/database.ts'
import { epochsHere, isClosed } from './chain.ts'
import { statesOf, type Changed } from './states.ts'

export type Page = {
  rows: SyncRow[]
  cursor: Cursor
  more: boolean
  ack: { epoch: Holder['epoch']; seq: number; hash: Hash | null } | null
  earlier: EpochId[]
  grants: Granted[]
}

type Asked = { cursor: Cursor; earlier: readonly ChainEnd[] }

/** Null when the cursor is of no commit of this database: it has been restored (R12). A closed epoch is told nothing (R11). */
export function pullPage(
  database: ServerDatabase,
  holder: Holder,
  { cursor, earlier }: Asked,
): Promise<Page | 'closed' | null> {
  return database.atOneMoment(async (trx) => {
    if (await isClosed(trx, holder)) return 'closed'
    if (!(await isKnown(trx, cursor))) return null
    const changed = await changedSince(trx, cursor.seq, holder)
    const head = await readCursor(trx)
    const more = changed.more
    const last = changed.rows.at(-1)
    const rows = await statesOf(trx, changed.rows)
    return {
      rows,
      cursor: more && last ? { seq: last.seq, tag: await tagOf(trx, last.seq) } : { seq: head.seq, tag: head.tag },
      more,
      ack: more ? null : { epoch: holder.epoch, ...(await headOf(trx, holder)) },
      earlier: more ? [] : await epochsHere(trx, holder.terminal, earlier),
      grants: more ? [] : await unaccepted(trx, holder),
    }
  })
}

async function isKnown(trx: Trx, { seq, tag }: Cursor): Promise<boolean> {
  return (seq === 0 && tag === '') || (await tagOf(trx, seq)) === tag
}

async function tagOf(trx: Trx, seq: number): Promise<string> {
  const row = await trx.selectFrom('commit_tag').select('tag').where('seq', '=', seq).executeTakeFirst()
  return row?.tag ?? '\u{0}'
}

/** What changed after `seq`: whole commits, about a page of them. */
async function changedSince(trx: Trx, seq: number, holder: Holder): Promise<{ rows: Changed[]; more: boolean }> {
  const first = await changes(trx, holder, { after: seq, limit: PAGE_LIMIT })
  const last = first.at(-1)
  if (!last || first.length < PAGE_LIMIT) return { rows: first, more: false }
  const whole = first.filter((row) => row.seq < last.seq)
  // A commit is never cut in two: one that is larger than a page is a page.
  if (whole.length > 0) return { rows: whole, more: true }
  const rows = await changes(trx, holder, { after: last.seq - 1, upTo: last.seq })
  const next = await changes(trx, holder, { after: last.seq, limit: 1 })
  return { rows, more: next.length > 0 }
}

type Range = { after: number; upTo?: number; limit?: number }

/** Members and lots say themselves when they last changed; all else is in `change`. */
async function changes(trx: Trx, { terminal }: Holder, { after, upTo, limit }: Range): Promise<Changed[]> {
  const within = sql`seq > ${after} and seq <= ${upTo ?? Number.MAX_SAFE_INTEGER}`
  const { rows } = await sql<Changed>`
    select kind, id, seq from change where scope in ('', ${terminal}) and ${within}
    union all select 'member', id, seq from member where ${within}
    union all select 'lot', id, seq from lot where ${within}
    order by seq limit ${limit ?? Number.MAX_SAFE_INTEGER}`.execute(trx)
  return rows
}

/** The last own event that this state contains. */
export async function headOf(trx: Trx, { terminal, epoch }: Holder): Promise<{ seq: number; hash: Hash | null }> {
  const row = await trx
    .selectFrom('terminal_epoch')
    .select(['head_seq', 'head_hash'])
    .where('terminal', '=', terminal)
    .where('epoch', '=', epoch)
    .executeTakeFirst()
  return { seq: row?.head_seq ?? 0, hash: row?.head_hash ? Hash.parse(row.head_hash) : null }
}

/** Every pull repeats the grants that the counter has not accepted yet (R3). */
async function unaccepted(trx: Trx, { terminal, epoch }: Holder): Promise<Granted[]> {
  const rows = await trx
    .selectFrom('grant_made')
    .select('answer')
    .where('terminal', '=', terminal)
    .where('epoch', '=', epoch)
    .where('accepted', '=', 0)
    .orderBy('created_at')
    .execute()
  return rows.map((row) => Granted.parse(JSON.parse(row.answer)))
}
