/**
 * A counter's own undoing of what it had never sent (R5) may come after others have met the sale alone: its claim was
 * taken or has run out, or the sale was refunded elsewhere. It stands all the same; its counter has built on it.
 */
import { MemberId, type EventId } from '#core/ids.ts'
import { expired, isSameHolder, parseAccount, revoked } from '#core/ledger/account.ts'
import { balanceOf } from '#core/ledger/consequence/facts.ts'
import { settleUndoneTwice } from '#core/ledger/consequence/undone-twice.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { isOwnReversal, memberOf, reversesOf } from '#core/ledger/event-about.ts'
import { takeBackEarly } from '#server/claims/early.ts'
import type { Batch } from './batch.ts'
import { noteReversal, reversalSettled } from './settle-reversal.ts'

/** Makes room for it: what has become of the sale's promise meanwhile comes back into the claim that it is taken from. */
export function prepareReversal(batch: Batch, event: LedgerEvent): void {
  const reverses = reversesOf(event)
  if (!isOwnReversal(event) || reverses === null || !batch.known.has(reverses)) return
  const claim = batch.claims.get(reverses)
  if (claim?.state === 'expired') return refill(batch, event, reverses, expired)
  if (claim?.state === 'voided') return refill(batch, event, reverses, revoked)
  const honoured = batch.honoured.get(reverses)
  if (!honoured || !claim?.member) return
  takeBackEarly(batch.unit, { reversal: event, reverses, member: MemberId.parse(claim.member), honoured })
}

function refill({ unit }: Batch, event: LedgerEvent, reverses: EventId, from: typeof expired): void {
  const transfers = event.transfers
    .filter((transfer) => parseAccount(transfer.from).kind === 'claim')
    .map(({ asset, from: to, amount }) => {
      return { asset, from: from(asset), to, amount: amount - balanceOf(unit.facts, to, asset) }
    })
    .filter(({ amount }) => amount > 0)
  if (transfers.length === 0) return
  unit.decide(reversalSettled(unit, event, { reverses, member: null }, { transfers }), event.store)
}

/**
 * Whether a reversal may come after another one. A top-up's takes its value out of its writer's own keeping, and has paid the
 * customer: what a closed epoch, or a forgotten grant, lacks of it has been lent.
 */
export const standsAfter = (batch: Batch, event: LedgerEvent, original: LedgerEvent): boolean =>
  !isOwnReversal(event) || original.kind === 'value.toppedUp' || undoneBy(batch, event) !== null

/** The other counter's refund that has come before a counter's own undoing; null where that is no reason to take it. */
export function undoneBy({ known, reversedBy }: Batch, event: LedgerEvent): LedgerEvent | null {
  const reverses = reversesOf(event)
  if (!isOwnReversal(event) || reverses === null) return null
  const original = known.get(reverses)
  const other = known.get(reversedBy.get(reverses) ?? '')
  const isItsOwn = original !== undefined && isSameHolder(original, event)
  return isItsOwn && other && !isOwnReversal(other) ? other : null
}

/** Takes the other refund's effects on the member back; from here on the sale is undone by its own counter. */
export function settleUndone(
  batch: Batch,
  event: LedgerEvent,
  { original, other }: { original: LedgerEvent; other: LedgerEvent },
): void {
  const { unit, reversedBy } = batch
  const settled = settleUndoneTwice(unit.facts, event, other.id, original)
  noteReversal(batch, event, { reverses: original.id, member: memberOf(original) }, settled, 'undoneTwice')
  reversedBy.set(original.id, event.id)
  unit.later((trx) =>
    trx.updateTable('reversal').set({ reversed_by: event.id }).where('event_id', '=', original.id).execute(),
  )
}
