/**
 * Settling on arrival (R6): whatever becomes free of a lot first meets what is due from it, then what was lent on it (R11,
 * R12), then its last day, then what its member owes. And what is due from a lot that has been spent out is taken from elsewhere.
 */
import type { MemberId } from '#core/ids.ts'
import { expired, freeOf, revoked, riskOf } from '#core/ledger/account.ts'
import { isEarned, type Asset } from '#core/ledger/asset.ts'
import { isExpired, pick, type Lot } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { debtIn, dueOf, freeIn, heldIn, owedBy, usableLots, type Due, type Facts, type OpenLoan } from './facts.ts'

/** Transfers to post, and what they take off the dues and the loans. */
export type Settled = { transfers: Transfer[]; taken: Due[]; repaid: OpenLoan[] }

/** What becomes of the free part of one lot. */
export function settleLot(facts: Facts, lot: Lot): Settled {
  const { asset } = lot
  const from = freeOf(lot.id)
  const transfers: Transfer[] = []
  const taken: Due[] = []
  const repaid: OpenLoan[] = []
  let free = freeIn(facts, lot)
  for (const due of facts.dues.get(lot.id) ?? []) {
    const amount = Math.min(due.amount, free)
    if (amount === 0) continue
    transfers.push({ asset, from, to: revoked(asset), amount })
    taken.push({ ...due, amount })
    free -= amount
  }
  for (const loan of facts.loans.get(lot.id) ?? []) {
    const amount = Math.min(loan.amount, free)
    if (amount === 0) continue
    transfers.push({ asset, from, to: riskOf(loan.store, asset), amount })
    repaid.push({ ...loan, amount })
    free -= amount
  }
  if (free > 0 && isExpired(lot, facts.today)) {
    transfers.push({ asset, from, to: expired(asset), amount: free })
    return { transfers, taken, repaid }
  }
  const owed = Math.min(free, owedBy(facts, lot.member, asset))
  if (owed > 0) transfers.push({ asset, from, to: debtIn(facts, lot.member, asset), amount: owed })
  return { transfers, taken, repaid }
}

/**
 * What is due from a lot beyond all that is left of it: someone has spent it. What is spent of a gift is not owed (R6): it stays
 * due, and meets only what comes back into that lot.
 */
export function overdue(facts: Facts, lot: Lot): Due[] {
  if (lot.terms.source === 'welcome') return []
  let excess = dueOf(facts, lot.id) - freeIn(facts, lot) - heldIn(facts, lot)
  const moved: Due[] = []
  for (const due of (facts.dues.get(lot.id) ?? []).toReversed()) {
    const amount = Math.min(due.amount, excess)
    if (amount <= 0) break
    moved.push({ ...due, amount })
    excess -= amount
  }
  return moved
}

/** Takes an amount back from a member's lots, oldest first; what they lack becomes debt, if it may be owed. */
export function takeBack(
  facts: Facts,
  member: MemberId,
  asset: Asset,
  amount: number,
  to = revoked(asset),
): { transfers: Transfer[]; short: number } {
  const available = usableLots(facts, member, asset).map((lot) => ({ lot, amount: freeIn(facts, lot) }))
  const { parts, short } = pick(available, amount)
  const transfers: Transfer[] = parts.map((part) => ({ asset, from: freeOf(part.lot.id), to, amount: part.amount }))
  if (short === 0 || !isEarned(asset)) return { transfers, short }
  return { transfers: [...transfers, { asset, from: debtIn(facts, member, asset), to, amount: short }], short: 0 }
}
