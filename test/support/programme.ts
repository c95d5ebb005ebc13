/** A small café's loyalty programme, and what plans are given, for tests of the rules. */
import {
  BusinessDate,
  CouponTemplateId,
  EpochId,
  EventId,
  LotId,
  MemberId,
  StampCardId,
  StoreId,
  TerminalId,
} from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import { seal, type Draft } from '#core/ledger/event.ts'
import type { Planned } from '#core/ledger/refusal.ts'
import { isReversible, type Reversible } from '#core/ledger/plan/reversal.ts'
import { type Asset, couponAsset, Currency, stampAsset, valueAsset } from '#core/ledger/asset.ts'
import { Lot, type Part } from '#core/ledger/lot.ts'
import type { MemberState, PlanContext } from '#core/ledger/plan/context.ts'
import { SaleLine } from '#core/ledger/event-body.ts'
import { Programme } from '#core/loyalty/programme.ts'

const coupon = (id: string, kind: object, minimumSpend = 0) => ({
  id,
  name: id,
  kind,
  minimumSpend,
  validDays: 30,
  terms: '',
})

export const programme: Programme = Programme.parse({
  version: 3,
  money: { currency: 'TWD', decimals: 0, symbol: 'NT$' },
  tiers: [
    { id: 'basic', name: '一般', spendToReach: 0, earn: { per: 100, points: 1, minimum: 100 } },
    { id: 'silver', name: '銀卡', spendToReach: 5_000, earn: { per: 50, points: 1, minimum: 0 } },
    { id: 'gold', name: '金卡', spendToReach: 20_000, earn: { per: 50, points: 3, minimum: 0 } },
  ],
  claimEarn: { per: 100, points: 2, minimum: 200 },
  claimValidDays: 14,
  pointsValidDays: 365,
  pointWorth: 2,
  coupons: [
    coupon('ten-percent', { type: 'percentOff', percent: 10 }),
    coupon('third', { type: 'percentOff', percent: 33 }),
    coupon('fifty-off', { type: 'amountOff', amount: 50 }, 500),
    coupon('hundred-off', { type: 'amountOff', amount: 100 }),
    coupon('free-latte', { type: 'gift' }),
  ],
  stampCards: [
    { id: 'coffee', name: '咖啡', size: 10, minimumSpend: 50, per: null, reward: 'free-latte', validDays: 90 },
    { id: 'beans', name: '豆子', size: 5, minimumSpend: 0, per: 300, reward: 'hundred-off', validDays: null },
  ],
  topUp: {
    denominations: [500, 1_000, 3_000],
    ownAmounts: false,
    bonuses: [
      { from: 1_000, bonus: 50 },
      { from: 3_000, bonus: 250 },
    ],
    valueValidDays: null,
    bonusValidDays: 180,
  },
  welcome: { points: 20, coupons: ['free-latte'] },
  approvalAbove: 2_000,
})

export const TWD = Currency.parse('TWD')
export const VALUE: Asset = valueAsset(TWD)
export const COFFEE: Asset = stampAsset(StampCardId.parse('coffee'))
export const BEANS: Asset = stampAsset(StampCardId.parse('beans'))
export const couponOf = (template: string): Asset => couponAsset(CouponTemplateId.parse(template))
export const LATTE: Asset = couponOf('free-latte')
/** The points of the welcome gift. */
export const WELCOME: number = programme.welcome.points
export const templateOf = (id: string) => programme.coupons.find((one) => one.id === id)!

/** The n-th of a series of ids that sort as they count. */
export const uuid = (n: number): string => `01920000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
export const eventId = (n: number): EventId => EventId.parse(uuid(n))
export const memberId = (n: number): MemberId => MemberId.parse(uuid(0xa000 + n))
export const lotId = (n: number): LotId => LotId.parse(`${uuid(0xb000 + n)}.0`)

export const holder: Holder = { terminal: TerminalId.parse('C0VNT1'), epoch: EpochId.parse('EP0CH1') }
export const otherHolder: Holder = { terminal: TerminalId.parse('C0VNT2'), epoch: EpochId.parse('EP0CH2') }
export const today = BusinessDate.parse('2025-11-22')

/** A lot of the first member's, unless `over` says otherwise. */
export function lotOf(n: number, asset: Asset, over: Partial<Lot> = {}): Lot {
  const terms = { source: 'sale', paid: 0 }
  const plain = {
    id: lotId(n),
    member: memberId(1),
    asset,
    quantity: 1,
    issuedAt: n,
    expiresOn: null,
    terms,
    code: null,
  }
  return Lot.parse({ ...plain, ...over })
}

export const part = (n: number, asset: Asset, amount: number, over: Partial<Lot> = {}): Part => ({
  lot: lotOf(n, asset, { quantity: amount, ...over }),
  amount,
})

export function contextOf(n: number, over: Partial<PlanContext> = {}): PlanContext {
  const receipt = { number: n, code: `R${n}` }
  return { holder, event: eventId(n), now: 1_763_800_000_000, today, programme, receipt, floor: null, ...over }
}

/** The first member, with this in the counter's keeping. */
export function holding(held: readonly Part[], over: Partial<MemberState> = {}): MemberState {
  const outlook: MemberState['outlook'] = (asset) => {
    const total = held.filter(({ lot }) => lot.asset === asset).reduce((sum, { amount }) => sum + amount, 0)
    return { total, usableHere: total, elsewhere: [], offline: true }
  }
  return { id: memberId(1), tier: 'basic', held, outlook, elsewhere: () => [], ...over }
}

export const line = (unitPrice: number, quantity = 1): SaleLine =>
  SaleLine.parse({ name: '咖啡', product: null, unitPrice, quantity, amount: unitPrice * quantity })

/** The event that a plan comes to, as this counter's first. */
export function reversibleOf(plan: Planned<Draft>, at: Holder = holder): Reversible {
  if (!plan.ok) throw new Error(plan.refusal.code)
  const place = {
    id: eventId(1),
    store: StoreId.parse('s1'),
    ...at,
    seq: 1,
    occurredAt: 1,
    clockOffset: 0,
    businessDate: today,
    staff: null,
    approvedBy: null,
    previous: null,
  }
  const { event } = seal(plan.value, place)
  if (isReversible(event)) return event
  throw new Error(`${event.kind} is not reversed`)
}
