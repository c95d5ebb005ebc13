/**
 * Receives a counter's events: in one transaction, in their order, each once, for ever. One bad event never blocks the
 * rest: what cannot be read or takes what is not its writer's is kept in quarantine under its place in the chain.
 */
import type { Personal, WireEvent } from '#core/contract/sync.ts'
import type { Holder } from '#core/ledger/account.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { chunks } from '#storage/bulk.ts'
import type { QuarantineTable } from '#storage/server-tables.ts'
import type { Ledger, Unit } from '#server/ledger/unit-of-work.ts'
import type { Trx } from '#server/ledger/database.ts'
import { settleRestore } from '#server/restore/restored.ts'
import { canGrantAgain } from '#server/restore/grant-again.ts'
import { freeFromClosed, lendToClosed } from '#server/rights/late.ts'
import { recallDues } from '#server/rights/recall.ts'
import { rewardStamps, settleMoved, type Moved } from './aftermath.ts'
import { loadBatch, type Batch } from './batch.ts'
import { lockChain, place, readArrival, type Arrival, type Arriving, type Head } from './chain.ts'
import { dropTaken } from './inbox-rows.ts'
import { interpret, prepareReversal, type Outcome } from './interpret.ts'
import { grantMismatch, isOwnReversal, misplaced, unlawful, type Reason } from './judge.ts'
import { addPersonal, saveMembers } from './members.ts'
import { saveOutcome } from './outcome.ts'

export type Push = { holder: Holder; store: string; events: readonly Arriving[]; personal: readonly Personal[] }
export type Pushed =
  | { kind: 'stored'; stored: number; fresh: number; quarantined: number; forgotten: number }
  | { kind: 'gap'; expected: number }
  | { kind: 'forked'; seq: number }

export function receivePush(ledger: Ledger, push: Push): Promise<Pushed> {
  return ledger.write(push.store, async (unit): Promise<Pushed> => {
    const head = await lockChain(unit, push.holder)
    const placed = await place(unit.trx, push.holder, head, push.events)
    if (placed.kind === 'gap') return placed
    if (placed.kind === 'forked') {
      keepFork(unit, push.holder, placed.events, head)
      return { kind: 'forked', seq: placed.seq }
    }
    const arrivals = placed.fresh.map(readArrival)
    if (arrivals.length === 0 && push.personal.length === 0)
      return { kind: 'stored', stored: head.seq, fresh: 0, quarantined: 0, forgotten: 0 }
    const taken = await take(unit, push, arrivals, head)
    return { kind: 'stored', stored: head.seq + arrivals.length, fresh: arrivals.length, ...taken }
  })
}

/** How many events had to be put aside, and how many grants were made again. */
type Taken = { quarantined: number; forgotten: number }

/** Takes in what is new. */
async function take(unit: Unit, push: Push, arrivals: readonly Arrival[], head: Head): Promise<Taken> {
  const events = arrivals.flatMap(({ read }) => (read.ok ? [read.event] : []))
  const batch = await loadBatch(
    unit,
    events,
    push.personal.map((one) => one.member),
  )
  const taken = await idsAndCardsTaken(unit.trx, events)
  const moved: Moved[] = []
  const aside: QuarantineTable[] = []
  let previous = head.hash
  for (const arrival of arrivals) {
    const reason = judge(batch, push, arrival, previous, taken)
    previous = arrival.hash
    if (reason !== null || !arrival.read.ok) {
      aside.push(putAside(unit, push.holder, arrival, reason ?? 'unreadable'))
      continue
    }
    const { event } = arrival.read
    const posted = event.kind !== 'rights.acquired'
    if (head.closed && posted) lendToClosed(unit, event, push.holder)
    prepareReversal(batch, event)
    const kept = unit.keep({ event, text: arrival.text, hash: arrival.hash }, posted)
    const decidedBefore = unit.decided.length
    if (kept) {
      batch.known.set(event.id, event)
      noteOutcome(unit, event, interpret(batch, event))
    } else aside.push(putAside(unit, push.holder, arrival, 'overdrawn'))
    const freed = head.closed ? freeFromClosed(unit, event, push.holder) : null
    if (freed) moved.push(freed)
    if (kept && posted) settleMoved(unit, event)
    for (const { id, draft } of unit.decided.slice(decidedBefore)) {
      settleMoved(unit, { id: event.id, store: event.store, transfers: draft.transfers })
      if (draft.kind === 'claim.honoured') moved.push({ id, store: event.store, transfers: draft.transfers })
    }
    if (kept && posted) moved.push(event)
  }
  await rewardStamps(unit, moved)
  await recallDues(unit, batch.dues)
  await addProfiles(batch, push.personal)
  saveMembers(batch)
  saveQuarantine(unit, aside)
  advance(unit, push.holder, arrivals)
  return { quarantined: aside.length, forgotten: batch.forgotten }
}

type Names = { ids: Set<string>; members: Set<string>; cards: Set<string> }

