/** A small shop for the tests of the counter's rules. */
import { CouponView, MemberPanel, ProductView } from '#core/contract/views.ts'
import { Programme } from '#core/loyalty/programme.ts'
import { programme as cafe, uuid } from './programme.ts'

export const programme = Programme.parse({
  ...cafe,
  tiers: [
    { id: 'basic', name: 'Basic', spendToReach: 0, earn: { per: 100, points: 1, minimum: 0 } },
    { id: 'gold', name: 'Gold', spendToReach: 10_000, earn: { per: 50, points: 1, minimum: 0 } },
  ],
  claimEarn: { per: 100, points: 1, minimum: 100 },
  pointWorth: 1,
  coupons: [
    template('off50', { type: 'amountOff', amount: 50 }),
    template('half', { type: 'percentOff', percent: 50 }),
    template('cake', { type: 'gift' }),
  ],
  stampCards: [],
  topUp: {
    denominations: [1000, 3000, 5000],
    ownAmounts: true,
    bonuses: [
      { from: 5000, bonus: 500 },
      { from: 3000, bonus: 200 },
    ],
    valueValidDays: null,
    bonusValidDays: null,
  },
  welcome: { points: 0, coupons: [] },
  approvalAbove: 1000,
})

function template(id: string, kind: object): object {
  return { id, name: id, kind, minimumSpend: 0, validDays: null, terms: '' }
}

const coupon = (n: number, id: string): CouponView =>
  CouponView.parse({
    lot: `${uuid(n)}.0`,
    code: null,
    template: id,
    name: id,
    expiresOn: null,
    usableHere: true,
    reachable: true,
    elsewhere: [],
  })

export const fiftyOff = coupon(901, 'off50')
export const halfOff = coupon(902, 'half')
export const gift = coupon(903, 'cake')

const holding = (asset: string, total: number, usableHere = total): object => ({
  asset,
  total,
  usableHere,
  inHand: 0,
  reachable: usableHere,
  elsewhere: [],
  nextExpiry: null,
})

export const member = MemberPanel.parse({
  id: uuid(1),
  name: '王小明',
  phone: '0912345678',
  card: '0123456789',
  tier: 'gold',
  tierName: 'Gold',
  joinedOn: '2025-01-05',
  birthday: null,
  note: '',
  blocked: false,
  onLine: false,
  mergedCards: [],
  points: { ...holding('points', 1250), owed: 0 },
  storedValue: holding('value:TWD', 3000, 300),
  stamps: [],
  coupons: [fiftyOff, halfOff, gift],
  recent: [],
  unsynced: false,
})

export const otherMember = MemberPanel.parse({ ...member, id: uuid(2), name: '林美麗', coupons: [] })

export const coffee = ProductView.parse({ code: '4710088412263', name: '美式咖啡', price: 60 })
