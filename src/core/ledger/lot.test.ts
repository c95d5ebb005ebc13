import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lotOf, part, today } from '#test/support/programme.ts'
import { BusinessDate } from '#core/ids.ts'
import { POINTS } from './asset.ts'
import { byUse, isExpired, pick } from './lot.ts'

const date = (text: string) => BusinessDate.parse(text)
const until = (n: number, expiresOn: string | null, issuedAt = n, amount = 10) =>
  part(n, POINTS, amount, { expiresOn: expiresOn === null ? null : date(expiresOn), issuedAt })
const ids = (parts: { lot: { id: string }; amount: number }[]) => parts.map(({ lot, amount }) => [lot.id, amount])

describe('isExpired', () => {
  it('keeps a lot through its last day, and one without a last day for ever', () => {
    expect(isExpired({ expiresOn: date('2025-11-21') }, today)).toBe(true)
    expect(isExpired({ expiresOn: today }, today)).toBe(false)
    expect(isExpired({ expiresOn: null }, date('9999-12-31'))).toBe(false)
  })
})

describe('pick', () => {
  it('takes by soonest expiry, then age, then id', () => {
    const parts = [
      until(4, null, 1),
      until(3, '2026-01-01', 7),
      until(2, '2026-01-01', 7),
      until(1, '2026-01-01', 9),
      until(5, '2025-12-31', 99),
    ]
    const expected = [5, 2, 3, 1, 4].map((n) => [lotOf(n, POINTS).id, 10])
    expect(ids(pick(parts, 50).parts)).toEqual(expected)
    expect(ids(pick(parts.toReversed(), 50).parts)).toEqual(expected)
  })

  it('takes no more than asked, and says what lacks', () => {
    expect(pick([until(1, null), until(2, null)], 13)).toEqual({
      parts: [until(1, null), { ...until(2, null), amount: 3 }],
      short: 0,
    })
    expect(pick([until(1, null)], 13)).toMatchObject({ parts: [{ amount: 10 }], short: 3 })
    expect(pick([], 5)).toEqual({ parts: [], short: 5 })
    expect(pick([until(1, null)], 0)).toEqual({ parts: [], short: 0 })
  })

  it('passes over what is empty', () => {
    expect(ids(pick([until(1, null, 1, 1), { ...until(2, null), amount: 0 }], 1).parts)).toHaveLength(1)
  })
})

const somePart = fc
  .record({
    n: fc.nat(9_999),
    expiry: fc.option(fc.constantFrom('2025-12-31', '2026-01-01')),
    issuedAt: fc.nat(3),
    amount: fc.integer({ min: 1, max: 50 }),
  })
  .map(({ n, expiry, issuedAt, amount }) => until(n, expiry, issuedAt, amount))
const someParts = fc.uniqueArray(somePart, { selector: ({ lot }) => lot.id })

describe('the order of use', () => {
  it('is a total order', () => {
    fc.assert(
      fc.property(somePart, somePart, somePart, ({ lot: a }, { lot: b }, { lot: c }) => {
        expect(Math.sign(byUse(a, b))).toBe(-Math.sign(byUse(b, a)) + 0)
        if (byUse(a, b) <= 0 && byUse(b, c) <= 0) expect(byUse(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })

  it('picks exactly what is asked, or all there is, never more of a lot than it has', () => {
    fc.assert(
      fc.property(someParts, fc.nat(300), (parts, amount) => {
        const { parts: taken, short } = pick(parts, amount)
        const has = parts.reduce((sum, one) => sum + one.amount, 0)
        expect(taken.reduce((sum, one) => sum + one.amount, 0)).toBe(Math.min(amount, has))
        expect(short).toBe(Math.max(0, amount - has))
        for (const one of taken)
          expect(one.amount).toBeLessThanOrEqual(parts.find(({ lot }) => lot === one.lot)!.amount)
        expect(taken.slice(0, -1).every((one) => one.amount === parts.find(({ lot }) => lot === one.lot)!.amount)).toBe(
          true,
        )
      }),
    )
  })
})
