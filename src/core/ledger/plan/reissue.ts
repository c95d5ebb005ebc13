/** What comes back into a lot after its last day ends at once (R5): what of a reversal did, and giving it anew. */
import { EventId, LotId, type BusinessDate, type CouponCode, type MemberId } from '#core/ids.ts'
import { isRedeemed, parseAccount } from '#core/ledger/account.ts'
import { assetKind, couponTemplateOf, type Asset } from '#core/ledger/asset.ts'
import { couponBirth, type Birth } from '#core/ledger/birth.ts'
import type { Draft, EventOf, LedgerEvent } from '#core/ledger/event.ts'
import { sha256Hex } from '#core/ledger/hash.ts'
import { isExpired, type Lot } from '#core/ledger/lot.ts'
import { planned, refuse, type Planned } from '#core/ledger/refusal.ts'
import { couponName, couponTemplate, type Programme } from '#core/loyalty/programme.ts'
import { bear, type PlanContext } from './context.ts'
import type { Reversible } from './reversal.ts'

/** The reversals that can bring back what was spent. */
const BRINGING = ['sale.refunded', 'value.debitRefunded', 'coupon.unredeemed'] as const
export type Bringing = EventOf<(typeof BRINGING)[number]>

export const bringsBack = (event: LedgerEvent): event is Bringing => BRINGING.some((kind) => kind === event.kind)

/** What a reversal brings back into a lot. `name`: a coupon's, as it was sold; else empty. */
export type CameBack = { lot: LotId; amount: number; name: string }

/** What undoing an event brings back: all it has spent, lot by lot. */
export function spentBy(event: Reversible, programme: Programme): CameBack[] {
  const spent = new Map<LotId, CameBack>()
  for (const { asset, from, to, amount } of event.transfers) {
    const parts = parseAccount(from)
    if (!isRedeemed(to) || (parts.kind !== 'held' && parts.kind !== 'free')) continue
    const lot = LotId.parse(parts.lot)
    const before = spent.get(lot)
    spent.set(lot, {
      lot,
      amount: amount + (before?.amount ?? 0),
      name: soldAs(event, lot) ?? nameOf(programme, asset),
    })
  }
  return [...spent.values()]
}

function soldAs(event: Reversible, lot: LotId): string | undefined {
  return event.kind === 'sale.completed' ? event.body.discounts.find((one) => one.lot === lot)?.name : undefined
}

/** A coupon's name; of anything else, none. */
export function nameOf(programme: Programme, asset: Asset): string {
  const template = couponTemplateOf(asset)
  return template === null ? '' : couponName(programme, template)
}

/** What came back, and ended at once. */
export type Ended = { lot: Lot; amount: number; name: string }

/** What of these came back, on this day, after its lot's last day. */
export function endedOnReturn(back: readonly CameBack[], on: BusinessDate, lots: readonly Lot[]): Ended[] {
  return back.flatMap(({ lot: id, amount, name }) => {
    const lot = lots.find((one) => one.id === id)
    return lot && isExpired(lot, on) ? [{ lot, amount, name }] : []
  })
}

/** The id of the event that gives it anew: one for each refund and lot, so that there is no second. A UUIDv8. */
export function reissueId(refund: EventId, lot: LotId): EventId {
  const hex = sha256Hex(`reissue ${refund} ${lot}`)
  return EventId.parse(
    [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-'),
  )
}

/** The lot that this event gives. */
export const reissuedLot = (reissue: EventId): LotId => LotId.parse(`${reissue}.0`)

/** As much of the same, valid from today: a coupon as its template is now. */
export function planReissue(
  context: PlanContext,
  member: MemberId,
  { lot, amount, name }: Ended,
  { code, note }: { code: CouponCode; note: string },
): Planned<Draft> {
  const { programme } = context
  const template = couponTemplateOf(lot.asset)
  if (template !== null && !couponTemplate(programme, template)) return refuse({ code: 'couponWithdrawn', name })
  const birth =
    template === null
      ? { asset: lot.asset, quantity: amount, validDays: validDays(programme, lot), source: 'manual' as const }
      : couponBirth(programme, template, 'manual', code)
  return planned({
    kind: 'member.adjusted',
    body: { member, asset: lot.asset, direction: 'grant', amount, note },
    ...bear(context, member, [birth]),
  })
}

function validDays({ topUp, pointsValidDays }: Programme, { asset, terms }: Lot): Birth['validDays'] {
  if (assetKind(asset) === 'points') return pointsValidDays
  return terms.source === 'bonus' ? topUp.bonusValidDays : topUp.valueValidDays
}
