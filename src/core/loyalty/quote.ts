/**
 * Prices a cart. Discounts stack in one published order: percentages first, largest first, each on what is left and
 * rounded down; then fixed amounts, largest first; never below zero. A minimum spend is measured before any discount.
 */
import { Amount, type LotId } from '#core/ids.ts'
import type { Discount, SaleLine, StampsEarned } from '#core/ledger/event-body.ts'
import type { Refusal } from '#core/ledger/refusal.ts'
import type { CouponTemplate, Programme, Tier } from './programme.ts'

export type CartCoupon = { lot: LotId; template: CouponTemplate }
export type Cart = { lines: readonly SaleLine[]; coupons: readonly CartCoupon[] }
type Rejected = Extract<Refusal, { code: 'couponNotApplicable' }>

export type Quote = {
  subtotal: number
  discounts: Discount[]
  /** Coupons of the cart that do nothing here, and why. */
  rejected: Rejected[]
  total: number
}

/** Prices the lines with the coupons of the cart. */
export function quote(cart: Cart): Quote {
  const subtotal = cart.lines.reduce((sum, line) => sum + line.amount, 0)
  const discounts: Discount[] = []
  const rejected: Rejected[] = []
  let left = subtotal
  for (const { lot, template } of cart.coupons.toSorted(byStackingOrder)) {
    const off = Math.min(left, discountOf(template, left))
    const reason = subtotal < template.minimumSpend ? 'minimumSpend' : refusalReason(template, off)
    if (reason) {
      rejected.push({ code: 'couponNotApplicable', lot, reason, needed: Amount.parse(template.minimumSpend) })
      continue
    }
    discounts.push({ lot, name: template.name, amount: Amount.parse(off) })
    left -= off
  }
  return { subtotal, discounts, rejected, total: left }
}

function refusalReason(template: CouponTemplate, off: number): Rejected['reason'] | null {
  return template.kind.type !== 'gift' && off === 0 ? 'nothingLeft' : null
}

function discountOf({ kind }: CouponTemplate, left: number): number {
  if (kind.type === 'amountOff') return kind.amount
  if (kind.type === 'percentOff') return Math.floor((left * kind.percent) / 100)
  return 0
}

const STACKING = { percentOff: 0, amountOff: 1, gift: 2 } as const

function byStackingOrder(a: CartCoupon, b: CartCoupon): number {
  const order = STACKING[a.template.kind.type] - STACKING[b.template.kind.type]
  return order || strength(b.template) - strength(a.template) || (a.lot < b.lot ? -1 : 1)
}

function strength({ kind }: CouponTemplate): number {
  if (kind.type === 'amountOff') return kind.amount
  return kind.type === 'percentOff' ? kind.percent : 0
}

/** What so many points pay; nothing where they are no tender. */
export const worthOfPoints = ({ pointWorth }: Programme, points: number): number => points * (pointWorth ?? 0)

/** The most points that pay no more than this. */
export const pointsWithin = ({ pointWorth }: Programme, money: number): number =>
  pointWorth === null ? 0 : Math.floor(money / pointWorth)

export type Earning = { points: number; stamps: StampsEarned[] }

/** What a member earns on what was really paid: the total less what points stood for. Floored. */
export function earnedBy(programme: Programme, tier: Tier, paid: number): Earning {
  return { points: pointsFor(tier.earn, paid), stamps: stampsFor(programme, paid) }
}

/** What a receipt without a member promises to whoever claims it. */
export function claimableFrom(programme: Programme, paid: number): Earning {
  return { points: pointsFor(programme.claimEarn, paid), stamps: stampsFor(programme, paid) }
}

function pointsFor(rule: Tier['earn'], paid: number): number {
  return paid < rule.minimum ? 0 : Math.floor(paid / rule.per) * rule.points
}

function stampsFor(programme: Programme, paid: number): StampsEarned[] {
  return programme.stampCards.flatMap((card) => {
    if (paid <= 0 || paid < card.minimumSpend) return []
    const count = card.per === null ? 1 : Math.floor(paid / card.per)
    return count > 0 ? [{ card: card.id, count }] : []
  })
}
