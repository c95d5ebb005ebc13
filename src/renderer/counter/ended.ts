/** What came back with a refund after its last day, as a cashier speaks of it: coupons one by one, the rest in one sum. */
import type { Done, EndedView } from '#core/contract/views.ts'
import { Amount, type EventId, type LotId } from '#core/ids.ts'
import { couponTemplateOf } from '#core/ledger/asset.ts'
import type { TerminalClient } from '#renderer/ui/client.ts'

export type Ended = Omit<EndedView, 'lot'> & { lots: [LotId, ...LotId[]] }

export function endedSums(views: readonly EndedView[]): Ended[] {
  const sums = new Map<string, Ended>()
  for (const { lot, asset, amount, name } of views) {
    const key = couponTemplateOf(asset) === null ? asset : lot
    const before = sums.get(key)
    if (!before) sums.set(key, { asset, amount, name, lots: [lot] })
    else sums.set(key, { ...before, amount: Amount.parse(before.amount + amount), lots: [...before.lots, lot] })
  }
  return [...sums.values()]
}

type Reissue = Parameters<TerminalClient['transactions']['reissue']>[0]

/** Gives it anew, lot by lot: asked for again, each is given once. */
export async function giveAnew(
  { transactions }: TerminalClient,
  refund: EventId,
  { lots: [first, ...others] }: Ended,
  approval: Reissue['approval'],
): Promise<Done> {
  let done = await transactions.reissue({ refund, lot: first, approval })
  for (const lot of others) done = await transactions.reissue({ refund, lot, approval })
  return done
}
