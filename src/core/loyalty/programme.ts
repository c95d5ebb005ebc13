/** The shop's loyalty programme: every rule the counter prices and earns by, as one versioned document. */
import { z } from 'zod'
import { Amount, CouponTemplateId, StampCardId, StoreId } from '#core/ids.ts'
import { Currency } from '#core/ledger/asset.ts'

const positive = z.number().int().positive()

/** A validity in days from the day it is given (the day itself counts as day 0), or null when it never ends. */
const ValidDays = z.number().int().min(0).max(36_500).nullable()

export const Money = z.object({
  currency: Currency,
  decimals: z.number().int().min(0).max(4),
  symbol: z.string().max(8),
})
export type Money = z.infer<typeof Money>

const TierId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/)

export const Tier = z.object({
  id: TierId,
  name: z.string(),
  /** Spend this much (net, in all) to reach it; 0 for the first tier. */
  spendToReach: Amount,
  /** Points: every `per` spent gives `points`, floored; nothing under `minimum`. */
  earn: z.object({ per: positive, points: Amount, minimum: Amount }),
})
export type Tier = z.infer<typeof Tier>

export const CouponTemplate = z.object({
  id: CouponTemplateId,
  name: z.string(),
  kind: z.discriminatedUnion('type', [
    z.object({ type: z.literal('amountOff'), amount: positive }),
    z.object({ type: z.literal('percentOff'), percent: z.number().int().min(1).max(100) }),
    z.object({ type: z.literal('gift') }),
  ]),
  /** Against the sale before any discount. */
  minimumSpend: Amount,
  validDays: ValidDays,
  terms: z.string(),
})
export type CouponTemplate = z.infer<typeof CouponTemplate>

export const StampCard = z.object({
  id: StampCardId,
  name: z.string(),
  size: z.number().int().min(1).max(50),
  /** One stamp a visit of at least `minimumSpend`; or, with `per`, one for every `per` spent. */
  minimumSpend: Amount,
  per: positive.nullable(),
  reward: CouponTemplateId,
  validDays: ValidDays,
})
export type StampCard = z.infer<typeof StampCard>

/** What a counter keeps of its recent visitors' lots, so that the network's loss is not the member's (R8). */
export const HomeShare = z.object({
  asset: z.enum(['points', 'stamp', 'coupon', 'value']),
  /** Of what is free, in percent, floored; never more than `cap` a member. */
  percent: z.number().int().min(1).max(100),
  cap: positive,
  /** Members who were here within so many days. */
  recentDays: z.number().int().min(1).max(365),
  /** Kept after the day is closed. */
  overnight: z.boolean(),
})
export type HomeShare = z.infer<typeof HomeShare>

/** What a store lends while the rest of a member's holdings is out of reach (R9); renewed only by sync. */
export const FloorLimit = z.object({
  store: StoreId,
  asset: z.enum(['points', 'value']),
  perSale: Amount,
  perMember: Amount,
  /** By one counter in one business day, and by one counter since it last synced. */
  perDay: Amount,
  perCounter: Amount,
})
export type FloorLimit = z.infer<typeof FloorLimit>

export const Programme = z.object({
  version: z.number().int().positive(),
  money: Money,
  /** At most five, lowest first. The first is everyone's. */
  tiers: z.array(Tier).min(1).max(5),
  /** What a customer without a member card may claim from the receipt. */
  claimEarn: Tier.shape.earn,
  claimValidDays: z.number().int().min(1).max(365),
  pointsValidDays: ValidDays,
  /** What one point pays, in the smallest unit of money; null when points are no tender. */
  pointWorth: positive.nullable(),
  coupons: z.array(CouponTemplate),
  stampCards: z.array(StampCard),
  topUp: z.object({
    denominations: z.array(positive),
    ownAmounts: z.boolean(),
    /** The highest threshold reached gives its bonus. */
    bonuses: z.array(z.object({ from: positive, bonus: positive })),
    valueValidDays: ValidDays,
    bonusValidDays: ValidDays,
  }),
  welcome: z.object({ points: Amount, coupons: z.array(CouponTemplateId) }),
  /** Debits and refunds above this need a manager's PIN. */
  approvalAbove: Amount,
  homeShare: z.array(HomeShare).default([]),
  floorLimits: z.array(FloorLimit).default([]),
})
export type Programme = z.infer<typeof Programme>

export const couponTemplate = (programme: Programme, id: CouponTemplateId): CouponTemplate | undefined =>
  programme.coupons.find((template) => template.id === id)

/** By its id where the programme has it no more. */
export const couponName = (programme: Programme, id: CouponTemplateId): string =>
  couponTemplate(programme, id)?.name ?? id

/** How long stamps of this card last; for ever when the card is unknown here. */
export const stampValidDays = (programme: Programme, id: StampCardId): number | null =>
  programme.stampCards.find((card) => card.id === id)?.validDays ?? null

/** The member's tier, or the first when it is unknown here. */
export function tierOf(programme: Programme, id: string | null): Tier {
  const tier = programme.tiers.find((one) => one.id === id) ?? programme.tiers[0]
  if (!tier) throw new Error('a programme has at least one tier')
  return tier
}

/** The highest tier this much net spending reaches. */
export function tierReached(programme: Programme, spent: number): Tier {
  return programme.tiers.findLast((tier) => spent >= tier.spendToReach) ?? tierOf(programme, null)
}

/** The bonus of the highest threshold that a top-up of this amount reaches. */
export function topUpBonus({ topUp }: Programme, paid: number): number {
  const reached = topUp.bonuses.filter(({ from }) => paid >= from).toSorted((a, b) => b.from - a.from)
  return reached[0]?.bonus ?? 0
}
