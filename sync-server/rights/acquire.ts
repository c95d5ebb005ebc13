/** R2: all that one checkout needs of one member, or a refusal that says what could be had and where the rest is. */
import type { Cursor, Granted, Want } from '#core/contract/sync.ts'
import type { SyncRow } from '#core/contract/sync-rows.ts'
import { WITHHELD } from '#core/contract/withheld.ts'
import type { GrantId, MemberId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import type { Refusal } from '#core/ledger/refusal.ts'
import type { ServerDatabase } from '#server/ledger/database.ts'
import { loadHoldings } from '#server/ledger/facts.repository.ts'
import type { Nudge } from '#server/ledger/nudge.ts'
import type { Ledger, Unit } from '#server/ledger/unit-of-work.ts'
import { isRestoring, noteRestored } from '#server/restore/restored.ts'
import { ackOf, lockChain } from '#server/intake/chain.ts'
import type { Inbox } from '#server/sync/inbox.ts'
import { isKnown } from '#server/sync/pull.ts'
import { lotRows, personRows } from '#server/sync/states.ts'
import { pickAll, stillWanted } from './choose.ts'
import { grantsById, recordGrant, unacceptedOf } from './grants.ts'
import { answered } from './recall.ts'
import { short, type Short } from './shortfall.ts'

export type Acquire = {
  holder: Holder
  store: string
  /** The state that the counter goes by, where it says. */
  cursor?: Cursor | undefined
  grant: GrantId
  member: MemberId
  wants: readonly Want[]
  /** Grants that the counter says it has, whatever its chain says here. */
  taken: readonly GrantId[]
}
export type Acquired =
  | { ok: true; granted: Granted | null; pending: Granted[]; rows: SyncRow[]; ack: number }
  | { ok: false; refusal: Refusal }
  /** What the counter has sent of its own cannot be worked out in time: of what there is nothing can be said yet. */
  | 'busy'

/** A cashier gives up after 1.5 s, of which the way here and back takes its part. */
const WAIT_MS = 1_000

export type Rights = {
  database: ServerDatabase
  ledger: Ledger
  inbox: Pick<Inbox, 'settle'>
  nudge: Nudge
  waitMs?: number | undefined
}

/**
 * Grants are recorded under the request's id and answered alike for ever; a refusal means nothing and may be asked again.
 * What the counter has pushed before counts. Where others hold what is missing, they are asked for it, and what they hand
 * back in time is granted (R7).
 */
export async function acquire(
  { database, ledger, inbox, nudge, waitMs = WAIT_MS }: Rights,
  request: Acquire,
): Promise<Acquired> {
  const until = performance.now() + waitMs
  if (!(await inbox.settle(request.holder, waitMs))) return 'busy'
  const decideNow = () => ledger.write(request.store, (unit) => decide(unit, request))
  let answer = await decideNow()
  // What was free a moment ago may be someone's home share by now: that is asked for as well, while there is time.
  while (!answer.ok && answer.recalls.length > 0 && performance.now() < until) {
    await answered(database.db, nudge, answer.recalls, until - performance.now())
    answer = await decideNow()
  }
  if (!answer.ok) {
    if (answer.provesRestore) await noteRestored(ledger, request.holder)
    return { ok: false, refusal: answer.refusal }
  }
  const grants = answer.granted ? [...answer.pending, answer.granted] : answer.pending
  const lots = grants.flatMap(({ parts }) => parts.map(({ lot }) => String(lot.id)))
  // A counter that has not heard of a merge sees whose the lots are by the members that come with them.
  const seen = await database.atOneMoment(async (trx) => ({
    rows: [...(await personRows(trx, request.member)), ...(await lotRows(trx, lots))],
    ack: (await ackOf(trx, request.holder)).seq,
  }))
  return { ...answer, ...seen }
}

type Answer = { ok: true; granted: Granted | null; pending: Granted[] } | Short

async function decide(unit: Unit, request: Acquire): Promise<Answer> {
  const { trx, facts } = unit
  const { holder, grant, member } = request
  const { closed } = await lockChain(unit, holder)
  const people = await unit.lockMembers([member])
  const open = await unacceptedOf(trx, holder, [...people.keys()])
  const pending = open.filter((one) => one.grant !== grant && !request.taken.includes(one.grant))
  const before = (await grantsById(trx, [grant])).get(grant)
  if (before) {
    if (before.terminal !== holder.terminal || before.granted.member !== member)
      throw new Error('a grant id belongs to one request')
    return { ok: true, granted: before.granted, pending }
  }
  if (closed) return short({ code: 'frozen', reason: WITHHELD.epochClosed })
  if (await isRestoring(trx)) return short({ code: 'restoring' })
  // It goes by a state that this database never had (R12), of which it may have been granted what looks free here.
  if (request.cursor && !(await isKnown(trx, request.cursor)))
    return { ...short({ code: 'restoring' }), provesRestore: true }
  // All lots in the facts are this person's, under whichever id.
  await loadHoldings(trx, facts, [member])
  const wants = stillWanted(request.wants, pending, unit.today)
  if (wants.length === 0) return { ok: true, granted: null, pending }
  const picked = await pickAll(unit, holder, wants)
  if (!picked.ok) return picked
  return { ok: true, granted: recordGrant(unit, { ...request, parts: picked.parts }, { accepted: false }), pending }
}
