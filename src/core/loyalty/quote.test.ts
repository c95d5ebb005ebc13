import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { line, lotId, programme, templateOf } from '#test/support/programme.ts'
import { tierOf } from './programme.ts'
import { claimableFrom, earnedBy, quote, type CartCoupon } from './quote.ts'

const coupon = (n: number, template: string): CartCoupon => ({ lot: lotId(n), template: templateOf(template) })
const amounts = (cart: Parameters<typeof quote>[0]) => quote(cart).discounts.map(({ name, amount }) => [name, amount])

describe('quote', () => {
  it('adds the lines', () => {
    expect(quote({ lines: [line(60, 2), line(380)], coupons: [] })).toEqual({
      subtotal: 500,
      discounts: [],
      rejected: [],
      total: 500,
    })
  })

  it('stacks percentages first, largest first, then amounts, largest first, whatever the order they came in', () => {
    const cart = [coupon(1, 'fifty-off'), coupon(2, 'ten-percent'), coupon(3, 'hundred-off'), coupon(4, 'third')]
    const expected = [
      ['third', 330],
      ['ten-percent', 67],
      ['hundred-off', 100],
      ['fifty-off', 50],
    ]
    expect(amounts({ lines: [line(1_000)], coupons: cart })).toEqual(expected)
    expect(amounts({ lines: [line(1_000)], coupons: cart.toReversed() })).toEqual(expected)
  })

  it('uses the older id first between coupons alike', () => {
    const cart = [coupon(2, 'hundred-off'), coupon(1, 'hundred-off')]
    expect(quote({ lines: [line(150)], coupons: cart }).discounts).toEqual([
      { lot: lotId(1), name: 'hundred-off', amount: 100 },
      { lot: lotId(2), name: 'hundred-off', amount: 50 },
    ])
  })

  it('rounds a percentage down, in the shop’s smallest unit', () => {
    expect(amounts({ lines: [line(99)], coupons: [coupon(1, 'ten-percent')] })).toEqual([['ten-percent', 9]])
    expect(amounts({ lines: [line(101)], coupons: [coupon(1, 'third')] })).toEqual([['third', 33]])
  })

  it('never goes below zero, and says which coupon does nothing', () => {
    const priced = quote({ lines: [line(80)], coupons: [coupon(1, 'hundred-off'), coupon(2, 'hundred-off')] })
    expect(priced.total).toBe(0)
    expect(priced.discounts).toEqual([{ lot: lotId(1), name: 'hundred-off', amount: 80 }])
    expect(priced.rejected).toEqual([{ code: 'couponNotApplicable', lot: lotId(2), reason: 'nothingLeft', needed: 0 }])
  })

  it('measures a minimum spend before any discount', () => {
    const both = [coupon(1, 'fifty-off'), coupon(2, 'third')]
    expect(quote({ lines: [line(500)], coupons: both }).total).toBe(500 - 165 - 50)
    expect(quote({ lines: [line(499)], coupons: both })).toMatchObject({
      total: 499 - 164,
      rejected: [{ lot: lotId(1), reason: 'minimumSpend', needed: 500 }],
    })
  })

  it('takes a gift with any sale, at no amount', () => {
    expect(quote({ lines: [line(10)], coupons: [coupon(1, 'free-latte')] })).toMatchObject({
      total: 10,
      rejected: [],
      discounts: [{ name: 'free-latte', amount: 0 }],
    })
  })

  it('always adds up, in any order of coupons', () => {
    const templates = fc.constantFrom(...programme.coupons.map((one) => String(one.id)))
    const carts = fc.record({ prices: fc.array(fc.nat(2_000), { minLength: 1 }), coupons: fc.array(templates) })
    fc.assert(
      fc.property(carts, fc.infiniteStream(fc.nat()), ({ prices, coupons }, shuffle) => {
        const cart = { lines: prices.map((price) => line(price)), coupons: coupons.map((id, n) => coupon(n, id)) }
        const priced = quote(cart)
        expect(priced.total).toBeGreaterThanOrEqual(0)
        expect(priced.subtotal - priced.discounts.reduce((sum, { amount }) => sum + amount, 0)).toBe(priced.total)
        expect(priced.discounts.length + priced.rejected.length).toBe(coupons.length)
        const mixed = cart.coupons.map((one) => ({ one, at: shuffle.next().value })).toSorted((a, b) => a.at - b.at)
        expect(quote({ ...cart, coupons: mixed.map(({ one }) => one) })).toEqual(priced)
      }),
    )
  })
})

describe('earning', () => {
  const basic = tierOf(programme, 'basic')

  it.each([
    ['basic', 99, 0],
    ['basic', 100, 1],
    ['basic', 199, 1],
    ['basic', 1_000, 10],
    ['silver', 49, 0],
    ['silver', 50, 1],
    ['gold', 149, 6],
    ['gold', 0, 0],
  ])('a %s member who paid %i earns %i', (tier, paid, points) => {
    expect(earnedBy(programme, tierOf(programme, tier), paid).points).toBe(points)
  })

  it('gives one stamp a visit of the least spend, or one for every so much', () => {
    expect(earnedBy(programme, basic, 49).stamps).toEqual([])
    expect(earnedBy(programme, basic, 50).stamps).toEqual([{ card: 'coffee', count: 1 }])
    expect(earnedBy(programme, basic, 899).stamps).toEqual([
      { card: 'coffee', count: 1 },
      { card: 'beans', count: 2 },
    ])
  })

  it('gives nothing for nothing paid, even where no least spend is set', () => {
    const generous = {
      ...programme,
      stampCards: programme.stampCards.map((card) => ({ ...card, minimumSpend: basic.spendToReach })),
    }
    expect(earnedBy(generous, basic, 0)).toEqual({ points: 0, stamps: [] })
  })

  it('promises a customer without a card what the claim rule says', () => {
    expect(claimableFrom(programme, 199).points).toBe(0)
    expect(claimableFrom(programme, 399)).toEqual({
      points: 6,
      stamps: [
        { card: 'coffee', count: 1 },
        { card: 'beans', count: 1 },
      ],
    })
  })
})
