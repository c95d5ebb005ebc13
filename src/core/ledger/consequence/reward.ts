/** What is given once per person or per count (R10): the welcome gift, the full stamp card's reward, a tier. */
import { Amount, LotId, type BusinessDate, type CouponTemplateId, type EventId, type MemberId } from '#core/ids.ts'
import { addDays } from '#core/business-date.ts'
import { freeOf, issued, redeemed } from '#core/ledger/account.ts'
import { couponAsset, POINTS, stampAsset } from '#core/ledger/asset.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { pick, type Lot, type LotTerms } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { couponTemplate, tierReached, type Programme, type StampCard } from '#core/loyalty/programme.ts'
import { freeIn, usableLots, type Decision, type Facts, type Mint } from './facts.ts'

type Gift = Pick<Lot, 'asset' | 'quantity'> & { validDays: number | null; source: LotTerms['source'] }

/** New lots of the member's, free, named after the event that gives them. */
function give(
  event: EventId,
  member: MemberId,
  gifts: readonly Gift[],
  at: { now: number; today: BusinessDate },
  mint: Mint,
) {
  const lots = gifts.map((gift, n): Lot => ({
    id: LotId.parse(`${event}.${n}`),
    member,
    asset: gift.asset,
    quantity: gift.quantity,
    issuedAt: at.now,
    expiresOn: gift.validDays === null ? null : addDays(at.today, gift.validDays),
    terms: { source: gift.source, paid: Amount.parse(0) },
    code: gift.asset.startsWith('coupon:') ? mint.couponCode() : null,
  }))
  const transfers = lots.map(({ id, asset, quantity }): Transfer => ({
    asset,
    from: issued(asset),
    to: freeOf(id),
    amount: quantity,
  }))
  return { lots, transfers }
}

type Occasion = { cause: EventId; member: MemberId; now: number; today: BusinessDate; programme: Programme; mint: Mint }

/** The welcome gift; null when the programme has none. */
export function welcomeGift({ cause, member, programme, mint, ...at }: Occasion): Decision | null {
  const { points, coupons } = programme.welcome
  const gifts: Gift[] =
    points > 0 ? [{ asset: POINTS, quantity: points, validDays: programme.pointsValidDays, source: 'welcome' }] : []
  for (const template of coupons) gifts.push(couponGift(programme, template, 'welcome'))
  if (gifts.length === 0) return null
  const id = mint.event()
  const body = { cause, member, programme: 'welcome' as const, occasion: 'welcome' }
  return { id, draft: { kind: 'reward.given', body, ...give(id, member, gifts, at, mint) } }
}

/** One full card turned into its reward; null when the free stamps do not fill it. `nth` counts the member's cards. */
export function stampReward(facts: Facts, card: StampCard, nth: number, occasion: Occasion): Decision | null {
  const { cause, member, programme, mint, now, today } = occasion
  const asset = stampAsset(card.id)
  const stamps = usableLots(facts, member, asset).map((lot) => ({ lot, amount: freeIn(facts, lot) }))
  const { parts, short } = pick(stamps, card.size)
  if (short > 0) return null
  const id = mint.event()
  const reward = give(id, member, [couponGift(programme, card.reward, 'stampReward')], { now, today }, mint)
  const spent = parts.map((part): Transfer => ({
    asset,
    from: freeOf(part.lot.id),
    to: redeemed(asset),
    amount: part.amount,
  }))
  const body = { cause, member, programme: 'stampCard' as const, occasion: `${card.id}:${nth}` }
  return { id, draft: { kind: 'reward.given', body, lots: reward.lots, transfers: [...spent, ...reward.transfers] } }
}

function couponGift(programme: Programme, template: CouponTemplateId, source: LotTerms['source']): Gift {
  return {
    asset: couponAsset(template),
    quantity: 1,
    validDays: couponTemplate(programme, template)?.validDays ?? null,
    source,
  }
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
