/**
 * Home share (R8): a counter keeps part of what its recent visitors have, so that the network's loss is not theirs. Server
 * and counter go by the same rule: the one grants what the other would keep.
 */
import { addDays } from '#core/business-date.ts'
import type { BusinessDate } from '#core/ids.ts'
import { assetKind, type Asset } from '#core/ledger/asset.ts'
import { isExpired, pick, type Lot, type Part } from '#core/ledger/lot.ts'
import type { HomeShare } from './programme.ts'

/** One of a visitor's lots as one counter may count on it: in its own keeping, and free at the server. */
export type Stake = { lot: Lot; own: number; free: number }

/** When a visitor was here last, and whether the counter's day is open. */
export type Visit = { last: BusinessDate; dayOpen: boolean }

/** The policies that hold for a visitor now. */
export const policiesFor = (
  policies: readonly HomeShare[],
  { last, dayOpen }: Visit,
  today: BusinessDate,
): HomeShare[] =>
  policies.filter((policy) => (dayOpen || policy.overnight) && addDays(today, -policy.recentDays) <= last)

/** What a counter should have in addition, of what is free. */
export function shareWanted(policies: readonly HomeShare[], stakes: readonly Stake[], today: BusinessDate): Part[] {
  return byAsset(stakes, today).flatMap(([asset, live]) => {
    const free = live.map(({ lot, free: amount }) => ({ lot, amount }))
    return pick(free, Math.max(0, shareOf(policies, asset, live) - ownOf(live))).parts
  })
}

/** What it may keep of what it has; all else goes home. */
export function shareKept(policies: readonly HomeShare[], stakes: readonly Stake[], today: BusinessDate): Part[] {
  return byAsset(stakes, today).flatMap(([asset, live]) => {
    const own = live.map(({ lot, own: amount }) => ({ lot, amount }))
    return pick(own, shareOf(policies, asset, live)).parts
  })
}

/** A counter's share of one asset. Of coupons, those of one kind count together. */
function shareOf(policies: readonly HomeShare[], asset: Asset, stakes: readonly Stake[]): number {
  const policy = policies.find((one) => one.asset === assetKind(asset))
  if (!policy) return 0
  const all = stakes.reduce((sum, { own, free }) => sum + own + free, 0)
  return Math.min(policy.cap, Math.floor((all * policy.percent) / 100))
}

const ownOf = (stakes: readonly Stake[]): number => stakes.reduce((sum, { own }) => sum + own, 0)

function byAsset(stakes: readonly Stake[], today: BusinessDate): [Asset, Stake[]][] {
  const live = new Map<Asset, Stake[]>()
  for (const stake of stakes) {
    if (isExpired(stake.lot, today)) continue
    const { asset } = stake.lot
    live.set(asset, [...(live.get(asset) ?? []), stake])
  }
  return [...live]
}