/** Null when the event may be posted; and then it has its id, member and card number for itself. */
function judge(
  batch: Batch,
  { holder, store }: Push,
  arrival: Arrival,
  previous: string | null,
  taken: Names,
): Reason | null {
  if (!arrival.read.ok) return arrival.read.reason
  const { event } = arrival.read
  const wrong = misplaced(event, { holder, store, seq: arrival.seq, previous })
  if (wrong) return wrong
  if (taken.ids.has(event.id)) return 'duplicateId'
  const reason = judgeContent(batch, event, holder, taken)
  if (reason === null) taken.ids.add(event.id)
  return reason
}

function judgeContent(batch: Batch, event: LedgerEvent, holder: Holder, taken: Names): Reason | null {
  if (event.kind === 'rights.acquired') {
    const grant = batch.grants.get(event.body.grant)
    if (!grant) return canGrantAgain(batch.unit.facts, event, holder) ? null : 'unknownGrant'
    if (grant.terminal !== holder.terminal || grant.epoch !== holder.epoch) return 'unknownGrant'
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
  const original = 'reverses' in event.body ? batch.known.get(event.body.reverses) : undefined
  if (original && batch.reversedBy.has(original.id) && isOwnReversal(event)) return 'notOwnReversal'
  return unlawful(event, holder, batch.unit.facts, original ?? null)
}

async function idsAndCardsTaken(trx: Trx, events: readonly LedgerEvent[]): Promise<Names> {
  const taken: Names = { ids: new Set(), members: new Set(), cards: new Set() }
  for (const part of chunks(events, 1)) {
    const rows = await trx
      .selectFrom('event')
      .select('id')
      .where(
        'id',
        'in',
        part.map((event) => event.id),
      )
      .execute()
    for (const { id } of rows) taken.ids.add(id)
  }
  const enrolled = events.flatMap((event) => (event.kind === 'member.enrolled' ? [event.body] : []))
  for (const part of chunks(enrolled, 2)) {
    const rows = await trx
      .selectFrom('member')
      .select(['id', 'card'])
      .where((eb) =>
        eb.or([
          eb(
            'id',
            'in',
            part.map((one) => one.member),
          ),
          eb(
            'card',
            'in',
            part.map((one) => one.card),
          ),
        ]),
      )
      .execute()
    for (const { id, card } of rows) {
      taken.members.add(id)
      taken.cards.add(card)
    }
  }
  return taken
}

function noteOutcome(unit: Unit, event: LedgerEvent, outcome: Outcome): void {
  if (outcome.status === 'applied') return
  if (outcome.status === 'waiting') {
    unit.insert('waiting', { event_id: event.id, wants: outcome.wants, since: unit.now })
  }
  saveOutcome(unit, {
    event: event.id,
    terminal: event.terminal,
    status: outcome.status,
    reason: outcome.status === 'waiting' ? '' : outcome.reason,
  })
}

const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\u{FFFD}')

function putAside(unit: Unit, { terminal, epoch }: Holder, arrival: Arrival, reason: Reason): QuarantineTable {
  const event = arrival.read.ok ? arrival.read.event.id : `${epoch}.${arrival.seq}`
  saveOutcome(unit, { event, terminal, status: 'quarantined', reason })
  return {
    terminal,
    epoch,
    seq: arrival.seq,
    hash: arrival.hash,
    text: storable(arrival.text),
    reason,
    at: unit.now,
    resolved_by: null,
  }
}

function saveQuarantine(unit: Unit, rows: readonly QuarantineTable[]): void {
  if (rows.length === 0) return
  unit.later(async (trx) => {
    for (const part of chunks(rows, 8)) {
      await trx
        .insertInto('quarantine')
        .values(part)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
  })
}

/** Two events under one place prove a cloned or restored disk: nothing of it is applied, all of it is kept (R11). */
function keepFork(unit: Unit, { terminal, epoch }: Holder, events: readonly WireEvent[], head: Head): void {
  const reason = 'forked'
  const rows = events.map(({ seq, hash, text }) => ({
    terminal,
    epoch,
    seq,
    hash,
    text: storable(text),
    reason,
    at: unit.now,
    resolved_by: null,
  }))
  saveQuarantine(unit, rows)
  if (head.closed) return
  unit.later(async (trx) => {
    const forked = trx.updateTable('terminal_epoch').set({ status: reason })
    await forked.where('terminal', '=', terminal).where('epoch', '=', epoch).execute()
    const frozen = trx.updateTable('terminal').set({ status: 'frozen', frozen_reason: reason })
    await frozen.where('id', '=', terminal).execute()
    await settleRestore(trx, unit.now)
  })
}

function advance(unit: Unit, holder: Holder, arrivals: readonly Arrival[]): void {
  const { terminal, epoch } = holder
  const last = arrivals.at(-1)
  unit.later(async (trx) => {
    await trx.updateTable('terminal').set({ last_seen_at: unit.now }).where('id', '=', terminal).execute()
    if (!last) return
    const head = { head_seq: last.seq, head_hash: last.hash }
    await trx
      .updateTable('terminal_epoch')
      .set(head)
      .where('terminal', '=', terminal)
      .where('epoch', '=', epoch)
      .execute()
    await dropTaken(trx, holder, last.seq)
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
