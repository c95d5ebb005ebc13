/**
 * A counter undid a sale before it had ever sent it, which is lawful and stands; but the sale alone had come, and another
 * counter has refunded it since. Nothing is given back twice: what that refund gave the member is taken again, and what it
 * took from them is given back (R5).
 */
import type { EventId } from '#core/ids.ts'
import { freeOf, isRisk, revoked } from '#core/ledger/account.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import type { Lot } from '#core/ledger/lot.ts'
import type { Facts } from './facts.ts'
import { clawBack, commit, givenBy, ranOutOf, spentOf, type Reversed } from './reversal.ts'

/** `own` is posted already, and `other` was settled before it. Its dues are new ones, and those of `other` that are less now. */
export function settleUndoneTwice(facts: Facts, own: LedgerEvent, other: EventId, original: LedgerEvent): Reversed {
  const result: Reversed = { transfers: [], dues: [], short: 0 }
  for (const transfer of original.transfers) {
    const lot = spentOf(facts, transfer)
    if (lot) clawBack(facts, own, lot, transfer.amount - ranOutTwice(facts, lot, transfer.amount), result)
    // The store has had back twice what it had lent.
    else if (isRisk(transfer.from)) commit(facts, [transfer], result)
  }
  for (const [lot, amount] of givenBy(facts, original, [])) giveAgain(facts, other, lot, amount, result)
  return result
}

/** What has run out of a lot is of what was never spent, as far as that goes; the rest is of the amount given back twice. */
const ranOutTwice = (facts: Facts, lot: Lot, amount: number): number =>
  Math.max(0, ranOutOf(facts, lot) - (lot.quantity - amount))

/** What the other refund still waits for of a lot is not due any more; what it had from elsewhere is free again. */
function giveAgain(facts: Facts, other: EventId, lot: Lot, given: number, result: Reversed): void {
  let left = Math.max(0, given - ranOutOf(facts, lot))
  for (const due of facts.dues.get(lot.id) ?? []) {
    if (due.cause !== other) continue
    const less = Math.min(due.amount, left)
    due.amount -= less
    left -= less
    result.dues.push(due)
  }
  const { asset } = lot
  if (left > 0) commit(facts, [{ asset, from: revoked(asset), to: freeOf(lot.id), amount: left }], result)
}
