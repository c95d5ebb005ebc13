/**
 * What a member can hold, and cash. An asset is named by a string, the same in memory, in events and in both databases:
 * `points` | `stamp:<card>` | `value:<currency>` | `coupon:<template>` | `cash:<currency>`.
 */
import { z } from 'zod'
import { CouponTemplateId, StampCardId } from '#core/ids.ts'

export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .brand<'Currency'>()
export type Currency = z.infer<typeof Currency>

export const Asset = z
  .string()
  .regex(/^(points|stamp:[a-z0-9][a-z0-9-]{0,31}|coupon:[a-z0-9][a-z0-9-]{0,31}|(value|cash):[A-Z]{3})$/)
  .brand<'Asset'>()
export type Asset = z.infer<typeof Asset>

export type AssetKind = 'points' | 'stamp' | 'value' | 'coupon' | 'cash'

export const POINTS: Asset = Asset.parse('points')
/** A shop has few assets, and names them all day. */
const known = new Map<string, Asset>()

function named(text: string): Asset {
  let asset = known.get(text)
  if (asset === undefined) known.set(text, (asset = Asset.parse(text)))
  return asset
}

export const stampAsset = (card: StampCardId): Asset => named(`stamp:${card}`)
export const couponAsset = (template: CouponTemplateId): Asset => named(`coupon:${template}`)
export const valueAsset = (currency: Currency): Asset => named(`value:${currency}`)
export const cashAsset = (currency: Currency): Asset => named(`cash:${currency}`)

const KINDS: Record<string, AssetKind> = {
  points: 'points',
  stamp: 'stamp',
  value: 'value',
  coupon: 'coupon',
  cash: 'cash',
}

export function assetKind(asset: Asset): AssetKind {
  const kind = KINDS[asset.split(':', 1)[0] ?? '']
  if (!kind) throw new Error(`not an asset: ${asset}`)
  return kind
}

/** The coupon template an asset stands for, or null when it is no coupon. */
export function couponTemplateOf(asset: Asset): CouponTemplateId | null {
  return asset.startsWith('coupon:') ? CouponTemplateId.parse(asset.slice('coupon:'.length)) : null
}

/** The stamp card an asset stands for, or null when it is no stamp. */
export function stampCardOf(asset: Asset): StampCardId | null {
  return asset.startsWith('stamp:') ? StampCardId.parse(asset.slice('stamp:'.length)) : null
}

/** What members earn; debt is only for that (R6). */
export const isEarned = (asset: Asset): boolean => asset === POINTS || asset.startsWith('stamp:')
