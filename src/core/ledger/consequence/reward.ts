/** What is given once per person or per count (R10): the welcome gift, the full stamp card's reward, a tier. */
import type { BusinessDate, EventId, MemberId } from '#core/ids.ts'
import { freeOf, redeemed } from '#core/ledger/account.ts'
import { POINTS, stampAsset } from '#core/ledger/asset.ts'
import { born, couponBirth, type Birth } from '#core/ledger/birth.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { pick } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { tierReached, type Programme, type StampCard } from '#core/loyalty/programme.ts'
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

/** The tier that this much net spending reaches, when it is above the present one; tiers are never taken away. */
export function tierGained(programme: Programme, present: string, spent: number): string | null {
  const reached = tierReached(programme, spent).id
  const rank = (id: string) => programme.tiers.findIndex((tier) => tier.id === id)
  return rank(reached) > rank(present) ? reached : null
}

/** What an event adds to its member's net spending: what was paid, less what points stood for. */
export function spendingOf(event: LedgerEvent): number {
  if (event.kind !== 'sale.completed' && event.kind !== 'sale.refunded') return 0
  const byPoints = event.body.tenders.reduce((sum, tender) => sum + (tender.kind === 'points' ? tender.amount : 0), 0)
  const net = event.body.total - byPoints
  return event.kind === 'sale.completed' ? net : -net
}
