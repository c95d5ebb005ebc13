/**
 * What a reversal means for the member's side (R5): what was spent comes back into the very lots it came from, what was
 * given is taken from the very lots it went to; what counters still hold of them stays due, what has been spent is taken
 * from the member's other lots, and the rest is owed.
 */
import type { LotId } from '#core/ids.ts'
import { freeOf, isClaim, isIssued, isRedeemed, isRevoked, parseAccount, revoked } from '#core/ledger/account.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import type { Lot } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { addDue, balanceOf, dueOf, enter, freeIn, heldIn, lotIn, type Due, type Facts } from './facts.ts'
import { takeBack } from './settle.ts'

export type Reversed = { transfers: Transfer[]; dues: Due[]; /** What could be taken nowhere. */ short: number }

/** Which lots a claim's promise went to once it was honoured, and how much. */
export type Honoured = readonly { lot: Lot; amount: number }[]

/**
 * The server's side of reversing `original` by `reversal`. Its transfers are posted to the facts as they are found, so
 * that each step sees the one before.
 */
export function reverseByServer(
  facts: Facts,
  reversal: LedgerEvent,
  original: LedgerEvent,
  honoured: Honoured,
): Reversed {
  const result: Reversed = { transfers: [], dues: [], short: 0 }
  for (const transfer of original.transfers) giveBack(facts, transfer, result)
  for (const [lot, amount] of givenBy(facts, original, honoured)) {
    clawBack(facts, reversal, lot, amount - takenBy(reversal, lot.id) - ranOutOf(facts, lot), result)
  }
  for (const transfer of original.transfers) voidPromise(facts, transfer, result)
  return result
}

export function commit(facts: Facts, transfers: Transfer[], result: Reversed): void {
  enter(facts, { transfers, lots: [] })
  result.transfers.push(...transfers)
}

/** What was redeemed goes back to where it came from, free. */
function giveBack(facts: Facts, { asset, from, to, amount }: Transfer, result: Reversed): void {
  const lot = spentOf(facts, { from, to })
  if (lot) commit(facts, [{ asset, from: to, to: freeOf(lot.id), amount }], result)
}

/** The lot that a transfer spends of. */
export function spentOf(facts: Facts, { from, to }: Pick<Transfer, 'from' | 'to'>): Lot | undefined {
  const parts = parseAccount(from)
  const spends = isRedeemed(to) && (parts.kind === 'held' || parts.kind === 'free')
  return spends ? lotIn(facts, parts.lot) : undefined
}

export function givenBy(facts: Facts, original: LedgerEvent, honoured: Honoured): [Lot, number][] {
  const given: [Lot, number][] = []
  for (const { from, to, amount } of original.transfers) {
    const parts = parseAccount(to)
    if (!isIssued(from) || (parts.kind !== 'held' && parts.kind !== 'free')) continue
    const lot = lotIn(facts, parts.lot)
    if (lot) given.push([lot, amount])
  }
  return [...given, ...honoured.map(({ lot, amount }): [Lot, number] => [lot, amount])]
}

/** What the reversal itself has taken back of a lot already, from its own counter's keeping. */
function takenBy(reversal: LedgerEvent, lot: LotId): number {
  return reversal.transfers.reduce((sum, { from, to, amount }) => {
    const parts = parseAccount(from)
    const ours = (parts.kind === 'held' || parts.kind === 'free') && parts.lot === lot
    return ours && (isRevoked(to) || isIssued(to)) ? sum + amount : sum
  }, 0)
}

/** How much of a lot nobody has any more, and nobody is asked for. */
export const ranOutOf = (facts: Facts, lot: Lot): number => facts.expired.get(lot.id) ?? 0

/** Takes so much of what a lot has given, if that is more than nothing. */
export function clawBack(facts: Facts, reversal: LedgerEvent, lot: Lot, amount: number, result: Reversed): void {
  const { asset } = lot
  let left = Math.max(0, amount)
  const free = Math.min(left, freeIn(facts, lot))
  if (free > 0) commit(facts, [{ asset, from: freeOf(lot.id), to: revoked(asset), amount: free }], result)
  left -= free
  const held = Math.max(0, Math.min(left, heldIn(facts, lot) - dueOf(facts, lot.id)))
  if (held > 0) {
    const due = { cause: reversal.id, lot: lot.id, amount: held }
    addDue(facts, due)
    result.dues.push(due)
  }
  left -= held
  if (left === 0) return
  const { transfers, short } = takeBack(facts, lot.member, asset, left)
  commit(facts, transfers, result)
  result.short += short
}

/** A promise nobody has claimed yet is taken back from its own account. */
function voidPromise(facts: Facts, { asset, to }: Transfer, result: Reversed): void {
  if (!isClaim(to)) return
  const amount = balanceOf(facts, to, asset)
  if (amount > 0) commit(facts, [{ asset, from: to, to: revoked(asset), amount }], result)
}
