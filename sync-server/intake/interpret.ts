/** What each kind of event means for what its writer does not own (R5, R6, R10): the server's own events and rows. */
import type { EventId } from '#core/ids.ts'
import { rootOf } from '#core/ledger/consequence/facts.ts'
import { reverseByServer } from '#core/ledger/consequence/reversal.ts'
import type { EventOf, LedgerEvent } from '#core/ledger/event.ts'
import { memberOf } from '#core/ledger/event-about.ts'
import type { Reversal } from '#core/ledger/plan/reversal.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { grantAgain } from '#server/restore/grant-again.ts'
import { openClaim, voidClaim } from '#server/claims/of-sale.ts'
import { floorKey, lends, openFloors, settleFloors, settleFromHome, undoFloor } from '#server/rights/floor.ts'
import { markAnswered } from '#server/rights/recall.ts'
import type { Batch } from './batch.ts'
import { addMember, addVisit } from './members.ts'
import { saveOnce } from './once.ts'
import { settleUndone, undoneBy } from './own-reversal.ts'
import { noteReversal } from './settle-reversal.ts'
import { giveWelcome } from './welcome.ts'

export type Meaning =
  | { status: 'applied' }
  /** Until the event (or member) it names has arrived, and does not wait itself. */
  | { status: 'waiting'; wants: string }
  | { status: 'quarantined'; reason: string }

const APPLIED: Meaning = { status: 'applied' }

/** Works out one posted event's meaning; from here on the batch knows it, and whether it waits. */
export function interpret(batch: Batch, event: LedgerEvent): Meaning {
  batch.known.set(event.id, event)
  const meaning = meaningOf(batch, event)
  if (meaning.status === 'waiting') batch.waiting.add(event.id)
  return meaning
}

function meaningOf(batch: Batch, event: LedgerEvent): Meaning {
  switch (event.kind) {
    case 'sale.completed':
      return completeSale(batch, event)
    case 'sale.refunded':
    case 'value.topUpRefunded':
    case 'value.debitRefunded':
    case 'coupon.unredeemed':
      return reverse(batch, event)
    case 'member.enrolled':
      return enrol(batch, event)
    case 'rights.acquired':
      if (!batch.grants.has(event.body.grant)) grantAgain(batch, event)
      else
        batch.unit.later((trx) =>
          trx.updateTable('grant_made').set({ accepted: 1 }).where('id', '=', event.body.grant).execute(),
        )
      return beOfMember(batch, event)
    case 'rights.returned':
      markAnswered(batch.unit, event.terminal, event.body.recalls)
      meetFloors(batch, event)
      return APPLIED
    default:
      return beOfMember(batch, event)
  }
}

/** What has moved means nothing more; but by what waits for a member who is not here a counter is asked who that is (R12). */
function beOfMember({ members }: Batch, event: LedgerEvent): Meaning {
  const member = memberOf(event)
  return member === null || members.has(member) ? APPLIED : { status: 'waiting', wants: member }
}

function completeSale(batch: Batch, event: EventOf<'sale.completed'>): Meaning {
  const { member } = event.body
  if (event.body.claim) openClaim(batch, event)
  if (member === null) return APPLIED
  if (!batch.members.has(member)) return { status: 'waiting', wants: member }
  if (lends(event)) {
    const loans = openFloors(batch.unit, event, member, batch.waited)
    const settled = settleFloors(batch.unit, loans)
    batch.lent.push(...loans)
    batch.floors.set(event.id, settled?.transfers ?? [])
    if (settled) saveOnce(batch.unit, floorKey(event.id), settled.id)
  }
  addVisit(batch, member, event)
  return APPLIED
}

/** Has what this event brings home meet what its counter's store had lent (R9). */
export function meetFloors(
  { unit, floors, lent }: Pick<Batch, 'unit' | 'floors' | 'lent'>,
  home: { id: EventId; transfers: readonly Transfer[] },
): void {
  for (const { cause, id, transfers } of settleFromHome(unit, home.transfers, lent)) {
    floors.set(cause, [...(floors.get(cause) ?? []), ...transfers])
    saveOnce(unit, floorKey(cause, home.id), id)
  }
}

function reverse(batch: Batch, event: Reversal): Meaning {
  const { unit, known, reversedBy } = batch
  const { reverses, mode, member } = event.body
  const original = known.get(reverses)
  if (!original) return { status: 'waiting', wants: reverses }
  if (reversedBy.has(reverses)) {
    const other = undoneBy(batch, event)
    if (other) settleUndone(batch, event, { original, other })
    return { status: 'quarantined', reason: 'reversedBefore' }
  }
  if (member !== null && !batch.members.has(member)) return { status: 'waiting', wants: member }
  if (batch.waiting.has(reverses)) return { status: 'waiting', wants: reverses }

  reversedBy.set(reverses, event.id)
  unit.insert('reversal', { event_id: reverses, reversed_by: event.id })
  if (mode === 'consequence') {
    const settled = reverseByServer(unit.facts, event, original, batch.honoured.get(reverses) ?? [])
    noteReversal(batch, event, { reverses, member }, settled, 'reversal')
  }
  if (original.kind === 'sale.completed') {
    undoFloor(unit, event, original, batch.floors.get(reverses) ?? [])
    batch.lent = batch.lent.filter(({ cause }) => cause !== reverses)
  }
  voidClaim(batch, reverses)
  if (member !== null) addVisit(batch, member, event)
  return APPLIED
}

function enrol(batch: Batch, event: EventOf<'member.enrolled'>): Meaning {
  addMember(batch, event)
  const { member } = event.body
  const person = rootOf(batch.unit.facts, member)
  if (batch.welcomed.has(person)) return APPLIED
  batch.welcomed.add(person)
  giveWelcome(batch.unit, member, event.id, event.store)
  return APPLIED
}
