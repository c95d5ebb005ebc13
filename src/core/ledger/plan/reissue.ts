/** What comes back into an expired coupon expires at once (R5): which coupons of a sale did, and giving one anew. */
import { EventId, LotId, type BusinessDate, type CouponCode, type CouponTemplateId, type MemberId } from '#core/ids.ts'
import { couponAsset, couponTemplateOf } from '#core/ledger/asset.ts'
import { couponBirth } from '#core/ledger/birth.ts'
import type { Draft, EventOf, LedgerEvent } from '#core/ledger/event.ts'
import type { Discount } from '#core/ledger/event-body.ts'
import { sha256Hex } from '#core/ledger/hash.ts'
import { isExpired, type Lot } from '#core/ledger/lot.ts'
import { planned, refuse, type Planned } from '#core/ledger/refusal.ts'
import { couponTemplate } from '#core/loyalty/programme.ts'
import { bear, type PlanContext } from './context.ts'

export type ExpiredCoupon = { lot: LotId; template: CouponTemplateId; name: string }

/** The reversals that can bring coupons back. */
export type Bringing = EventOf<'sale.refunded' | 'coupon.unredeemed'>

export const bringsCoupons = (event: LedgerEvent): event is Bringing =>
  event.kind === 'sale.refunded' || event.kind === 'coupon.unredeemed'

/** Those of these coupons that a reversal, on this day, brought back after their last day. */
export function expiredOnReturn(
  coupons: readonly Pick<Discount, 'lot' | 'name'>[],
  refundedOn: BusinessDate,
  lots: readonly Lot[],
): ExpiredCoupon[] {
  return coupons.flatMap(({ lot: id, name }) => {
    const lot = lots.find((one) => one.id === id)
    const template = lot && isExpired(lot, refundedOn) ? couponTemplateOf(lot.asset) : null
    return template === null ? [] : [{ lot: id, template, name }]
  })
}

/** The id of the event that gives a coupon anew: one for each refund and lot, so that there is no second. A UUIDv8. */
export function reissueId(refund: EventId, lot: LotId): EventId {
  const hex = sha256Hex(`reissue ${refund} ${lot}`)
  return EventId.parse(
    [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-'),
  )
}

/** The lot that this event gives. */
export const reissuedLot = (reissue: EventId): LotId => LotId.parse(`${reissue}.0`)

/** One coupon like it, as the template is today. */
export function planReissue(
  context: PlanContext,
  member: MemberId,
  { template, name }: ExpiredCoupon,
  { code, note }: { code: CouponCode; note: string },
): Planned<Draft> {
  const { programme } = context
  if (!couponTemplate(programme, template)) return refuse({ code: 'couponWithdrawn', name })
  return planned({
    kind: 'member.adjusted',
    body: { member, asset: couponAsset(template), direction: 'grant', amount: 1, note },
    ...bear(context, member, [couponBirth(programme, template, 'manual', code)]),
  })
}
