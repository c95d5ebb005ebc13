/**
 * Takes in events of one chain, in their order: each is judged, posted and worked out, or put aside. So it goes for what has
 * just arrived, and for what is read again.
 */
import type { Personal } from '#core/contract/sync.ts'
import type { EventId } from '#core/ids.ts'
import { isSameHolder, type Holder } from '#core/ledger/account.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { reversesOf } from '#core/ledger/event-about.ts'
import { chunks } from '#storage/bulk.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import { canGrantAgain } from '#server/restore/grant-again.ts'
import { freeFromClosed, lendToClosed } from '#server/rights/late.ts'
import { partlyReturned, returnPart } from '#server/rights/return-part.ts'
import { settleMoved, type Moved } from './aftermath.ts'
import type { Aside } from './aside.ts'
import { loadBatch, type Batch } from './batch.ts'
import type { Arrival } from './chain.ts'
import { interpret, meetFloors, type Meaning } from './interpret.ts'
import { grantMismatch, misplaced, unlawful, type AsideReason } from './judge.ts'
import { addPersonal } from './members.ts'
import { namesTaken, type Names } from './names.ts'
import { saveOutcome, whyWaiting } from './outcome.ts'
import { prepareReversal, standsAfter } from './own-reversal.ts'
import { finish, settleDecided } from './work-out.ts'

/** `closed`: what still comes of it are late facts (R11). */
export type Chain = { holder: Holder; store: string; closed: boolean }
/** An event, and the hash it must follow on; of a hand-back that was put aside before, what of it was freed all the same. */
export type Link = Arrival & { previous: string | null; freed?: ReadonlySet<string> }
export type Taken = {
  aside: Aside<Link>[]
  /** Of hand-backs put aside, those of which nothing is left to take, and the event that took the last. */
  whole: Map<Link, EventId>
  /** What was taken and has an outcome of its own. */
  noted: Set<string>
  /** Where a grant was taken that this server had forgotten: it may have been put back from a backup (R12). */
  forgotten: readonly number[]
}

/** A batch on its way in: what to judge by, and what has come of it so far. */
type Taking = Taken & { batch: Batch; chain: Chain; names: Names; moved: Moved[] }

export async function takeIn(
  unit: Unit,
  chain: Chain,
  links: readonly Link[],
  personal: readonly Personal[] = [],
): Promise<Taken> {
  const events = links.flatMap(({ read }) => (read.ok ? [read.event] : []))
  const others = personal.map((one) => one.member)
  const batch = await loadBatch(unit, events, { others, closed: chain.closed })
  const names = await namesTaken(unit.trx, events)
  const { forgotten } = batch
  const taking: Taking = { batch, chain, names, moved: [], aside: [], whole: new Map(), noted: new Set(), forgotten }
  for (const link of links) takeOne(taking, link)
  await addProfiles(batch, personal)
  await finish(batch, taking.moved)
  return taking
}

function takeOne(taking: Taking, link: Link): void {
  const reason = link.freed ? 'unknownLot' : judge(taking.batch, taking.chain, link, taking.names)
  if (reason !== null || !link.read.ok) setAside(taking, link, reason ?? 'unreadable')
  else if (!post(taking, link, link.read.event)) setAside(taking, link, 'overdrawn')
}

/** Posts an event and works it out; false where it overdraws, and then only what was lent for it is settled. */
function post({ batch, chain, moved, noted }: Taking, { text, hash }: Link, event: LedgerEvent): boolean {
  const { unit } = batch
  const { holder, closed } = chain
  const posted = event.kind !== 'rights.acquired'
  if (closed && posted) lendToClosed(unit, event, holder)
  prepareReversal(batch, event)
  const kept = unit.keep({ event, text, hash }, posted)
  const decidedBefore = unit.decided.length
  if (kept) {
    const outcome = interpret(batch, event)
    if (outcome.status !== 'applied') noted.add(event.id)
    noteOutcome(unit, event, outcome)
  }
  const freed = closed ? freeFromClosed(unit, event, holder) : null
  if (freed) moved.push(freed)
  if (kept && posted) settleMoved(unit, event)
  for (const { id, draft } of settleDecided(unit, event, decidedBefore)) {
    if (draft.kind === 'claim.honoured') moved.push({ id, store: event.store, transfers: draft.transfers })
  }
  if (kept && posted) moved.push(event)
  return kept
}

