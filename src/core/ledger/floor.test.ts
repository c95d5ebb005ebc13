import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Amount, StoreId } from '#core/ids.ts'
import { planCheckout } from '#core/ledger/plan/checkout.ts'
import { contextOf, holding, part, programme } from '#test/support/programme.ts'
import { POINTS } from './asset.ts'
import { floorLeft, lentBy, type Floor } from './floor.ts'

const amount = (n: number) => Amount.parse(n)
const LIMIT = {
  store: StoreId.parse('s1'),
  asset: 'points' as const,
  perSale: amount(50),
  perMember: amount(80),
  perDay: amount(120),
  perCounter: amount(200),
}
const lines = (total: number) => [
  { name: 'x', product: null, unitPrice: amount(total), quantity: 1, amount: amount(total) },
]
const floorOf = (left: number): Floor => ({ store: LIMIT.store, left: () => left, lent: () => 0 })

/** A member with so many points here and so many out of reach, paying with some. */
function payWith(points: number, here: number, away: number, left: number) {
  const member = holding(here > 0 ? [part(1, POINTS, here)] : [], {
    outlook: () => ({ total: here + away, usableHere: here, elsewhere: [], offline: true }),
  })
  const checkout = {
    lines: lines(points * (programme.pointWorth ?? 0)),
    coupons: [],
    tenders: [{ kind: 'points' as const, points }],
    note: '',
  }
  return planCheckout(contextOf(1, { floor: floorOf(left) }), checkout, member, () => '')
}

describe('R9: a floor limit', () => {
  it('is the least of what is left of each of its parts', () => {
    expect(floorLeft(LIMIT, { member: 0, counter: 0, day: 0 })).toBe(50)
    expect(floorLeft(LIMIT, { member: 60, counter: 60, day: 60 })).toBe(20)
    expect(floorLeft(LIMIT, { member: 0, counter: 0, day: 110 })).toBe(10)
    expect(floorLeft(LIMIT, { member: 0, counter: 195, day: 0 })).toBe(5)
    expect(floorLeft(LIMIT, { member: 90, counter: 90, day: 90 })).toBe(0)
  })

  it('lends only what is missing, only while it is out of reach, and all of it or nothing', () => {
    const lent = payWith(60, 40, 100, 50)
    expect(lent.ok && lentBy(lent.value, POINTS)).toBe(20)
    expect(payWith(60, 40, 10, 50)).toMatchObject({ ok: false, refusal: { code: 'insufficient' } })
    expect(payWith(60, 40, 100, 19)).toMatchObject({ ok: false, refusal: { code: 'insufficient' } })
    const covered = payWith(40, 40, 100, 50)
    expect(covered.ok && lentBy(covered.value, POINTS)).toBe(0)
  })

  it('is never passed, whatever is sold (invariant 6)', () => {
    const sale = fc.record({ points: fc.integer({ min: 1, max: 90 }), here: fc.nat(60), away: fc.nat(200) })
    fc.assert(
      fc.property(fc.array(sale, { maxLength: 20 }), (sales) => {
        let lent = 0
        for (const { points, here, away } of sales) {
          const left = floorLeft(LIMIT, { member: lent, counter: lent, day: lent })
          const done = payWith(points, here, away, left)
          const borrowed = done.ok ? lentBy(done.value, POINTS) : 0
          expect(borrowed).toBeLessThanOrEqual(LIMIT.perSale)
          lent += borrowed
        }
        expect(lent).toBeLessThanOrEqual(LIMIT.perMember)
      }),
    )
  })

  it('has its own back when the sale is undone', () => {
    const sale = payWith(60, 40, 100, 50)
    if (!sale.ok) throw new Error(sale.refusal.code)
    const undone = sale.value.transfers.map(({ asset, from, to, amount: moved }) => {
      return { asset, from: to, to: from, amount: moved }
    })
    expect(lentBy({ transfers: undone }, POINTS)).toBe(-20)
  })
})
