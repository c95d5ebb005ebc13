import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { base32OfBytes, CROCKFORD, decodeBase32, encodeBase32 } from './crockford.ts'

describe('Crockford base32', () => {
  it('gives every number back, at its fixed width and in its order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 - 1 }), fc.integer({ min: 0, max: 2 ** 50 - 1 }), (a, b) => {
        const [left, right] = [encodeBase32(a, 10), encodeBase32(b, 10)]
        expect(left).toHaveLength(10)
        expect(decodeBase32(left)).toBe(a)
        expect(left < right).toBe(a < b)
      }),
    )
  })

  it('knows its first and last characters', () => {
    expect(encodeBase32(0, 6)).toBe('000000')
    expect(encodeBase32(2 ** 30 - 1, 6)).toBe('ZZZZZZ')
    expect(encodeBase32(31, 2)).toBe('0Z')
    expect(decodeBase32('10')).toBe(32)
  })

  it('refuses what does not fit or is not base32', () => {
    expect(() => encodeBase32(1024, 2)).toThrow(RangeError)
    expect(() => encodeBase32(-1, 2)).toThrow(RangeError)
    expect(() => encodeBase32(0.5, 2)).toThrow(RangeError)
    expect(() => encodeBase32(1, 11)).toThrow(RangeError)
    expect(() => decodeBase32('U')).toThrow(RangeError)
    expect(() => decodeBase32('00000000000')).toThrow(RangeError)
  })

  it('makes each character equally likely from even bytes', () => {
    const all = base32OfBytes(Uint8Array.from({ length: 256 }, (_, byte) => byte))
    for (const character of CROCKFORD) expect(all.split(character)).toHaveLength(1 + 8)
  })
})
