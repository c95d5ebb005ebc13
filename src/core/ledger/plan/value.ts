/** Stored value: top-up with its bonus, and debit. Value by hand: granting and deducting. */
import { Amount, type LotId } from '#core/ids.ts'
import { stampValidDays, topUpBonus, type Programme } from '#core/loyalty/programme.ts'
import { revoked } from '#core/ledger/account.ts'
import { isEarned, stampCardOf, valueAsset, type Asset } from '#core/ledger/asset.ts'
import type { Draft } from '#core/ledger/event.ts'
import type { Tender } from '#core/ledger/event-body.ts'
import { planned, refuse, type Planned } from '#core/ledger/refusal.ts'
import { bear, spend, type MemberState, type PlanContext } from './context.ts'
import { cashIn, couponInHand, settleTenders } from './checkout.ts'

export type TopUp = { amount: number; tender: 'cash' | 'card'; received: number }

/** Principal and bonus are lots of their own, so that they can expire apart and money goes back only for what was paid. */
export function planTopUp(context: PlanContext, topUp: TopUp, member: MemberState): Planned<Draft> {
  const { programme } = context
  const { denominations, ownAmounts, valueValidDays, bonusValidDays } = programme.topUp
  if (topUp.amount <= 0 || (!ownAmounts && !denominations.includes(topUp.amount))) {
    return refuse({ code: 'amountNotAllowed', allowed: denominations.map((one) => Amount.parse(one)) })
  }
  const tender = topUpTender(programme, topUp)
  if (!tender.ok) return tender
  const asset = valueAsset(programme.money.currency)
  const bonus = topUpBonus(programme, topUp.amount)
  const born = bear(context, member.id, [
    { asset, quantity: topUp.amount, validDays: valueValidDays, source: 'topUp', paid: topUp.amount },
    { asset, quantity: bonus, validDays: bonusValidDays, source: 'bonus' },
  ])
  return planned({
    kind: 'value.toppedUp',
    body: {
      receipt: context.receipt,
      member: member.id,
      asset,
      paid: topUp.amount,
      bonus: Amount.parse(bonus),
      tender: tender.value,
    },
    lots: born.lots,
    transfers: [...(tender.value.kind === 'cash' ? cashIn(context, topUp.amount) : []), ...born.transfers],
  })
}

function topUpTender(programme: Programme, { amount, tender, received }: TopUp): Planned<Tender> {
  const settled = settleTenders(
    programme,
    amount,
    tender === 'cash' ? [{ kind: 'cash', received }] : [{ kind: 'card', amount }],
  )
  if (!settled.ok) return settled
  const [only] = settled.value
  return only ? planned(only) : refuse({ code: 'notPaidInFull', due: Amount.parse(amount), paid: Amount.parse(0) })
}

/** Takes stored value without a sale's lines. */
export function planDebit(
  context: PlanContext,
  debit: { amount: number; note: string },
  member: MemberState,
): Planned<Draft> {
  if (debit.amount <= 0) return refuse({ code: 'amountNotAllowed', allowed: [] })
  const asset = valueAsset(context.programme.money.currency)
  const spent = spend(context, member, asset, debit.amount)
  if (!spent.ok) return spent
  return planned({
    kind: 'value.debited',
    body: { receipt: context.receipt, member: member.id, asset, amount: debit.amount, note: debit.note },
    lots: [],
    transfers: spent.value,
  })
}

export type Adjustment = { asset: Asset; direction: 'grant' | 'deduct'; amount: number; note: string }

/** Gives or takes by hand, with a note. */
export function planAdjustment(context: PlanContext, adjustment: Adjustment, member: MemberState): Planned<Draft> {
  const { asset, direction, amount, note } = adjustment
  if (amount <= 0 || !isEarned(asset)) {
    return refuse({ code: 'amountNotAllowed', allowed: [] })
  }
  const body = { member: member.id, asset, direction, amount, note }
  if (direction === 'grant') {
    const card = stampCardOf(asset)
    const validDays = card ? stampValidDays(context.programme, card) : context.programme.pointsValidDays
    return planned({
      kind: 'member.adjusted',
      body,
      ...bear(context, member.id, [{ asset, quantity: amount, validDays, source: 'manual' }]),
    })
  }
  const taken = spend(context, member, asset, amount, revoked(asset))
  if (!taken.ok) return taken
  return planned({ kind: 'member.adjusted', body, lots: [], transfers: taken.value })
}

/** Redeems a coupon by itself: a gift, an item for free. One that asks for some spending goes with a sale. */
export function planCouponRedemption(
  context: PlanContext,
  lot: LotId,
  note: string,
  member: MemberState,
): Planned<Draft> {
  const coupon = couponInHand(
    context,
    lot,
    member.held.find((part) => part.lot.id === lot),
    member,
  )
  if (!coupon.ok) return coupon
  const { transfer, coupon: of } = coupon.value
  const needed = of.template.minimumSpend
  if (needed > 0) return refuse({ code: 'couponNotApplicable', lot, reason: 'minimumSpend', needed })
  return planned({
    kind: 'coupon.redeemed',
    body: { member: member.id, lot, asset: transfer.asset, note },
    lots: [],
    transfers: [transfer],
  })
}
