/** A lot: one grant of one asset to one member. Expiry, oldest-first use, clawback and offline safety all rest on it. */
import { z } from 'zod'
import { Amount, BusinessDate, CouponCode, LotId, MemberId } from '#core/ids.ts'
import { Asset } from './asset.ts'

export const LotTerms = z
  .object({
    /** Why it was given. */
    source: z.enum(['sale', 'claim', 'manual', 'topUp', 'bonus', 'welcome', 'stampReward', 'issued']),
    /** What the member paid for it; money goes back only against what was paid. */
    paid: Amount,
  })
  .strict()
export type LotTerms = z.infer<typeof LotTerms>

export const Lot = z
  .object({
    id: LotId,
    member: MemberId,
    asset: Asset,
    /** What was granted at first. A coupon is a lot of quantity 1. */
    quantity: z.number().int().positive(),
    /** Unix milliseconds. */
    issuedAt: z.number().int(),
    /** The last day it can be used, or null when it never ends. */
    expiresOn: BusinessDate.nullable(),
    terms: LotTerms,
    /** Coupons only: what is printed and scanned. */
    code: CouponCode.nullable(),
  })
  .strict()
export type Lot = z.infer<typeof Lot>

export const isExpired = (lot: Pick<Lot, 'expiresOn'>, today: BusinessDate): boolean =>
  lot.expiresOn !== null && lot.expiresOn < today

/** R2's order of use: soonest expiry, then age, then id. */
export function byUse(a: Lot, b: Lot): number {
  const expiryA = a.expiresOn ?? '9999-12-31'
  const expiryB = b.expiresOn ?? '9999-12-31'
  if (expiryA !== expiryB) return expiryA < expiryB ? -1 : 1
  if (a.issuedAt !== b.issuedAt) return a.issuedAt - b.issuedAt
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

export type Part = { lot: Lot; amount: number }

export type Picked = { parts: Part[]; short: number }

/** Takes `amount` from the given parts in R2's order. `short` is what they lack; 0 when they suffice. */
export function pick(available: readonly Part[], amount: number): Picked {
  const parts: Part[] = []
  let left = amount
  for (const { lot, amount: has } of available.toSorted((a, b) => byUse(a.lot, b.lot))) {
    if (left === 0) break
    const take = Math.min(has, left)
    if (take > 0) parts.push({ lot, amount: take })
    left -= take
  }
  return { parts, short: left }
}
