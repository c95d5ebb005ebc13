/** How lots come to be: named after the event that gives them, ending by their validity; a coupon has a code. */
import { addDays } from '#core/business-date.ts'
import {
  Amount,
  LotId,
  type BusinessDate,
  type CouponCode,
  type CouponTemplateId,
  type EventId,
  type MemberId,
} from '#core/ids.ts'
import { couponTemplate, type Programme } from '#core/loyalty/programme.ts'
import { issued, type Account } from './account.ts'
import { couponAsset, type Asset } from './asset.ts'
import type { Lot, LotTerms } from './lot.ts'
import type { Transfer } from './transfer.ts'

export type Birth = {
  asset: Asset
  quantity: number
  validDays: number | null
  source: LotTerms['source']
  paid?: number
  code?: CouponCode
}

type Occasion = { event: EventId; now: number; today: BusinessDate }

/** New lots of a member's, each in the account that `keeper` says. */
export function born(
  { event, now, today }: Occasion,
  member: MemberId,
  births: readonly Birth[],
  keeper: (lot: LotId) => Account,
): { lots: Lot[]; transfers: Transfer[] } {
  const lots = births
    .filter((birth) => birth.quantity > 0)
    .map((birth, n): Lot => ({
      id: LotId.parse(`${event}.${n}`),
      member,
      asset: birth.asset,
      quantity: birth.quantity,
      issuedAt: now,
      expiresOn: birth.validDays === null ? null : addDays(today, birth.validDays),
      terms: { source: birth.source, paid: Amount.parse(birth.paid ?? 0) },
      code: birth.code ?? null,
    }))
  const transfers = lots.map(({ id, asset, quantity }): Transfer => ({
    asset,
    from: issued(asset),
    to: keeper(id),
    amount: quantity,
  }))
  return { lots, transfers }
}

/** One coupon of a template; without an end when the template is unknown here. */
export function couponBirth(
  programme: Programme,
  template: CouponTemplateId,
  source: LotTerms['source'],
  code: CouponCode,
): Birth {
  const validDays = couponTemplate(programme, template)?.validDays ?? null
  return { asset: couponAsset(template), quantity: 1, validDays, source, code }
}
