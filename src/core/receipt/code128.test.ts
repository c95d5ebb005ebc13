import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { code128 } from './code128.ts'

const START_B = '211214'
const STOP = '2331112'

function symbols(text: string): string[] {
  const widths = code128(text).join('')
  expect(widths.endsWith(STOP)).toBe(true)
  return widths.slice(0, -STOP.length).match(/.{6}/g) ?? []
}

describe('code128', () => {
  it('encodes a text and its check symbol', () => {
    // 104 + 1×48 + 2×42 + 3×42 + 4×17 + 5×18 + 6×19 + 7×35 = 879, which is 55 modulo 103.
    expect(symbols('PJJ123C')).toEqual([
      START_B,
      '313121',
      '112133',
      '112133',
      '123221',
      '223211',
      '221132',
      '131321',
      '311321',
    ])
  })

  it('gives every character of code set B its own symbol of 11 modules with an even number of black ones', () => {
    const alphabet = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
    const patterns = alphabet.map((char) => symbols(char)[1] ?? '')
    expect(new Set(patterns).size).toBe(95)
    for (const pattern of patterns) {
      const widths = Array.from(pattern, Number)
      expect(widths.reduce((sum, width) => sum + width, 0)).toBe(11)
      expect(widths.filter((_, index) => index % 2 === 0).reduce((sum, width) => sum + width, 0) % 2).toBe(0)
    }
  })

  it('has as many modules as its text asks for', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-Z]{1,40}$/), (text) => {
        const modules = code128(text).reduce((sum, width) => sum + width, 0)
        expect(modules).toBe(11 * (text.length + 2) + 13)
      }),
    )
  })

  it('refuses what code set B has not', () => {
    expect(() => code128('點')).toThrow(RangeError)
    expect(() => code128('\n')).toThrow(RangeError)
  })
})
