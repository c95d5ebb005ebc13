/** Checkout: lines, coupons, tenders, earning, one receipt. All of it is one event, or a refusal and nothing. */
import { Amount, ClaimId, type BusinessDate, type LotId } from '#core/ids.ts'
import { addDays } from '#core/business-date.ts'
import { couponTemplate, stampValidDays, tierOf, type Programme } from '#core/loyalty/programme.ts'
import { claimableFrom, earnedBy, quote, worthOfPoints, type CartCoupon, type Earning } from '#core/loyalty/quote.ts'
import { claimAccount, drawerOf, heldBy, issued, outsideCash, redeemed } from '#core/ledger/account.ts'
import { cashAsset, couponTemplateOf, POINTS, stampAsset, valueAsset } from '#core/ledger/asset.ts'
import type { Draft } from '#core/ledger/event.ts'
import type { SaleLine, Tender } from '#core/ledger/event-body.ts'
import { isExpired, type Part } from '#core/ledger/lot.ts'
import { planned, refuse, type Planned } from '#core/ledger/refusal.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { bear, spendOrBorrow, type MemberState, type PlanContext } from './context.ts'

/** What a cashier hands over: cash may exceed what is due; points are counted, not valued. */
export type TenderInput =
  | { kind: 'cash'; received: number }
  | { kind: 'card' | 'storedValue'; amount: number }
  | { kind: 'points'; points: number }

export type Checkout = {
  lines: readonly SaleLine[]
  coupons: readonly LotId[]
  tenders: readonly TenderInput[]
  note: string
}

/** What the printed claim promises; the caller signs it into a token. */
export type ClaimPromise = { points: number; stamps: Earning['stamps']; amount: number; expiresOn: BusinessDate }
export type SignClaim = (promise: ClaimPromise) => string

export function planCheckout(
  context: PlanContext,
  checkout: Checkout,
  member: MemberState | null,
  signClaim: SignClaim,
): Planned<Draft> {
  if (checkout.lines.length === 0 || checkout.lines.some((line) => line.amount !== line.unitPrice * line.quantity)) {
    return refuse({ code: 'nothingToSell' })
  }
  const coupons = couponsInHand(context, checkout.coupons, member)
  if (!coupons.ok) return coupons
  const priced = quote({ lines: checkout.lines, coupons: coupons.value.map(({ coupon }) => coupon) })
  const [rejected] = priced.rejected
  if (rejected) return refuse(rejected)
  const tenders = settleTenders(context.programme, priced.total, checkout.tenders)
  if (!tenders.ok) return tenders

  const paidByMember = payFromHoldings(context, tenders.value, member)
  if (!paidByMember.ok) return paidByMember
  const paid = priced.total - amountOf(tenders.value, 'points')
  const given = member ? earn(context, member, paid) : promise(context, paid, signClaim)

  return planned({
    kind: 'sale.completed',
    body: {
      receipt: context.receipt,
      member: member?.id ?? null,
      lines: [...checkout.lines],
      discounts: priced.discounts,
      total: Amount.parse(priced.total),
      tenders: tenders.value,
      earned: given.earned,
      claim: given.claim,
      programme: context.programme.version,
      note: checkout.note,
    },
    lots: given.lots,
    transfers: [
      ...cashIn(context, amountOf(tenders.value, 'cash')),
      ...coupons.value.map(({ transfer }) => transfer),
      ...paidByMember.value,
      ...given.transfers,
    ],
  })
}

/** What a checkout needs of the member's holdings, for R2's one acquire. */
export function checkoutWants(
  programme: Programme,
  checkout: Checkout,
): { points: number; value: number; coupons: readonly LotId[] } {
  const sum = (kind: TenderInput['kind']) =>
    checkout.tenders.reduce((total, tender) => total + (tender.kind === kind ? inputAmount(tender) : 0), 0)
  return {
    points: programme.pointWorth === null ? 0 : sum('points'),
    value: sum('storedValue'),
    coupons: [...new Set(checkout.coupons)],
  }
}

function inputAmount(tender: TenderInput): number {
  if (tender.kind === 'cash') return tender.received
  return tender.kind === 'points' ? tender.points : tender.amount
}

type CouponInHand = { coupon: CartCoupon; transfer: Transfer }

function couponsInHand(
  context: PlanContext,
  lots: readonly LotId[],
  member: MemberState | null,
): Planned<CouponInHand[]> {
  const found: CouponInHand[] = []
  for (const lot of new Set(lots)) {
    if (!member) return refuse({ code: 'memberNeeded' })
    const part = member.held.find((one) => one.lot.id === lot)
    const coupon = couponInHand(context, lot, part, member)
    if (!coupon.ok) return coupon
    found.push(coupon.value)
  }
  return planned(found)
}

/** One coupon of the member's, checked and taken from this counter's keeping. */
export function couponInHand(
  context: PlanContext,
  lot: LotId,
  part: Part | undefined,
  member: MemberState,
): Planned<CouponInHand> {
  if (!part || part.amount < 1) {
    const { offline } = member.outlook(POINTS)
    return refuse({ code: 'couponUnavailable', lot, elsewhere: member.elsewhere([lot]), offline })
  }
  if (isExpired(part.lot, context.today)) {
    return refuse({ code: 'couponExpired', lot, expiredOn: part.lot.expiresOn ?? '' })
  }
  const id = couponTemplateOf(part.lot.asset)
  const template = id && couponTemplate(context.programme, id)
  if (!template) return refuse({ code: 'couponNotApplicable', lot, reason: 'notForSale', needed: Amount.parse(0) })
  const { asset } = part.lot
  return planned({
    coupon: { lot, template },
    transfer: { asset, from: heldBy(lot, context.holder), to: redeemed(asset), amount: 1 },
  })
}

