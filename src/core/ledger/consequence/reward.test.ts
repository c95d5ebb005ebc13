/** What is given once: gifts, full cards, tiers. */
import { describe, expect, it } from 'vitest'
import { Amount, BusinessDate, CouponCode, EventId, LotId, MemberId } from '#core/ids.ts'
import { freeOf } from '#core/ledger/account.ts'
import { Asset } from '#core/ledger/asset.ts'
import type { Lot } from '#core/ledger/lot.ts'
import { Programme } from '#core/loyalty/programme.ts'
import { learnLot, noFacts, type Mint } from './facts.ts'
import { stampReward, welcomeGift } from './reward.ts'

const id = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
const MEMBER = MemberId.parse(id(1))
const DAY = BusinessDate.parse('2026-03-01')

const stamps = (n: number): Lot => ({
  id: LotId.parse(`${id(n)}.0`),
  member: MEMBER,
  asset: Asset.parse('stamp:card'),
  quantity: 2,
  issuedAt: n,
  expiresOn: null,
  terms: { source: 'sale', paid: Amount.parse(0) },
  code: null,
})

let made = 0
const mint: Mint = {
  event: () => EventId.parse(id(900_000 + made++)),
  couponCode: () => CouponCode.parse(String(made++).padStart(10, '0')),
}

describe('what is given once', () => {
  const programme = Programme.parse({
    version: 1,
    money: { currency: 'TWD', decimals: 0, symbol: 'NT$' },
    tiers: [
      { id: 'one', name: '1', spendToReach: 0, earn: { per: 1, points: 1, minimum: 0 } },
      { id: 'two', name: '2', spendToReach: 100, earn: { per: 1, points: 1, minimum: 0 } },
    ],
    claimEarn: { per: 1, points: 1, minimum: 0 },
    claimValidDays: 1,
    pointsValidDays: 10,
    pointWorth: 1,
    coupons: [{ id: 'gift', name: 'g', kind: { type: 'gift' }, minimumSpend: 0, validDays: 5, terms: '' }],
    stampCards: [{ id: 'card', name: 'c', size: 3, minimumSpend: 0, per: null, reward: 'gift', validDays: null }],
    topUp: { denominations: [], ownAmounts: true, bonuses: [], valueValidDays: null, bonusValidDays: null },
    welcome: { points: 7, coupons: ['gift'] },
    approvalAbove: 0,
  })
  const occasion = { cause: EventId.parse(id(1)), member: MEMBER, now: 5, today: DAY, programme, mint }

  it('welcomes with points and coupons that end on their days', () => {
    const gift = welcomeGift(occasion)
    expect(gift?.draft.lots.map(({ id: of, asset, quantity, expiresOn }) => [of, asset, quantity, expiresOn])).toEqual([
      [`${gift?.id}.0`, 'points', 7, '2026-03-11'],
      [`${gift?.id}.1`, 'coupon:gift', 1, '2026-03-06'],
    ])
    expect(gift?.draft.lots[1]?.code).toHaveLength(10)
    expect(
      welcomeGift({ ...occasion, programme: { ...programme, welcome: { points: Amount.parse(0), coupons: [] } } }),
    ).toBeNull()
  })

  it('turns just the card’s size of stamps into its reward', () => {
    const [card] = programme.stampCards
    if (!card) throw new Error('a card is expected')
    const facts = noFacts(DAY)
    learnLot(facts, stamps(1), 2, [])
    expect(stampReward(facts, card, 1, occasion)).toBeNull()
    learnLot(facts, stamps(2), 2, [])
    const reward = stampReward(facts, card, 4, occasion)
    expect(reward?.draft.body).toMatchObject({ programme: 'stampCard', occasion: 'card:4' })
    expect(reward?.draft.transfers.map(({ from, to, amount }) => [from, to, amount])).toEqual([
      [freeOf(stamps(1).id), 'redeemed:stamp:card', 2],
      [freeOf(stamps(2).id), 'redeemed:stamp:card', 1],
      ['issued:coupon:gift', `lot:${reward?.id}.0`, 1],
    ])
  })
})
