/** What is given once per person or per count (R10): the welcome gift, the full stamp card's reward. */
import type { BusinessDate, EventId, MemberId } from '#core/ids.ts'
import { freeOf, redeemed } from '#core/ledger/account.ts'
import { POINTS, stampAsset } from '#core/ledger/asset.ts'
import { born, couponBirth, type Birth } from '#core/ledger/birth.ts'
import { pick } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import type { Programme, StampCard } from '#core/loyalty/programme.ts'
import { freeIn, usableLots, type Decision, type Facts, type Mint } from './facts.ts'

/** New lots of the member's, free, named after the event that gives them. */
const give = (event: EventId, member: MemberId, births: readonly Birth[], at: { now: number; today: BusinessDate }) =>
  born({ event, ...at }, member, births, freeOf)

type Occasion = { cause: EventId; member: MemberId; now: number; today: BusinessDate; programme: Programme; mint: Mint }

/** The welcome gift; null when the programme has none. */
export function welcomeGift({ cause, member, programme, mint, ...at }: Occasion): Decision | null {
  const { points, coupons } = programme.welcome
  const gifts: Birth[] =
    points > 0 ? [{ asset: POINTS, quantity: points, validDays: programme.pointsValidDays, source: 'welcome' }] : []
  for (const template of coupons) gifts.push(couponBirth(programme, template, 'welcome', mint.couponCode()))
  if (gifts.length === 0) return null
  const id = mint.event()
  const body = { cause, member, programme: 'welcome' as const, occasion: 'welcome' }
  return { id, draft: { kind: 'reward.given', body, ...give(id, member, gifts, at) } }
}

/** One full card turned into its reward; null when the free stamps do not fill it. `nth` counts the member's cards. */
export function stampReward(facts: Facts, card: StampCard, nth: number, occasion: Occasion): Decision | null {
  const { cause, member, programme, mint, now, today } = occasion
  const asset = stampAsset(card.id)
  const stamps = usableLots(facts, member, asset).map((lot) => ({ lot, amount: freeIn(facts, lot) }))
  const { parts, short } = pick(stamps, card.size)
  if (short > 0) return null
  const id = mint.event()
  const coupon = couponBirth(programme, card.reward, 'stampReward', mint.couponCode())
  const reward = give(id, member, [coupon], { now, today })
  const spent = parts.map((part): Transfer => ({
    asset,
    from: freeOf(part.lot.id),
    to: redeemed(asset),
    amount: part.amount,
  }))
  const body = { cause, member, programme: 'stampCard' as const, occasion: `${card.id}:${nth}` }
  return { id, draft: { kind: 'reward.given', body, lots: reward.lots, transfers: [...spent, ...reward.transfers] } }
}
