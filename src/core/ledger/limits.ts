/** What no honest event comes near: the server puts such a one aside, so a counter does not make it. */
import { lotOf } from './account.ts'
import { assetKind, type Asset, type AssetKind } from './asset.ts'
import type { Draft } from './event.ts'

/** No honest amount comes near this. */
export const LARGEST = 1_000_000_000_000
/**
 * What one event may bring in of an asset that is not money: these are added up by person, and the sum stays exact over
 * more events than a counter can make.
 */
export const MOST_EARNED = LARGEST / 100

const MONEY = new Set<AssetKind>(['value', 'cash'])

/** What comes out of lots was in them before; all else an event can bring in at will. */
export function isTooLarge({ body, transfers }: Pick<Draft, 'body' | 'transfers'>): boolean {
  if ('total' in body && body.total > LARGEST) return true
  const broughtIn = new Map<Asset, number>()
  return transfers.some(({ asset, from, amount }) => {
    if (amount > LARGEST) return true
    const sum = (broughtIn.get(asset) ?? 0) + (lotOf(from) === null ? amount : 0)
    broughtIn.set(asset, sum)
    return sum > (MONEY.has(assetKind(asset)) ? LARGEST : MOST_EARNED)
  })
}
