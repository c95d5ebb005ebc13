import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatAmount, formatMoney } from './money.ts'

const TWD = { decimals: 0, symbol: 'NT$' }
const USD = { decimals: 2, symbol: 'US$' }

describe('formatMoney', () => {
  it.each([
    [0, TWD, 'NT$0'],
    [999, TWD, 'NT$999'],
    [1250, TWD, 'NT$1,250'],
    [1234567, TWD, 'NT$1,234,567'],
    [-50, TWD, '−NT$50'],
    [5, USD, 'US$0.05'],
    [125000, USD, 'US$1,250.00'],
    [-1, USD, '−US$0.01'],
  ])('writes %i as %o says', (amount, style, text) => {
    expect(formatMoney(amount, style)).toBe(text)
  })

  it('keeps every digit', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 4 }), (amount, decimals) => {
        const digits = formatAmount(amount, decimals).replaceAll(/[,.]/g, '').replace('−', '-')
        expect(Number(digits)).toBe(amount === 0 ? 0 : amount)
      }),
    )
  })
})
