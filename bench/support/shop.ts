/** The shop that is measured: two stores and a café's programme. */
import { Programme } from '#core/loyalty/programme.ts'
import { StoreState, type SyncRow } from '#core/contract/sync-rows.ts'

export const STORE = StoreState.parse({
  id: 's1',
  shop: '山野咖啡',
  name: '信義店',
  zone: 'Asia/Taipei',
  cutOffHour: 4,
})

const earn = (per: number) => ({ per, points: 1, minimum: 0 })

export const PROGRAMME = Programme.parse({
  version: 1,
  money: { currency: 'TWD', decimals: 0, symbol: 'NT$' },
  tiers: [
    { id: 'basic', name: '一般', spendToReach: 0, earn: earn(30) },
    { id: 'silver', name: '銀卡', spendToReach: 10_000, earn: earn(25) },
    { id: 'gold', name: '金卡', spendToReach: 30_000, earn: earn(20) },
  ],
  claimEarn: earn(30),
  claimValidDays: 7,
  pointsValidDays: 365,
  pointWorth: 1,
  coupons: [
    {
      id: 'off50',
      name: '折 50 元',
      kind: { type: 'amountOff', amount: 50 },
      minimumSpend: 100,
      validDays: 60,
      terms: '',
    },
    { id: 'free-coffee', name: '咖啡一杯', kind: { type: 'gift' }, minimumSpend: 0, validDays: 90, terms: '' },
  ],
  stampCards: [
    { id: 'coffee', name: '咖啡集點卡', size: 10, minimumSpend: 100, per: null, reward: 'free-coffee', validDays: 365 },
  ],
  topUp: {
    denominations: [500, 1000, 2000],
    ownAmounts: true,
    bonuses: [{ from: 1000, bonus: 50 }],
    valueValidDays: null,
    bonusValidDays: 180,
  },
  welcome: { points: 10, coupons: ['off50'] },
  approvalAbove: 2000,
})

export const shopRows: SyncRow[] = [
  { kind: 'store', seq: 1, state: STORE },
  { kind: 'programme', seq: 1, state: PROGRAMME },
]
