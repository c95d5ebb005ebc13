/** What a cashier does to money and holdings: sale, top-up, debit, adjustment, coupon, each one command. */
import type { CheckoutInput } from '#core/contract/terminal.ts'
import type { Done } from '#core/contract/views.ts'
import { Amount, ClaimId, type EventId, type LotId, type MemberId, type StaffId } from '#core/ids.ts'
import { POINTS, valueAsset } from '#core/ledger/asset.ts'
import { checkoutWants, planCheckout, type SignClaim } from '#core/ledger/plan/checkout.ts'
import type { MemberState, PlanContext } from '#core/ledger/plan/context.ts'
import {
  planAdjustment,
  planCouponRedemption,
  planDebit,
  planTopUp,
  type Adjustment,
  type TopUp,
} from '#core/ledger/plan/value.ts'
import type { Draft } from '#core/ledger/event.ts'
import { refuse, type Planned } from '#core/ledger/refusal.ts'
import { run, NOTHING } from './commands.ts'
import type { Counter } from './counter.ts'

export function pay(counter: Counter, { id, member, ...checkout }: CheckoutInput): Promise<Planned<Done>> {
  const { programme } = counter.shop()
  const wants = checkoutWants(programme, checkout)
  return run(counter, {
    id,
    member,
    approvedBy: null,
    needs: {
      amounts: [
        { asset: POINTS, amount: wants.points },
        { asset: valueAsset(programme.money.currency), amount: wants.value },
      ],
      lots: wants.coupons.map((lot) => ({ lot, amount: 1 })),
    },
    plan: (context, state) => planCheckout(context, checkout, state, claimSigner(counter, context)),
  })
}

/** The claim of this sale, signed with the terminal's key (docs/rules.md, claims). The paper carries the first stamp card's stamps. */
const claimSigner =
  (counter: Counter, context: PlanContext): SignClaim =>
  ({ points, stamps, amount, expiresOn }) =>
    counter.signClaim({
      claimId: ClaimId.parse(context.event),
      ...context.holder,
      receiptNumber: context.receipt.number,
      amount: Amount.parse(amount),
      points: Amount.parse(points),
      stamps: stamps[0] ?? null,
      businessDate: context.today,
      expiresOn,
    })

type ForMember = { id: EventId; member: MemberId; approvedBy: StaffId | null }

/** A command that needs a member: the plan is only made with one. */
const withMember =
  (plan: (context: PlanContext, member: MemberState) => Planned<Draft>) =>
  (context: PlanContext, member: MemberState | null): Planned<Draft> =>
    member ? plan(context, member) : refuse({ code: 'memberNeeded' })

export function topUp(
  counter: Counter,
  { id, member }: Omit<ForMember, 'approvedBy'>,
  input: TopUp,
): Promise<Planned<Done>> {
  return run(counter, {
    id,
    member,
    approvedBy: null,
    needs: NOTHING,
    plan: withMember((context, state) => planTopUp(context, input, state)),
  })
}

export function debit(
  counter: Counter,
  at: ForMember,
  input: { amount: number; note: string },
): Promise<Planned<Done>> {
  const asset = valueAsset(counter.shop().programme.money.currency)
  return run(counter, {
    ...at,
    needs: { amounts: [{ asset, amount: input.amount }], lots: [] },
    plan: withMember((context, state) => planDebit(context, input, state)),
  })
}

export function adjust(counter: Counter, at: ForMember, input: Adjustment): Promise<Planned<Done>> {
  return run(counter, {
    ...at,
    needs:
      input.direction === 'grant' ? NOTHING : { amounts: [{ asset: input.asset, amount: input.amount }], lots: [] },
    plan: withMember((context, state) => planAdjustment(context, input, state)),
  })
}

/** Redeems a coupon by itself; the member is the coupon's. */
export function redeemCoupon(
  counter: Counter,
  id: EventId,
  lot: LotId,
  note: string,
  member: MemberId,
): Promise<Planned<Done>> {
  return run(counter, {
    id,
    member,
    approvedBy: null,
    needs: { amounts: [], lots: [{ lot, amount: 1 }] },
    plan: withMember((context, state) => planCouponRedemption(context, lot, note, state)),
  })
}
