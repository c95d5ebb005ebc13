/** What a store's loan stood for (R9). */
import type { LotId, MemberId } from '#core/ids.ts'
import { heldBy } from '#core/ledger/account.ts'
import type { Asset } from '#core/ledger/asset.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { balanceOf, lotsIn, rootOf, type Facts } from './facts.ts'

/** So much of a lot. */
export type Awaited = { lot: LotId; amount: number }

/**
 * A counter lends only what it has none of. What it had all the same, by the server's books as its sale was posted, it had
 * been granted without hearing of it: that pays the loan as it comes home. What the counter earns, or is granted, later on
 * does not; nor does what the sale itself gave.
 */
export function awaitedBy(facts: Facts, sale: LedgerEvent, member: MemberId, asset: Asset): Awaited[] {
  const person = rootOf(facts, member)
  const given = new Set(sale.lots.map(({ id }) => id))
  return lotsIn(facts)
    .filter((lot) => lot.asset === asset && rootOf(facts, lot.member) === person && !given.has(lot.id))
    .map((lot) => ({ lot: lot.id, amount: balanceOf(facts, heldBy(lot.id, sale), asset) }))
    .filter(({ amount }) => amount > 0)
}