/** Turns what was handed over into tenders that add up to the total exactly, with change from cash. */
export function settleTenders(programme: Programme, total: number, inputs: readonly TenderInput[]): Planned<Tender[]> {
  const tenders: Tender[] = []
  let due = total
  for (const input of inputs.filter((one) => one.kind !== 'cash' && inputAmount(one) > 0)) {
    const tender = exactTender(programme, input)
    if (!tender) return refuse({ code: 'overpaid', due: Amount.parse(total), paid: Amount.parse(0) })
    tenders.push(tender)
    due -= tender.amount
  }
  if (due < 0) return refuse({ code: 'overpaid', due: Amount.parse(total), paid: Amount.parse(total - due) })
  const received = inputs.reduce((sum, input) => sum + (input.kind === 'cash' ? input.received : 0), 0)
  if (received < due) {
    return refuse({ code: 'notPaidInFull', due: Amount.parse(total), paid: Amount.parse(total - due + received) })
  }
  // Cash that was taken and turned out not to be due goes back whole, and is said.
  if (received > 0) {
    tenders.push({
      kind: 'cash',
      amount: Amount.parse(due),
      received: Amount.parse(received),
      change: Amount.parse(received - due),
    })
  }
  return planned(tenders)
}

function exactTender(programme: Programme, input: TenderInput): Tender | null {
  if (input.kind === 'cash') return null
  if (input.kind !== 'points') return { kind: input.kind, amount: Amount.parse(input.amount) }
  if (programme.pointWorth === null) return null
  return { kind: 'points', points: input.points, amount: Amount.parse(worthOfPoints(programme, input.points)) }
}

const amountOf = (tenders: readonly Tender[], kind: Tender['kind']): number =>
  tenders.reduce((sum, tender) => sum + (tender.kind === kind ? tender.amount : 0), 0)

/** Cash into this counter's drawer. */
export function cashIn({ holder, programme }: PlanContext, amount: number): Transfer[] {
  if (amount === 0) return []
  const { currency } = programme.money
  return [{ asset: cashAsset(currency), from: outsideCash(currency), to: drawerOf(holder.terminal), amount }]
}

function payFromHoldings(
  context: PlanContext,
  tenders: readonly Tender[],
  member: MemberState | null,
): Planned<Transfer[]> {
  // One spend an asset: a second one would not see what the first has taken.
  const points = tenders.reduce((sum, tender) => sum + (tender.kind === 'points' ? tender.points : 0), 0)
  const wanted = [
    { asset: POINTS, amount: points },
    { asset: valueAsset(context.programme.money.currency), amount: amountOf(tenders, 'storedValue') },
  ]
  const transfers: Transfer[] = []
  for (const { asset, amount } of wanted.filter((one) => one.amount > 0)) {
    if (!member) return refuse({ code: 'memberNeeded' })
    const spent = spendOrBorrow(context, member, asset, amount)
    if (!spent.ok) return spent
    transfers.push(...spent.value)
  }
  return planned(transfers)
}

type Given = Pick<Draft, 'lots' | 'transfers'> & {
  earned: { points: Amount; stamps: Earning['stamps'] }
  claim: { token: string; expiresOn: BusinessDate } | null
}

function earn(context: PlanContext, member: MemberState, paid: number): Given {
  const { programme } = context
  const earned = earnedBy(programme, tierOf(programme, member.tier), paid)
  const born = bear(context, member.id, [
    { asset: POINTS, quantity: earned.points, validDays: programme.pointsValidDays, source: 'sale' },
    ...earned.stamps.map(({ card, count }) => ({
      asset: stampAsset(card),
      quantity: count,
      validDays: stampValidDays(programme, card),
      source: 'sale' as const,
    })),
  ])
  return { ...born, earned: { points: Amount.parse(earned.points), stamps: earned.stamps }, claim: null }
}

function promise(context: PlanContext, paid: number, signClaim: SignClaim): Given {
  const { programme, today, event } = context
  const { points, stamps } = claimableFrom(programme, paid)
  const nothing = { earned: { points: Amount.parse(0), stamps: [] }, lots: [] }
  if (points === 0 && stamps.length === 0) return { ...nothing, claim: null, transfers: [] }
  const expiresOn = addDays(today, programme.claimValidDays)
  const to = claimAccount(ClaimId.parse(event))
  const promised = [
    { asset: POINTS, amount: points },
    ...stamps.map(({ card, count }) => ({ asset: stampAsset(card), amount: count })),
  ]
  return {
    ...nothing,
    claim: { token: signClaim({ points, stamps, amount: paid, expiresOn }), expiresOn },
    transfers: promised
      .filter(({ amount }) => amount > 0)
      .map(({ asset, amount }) => ({ asset, from: issued(asset), to, amount })),
  }
}