/** Of a hand-back that is put aside, what can be taken is taken all the same. */
function setAside({ batch, chain, moved, aside, whole }: Taking, arrival: Link, reason: AsideReason): void {
  const { unit } = batch
  aside.push({ arrival, reason })
  const returned = partlyReturned(arrival, reason)
  if (!returned) return
  const part = returnPart(unit, returned, { ...chain, hash: arrival.hash, freed: arrival.freed ?? new Set() })
  for (const { by, moved: home } of part.freed) {
    meetFloors(batch, { id: by, transfers: home.transfers })
    settleMoved(unit, home)
    moved.push(home)
  }
  if (part.whole) whole.set(arrival, part.whole)
}

/** Null when the event may be posted; and then it has its id, member and card number for itself. */
function judge(batch: Batch, { holder, store }: Chain, link: Link, taken: Names): AsideReason | null {
  if (!link.read.ok) return link.read.reason
  const { event } = link.read
  const wrong = misplaced(event, { holder, store, seq: link.seq, previous: link.previous })
  if (wrong) return wrong
  if (taken.ids.has(event.id)) return 'duplicateId'
  const reason = judgeContent(batch, event, holder, taken)
  if (reason === null) taken.ids.add(event.id)
  return reason
}

function judgeContent(batch: Batch, event: LedgerEvent, holder: Holder, taken: Names): AsideReason | null {
  if (event.kind === 'rights.acquired') {
    const grant = batch.grants.get(event.body.grant)
    if (!grant) return canGrantAgain(batch.unit.facts, event, holder) ? null : 'unknownGrant'
    if (!isSameHolder(grant, holder)) return 'unknownGrant'
    if (grant.accepted || grantMismatch(event, grant.granted, holder)) return 'grantMismatch'
    grant.accepted = true
    return null
  }
  if (event.kind === 'member.enrolled') {
    if (taken.members.has(event.body.member)) return 'memberExists'
    if (taken.cards.has(event.body.card)) return 'cardTaken'
    taken.members.add(event.body.member)
    taken.cards.add(event.body.card)
  }
  const original = batch.known.get(reversesOf(event) ?? '')
  if (original && batch.reversedBy.has(original.id) && !standsAfter(batch, event, original)) return 'notOwnReversal'
  return unlawful(event, holder, batch.unit.facts, original ?? null)
}

function noteOutcome(unit: Unit, event: LedgerEvent, outcome: Meaning): void {
  if (outcome.status === 'applied') return
  if (outcome.status === 'waiting') {
    unit.insert('waiting', { event_id: event.id, wants: outcome.wants, since: unit.now })
  }
  saveOutcome(unit, {
    event: event.id,
    terminal: event.terminal,
    status: outcome.status,
    reason: outcome.status === 'waiting' ? whyWaiting(event, outcome.wants) : outcome.reason,
  })
}

/** Personal data stands beside the events: kept when it is what the member's enrolment vouches for. */
async function addProfiles(batch: Batch, personal: readonly Personal[]): Promise<void> {
  const { unit } = batch
  const digests = new Map<string, string>()
  for (const { sealed } of unit.arrived) {
    if (sealed.event.kind === 'member.enrolled') digests.set(sealed.event.body.member, sealed.event.body.digest)
  }
  const earlier = personal.map((one) => one.member).filter((id) => !digests.has(id))
  for (const part of chunks(earlier, 1)) {
    const rows = await unit.trx
      .selectFrom('personal')
      .select(['member', 'digest'])
      .where('member', 'in', part)
      .where('salt', '=', '')
      .execute()
    for (const row of rows) digests.set(row.member, row.digest)
  }
  for (const one of personal) addPersonal(batch, one, digests.get(one.member))
}
