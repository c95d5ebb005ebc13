import { generateKeyPairSync, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CROCKFORD } from '#core/scan/crockford.ts'
import { parseCode } from '#core/scan/code.ts'
import { checkCharacter } from '#core/scan/check.ts'
import { BASE64URL, fromBase64Url, toBase64Url } from './base64url.ts'
import { Claim, claimUrl, decodeClaim, encodeClaim } from './token.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const signWithKey = (bytes: Uint8Array): Uint8Array => new Uint8Array(sign(null, bytes, privateKey))

const short = fc.string({ unit: fc.constantFrom(...Array.from(CROCKFORD)), minLength: 6, maxLength: 6 })
const amounts = fc.oneof(fc.nat(100_000), fc.maxSafeNat())
const dates = fc
  .date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2199-06-05T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const claims = fc
  .record({
    claimId: fc.uuid(),
    terminal: short,
    epoch: short,
    receiptNumber: fc.nat(2 ** 25 - 1),
    amount: amounts,
    points: amounts,
    stamps: fc.option(
      fc.record({ card: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/), count: fc.integer({ min: 1, max: 50 }) }),
    ),
    businessDate: dates,
    expiresOn: dates,
  })
  .map((fields) => Claim.parse(fields))
const tokens = claims.map((claim) => encodeClaim(claim, signWithKey))

const sample = Claim.parse({
  claimId: '01934f3e-8a2b-7c4d-9e5f-0123456789ab',
  terminal: '7K3QZX',
  epoch: '0A1B2C',
  receiptNumber: 1042,
  amount: 450,
  points: 4,
  stamps: { card: 'coffee', count: 1 },
  businessDate: '2026-11-22',
  expiresOn: '2026-11-29',
})

/** Whether a server would honour the token. */
function isHonoured(token: string): boolean {
  const decoded = decodeClaim(token)
  return !('error' in decoded) && verify(null, decoded.signedBytes, publicKey, decoded.signature)
}

describe('claim token', () => {
  it('reads back as what was signed', () => {
    fc.assert(
      fc.property(claims, (claim) => {
        const token = encodeClaim(claim, signWithKey)
        expect(decodeClaim(token)).toMatchObject({ claim })
        expect(isHonoured(token)).toBe(true)
      }),
    )
  })

  it('keeps the form it was first printed in', () => {
    const token = encodeClaim(sample, () => new Uint8Array(64))
    expect(token).toBe(`1AQGTTz6KK3xNnl8BI0VniasPMd_9AKCsTJIIwgMEAQZjb2ZmZWUJ1Qnc${'A'.repeat(86)}j`)
  })

  it('is a misread when any one character is wrong or swapped with its neighbour', () => {
    fc.assert(
      fc.property(tokens, fc.nat(500), fc.constantFrom(...Array.from(BASE64URL)), (token, at, by) => {
        const place = at % token.length
        fc.pre(token.charAt(place) !== by)
        expect(decodeClaim(token.slice(0, place) + by + token.slice(place + 1))).toEqual({ error: 'badCheck' })
      }),
      { numRuns: 1000 },
    )
    fc.assert(
      fc.property(tokens, fc.nat(500), (token, at) => {
        const place = at % (token.length - 1)
        const [left, right] = [token.charAt(place), token.charAt(place + 1)]
        fc.pre(left !== right)
        const swapped = token.slice(0, place) + right + left + token.slice(place + 2)
        expect(decodeClaim(swapped)).toEqual({ error: 'badCheck' })
      }),
      { numRuns: 1000 },
    )
  })

  it('is not honoured when any one bit is forged and the check character made right again', () => {
    fc.assert(
      fc.property(tokens, fc.nat(5000), (token, at) => {
        const bytes = fromBase64Url(token.slice(1, -1)) ?? new Uint8Array()
        const bit = at % (bytes.length * 8)
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const text = `1${toBase64Url(bytes)}`
        const forged = `${text}${checkCharacter(text, BASE64URL)}`
        expect(decodeClaim(forged)).not.toEqual({ error: 'badCheck' })
        expect(isHonoured(forged)).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  it('is not honoured when cut short', () => {
    fc.assert(
      fc.property(tokens, fc.nat(500), (token, at) => {
        const text = token.slice(0, at % (token.length - 1))
        expect(isHonoured(text)).toBe(false)
        expect(isHonoured(`${text}${checkCharacter(text, BASE64URL)}`)).toBe(false)
      }),
    )
  })

  it('names a version that it does not know', () => {
    const later = '2abcdef'
    expect(decodeClaim(`${later}${checkCharacter(later, BASE64URL)}`)).toEqual({ error: 'version' })
    const record = new Uint8Array(120)
    record[0] = 2
    const text = `1${toBase64Url(record)}`
    expect(decodeClaim(`${text}${checkCharacter(text, BASE64URL)}`)).toEqual({ error: 'version' })
  })

  it.each(['', '1', 'not a token', '1€'])('%j is no token', (text) => {
    expect(decodeClaim(text)).toEqual({ error: 'badToken' })
  })

  it('refuses to print a day that is not in the calendar or not in reach', () => {
    expect(() => encodeClaim(Claim.parse({ ...sample, expiresOn: '2026-02-30' }), signWithKey)).toThrow(RangeError)
    expect(() => encodeClaim(Claim.parse({ ...sample, businessDate: '2019-12-31' }), signWithKey)).toThrow(RangeError)
  })
})

describe('a scanned claim', () => {
  it('is found bare, by its URL, and behind LIFF', () => {
    fc.assert(
      fc.property(tokens, (token) => {
        const url = claimUrl('https://liff.line.me/1234567890-abcdefgh/', token)
        expect(url).toBe(`https://liff.line.me/1234567890-abcdefgh/c/${token}`)
        const state = encodeURIComponent(`/c/${token}`)
        const texts = [
          token,
          url,
          `${url}?utm=1`,
          `https://shop.example/?c=${token}`,
          `https://shop.example/m?a=1&c=${token}#x`,
          `https://shop.example/m?liff.state=${state}`,
          `https://shop.example/m?liff.state=${encodeURIComponent(state)}`,
          `https://shop.example/m?liff.state=${encodeURIComponent(`?c=${token}`)}`,
        ]
        for (const text of texts) expect(parseCode(text)).toEqual({ kind: 'claim', token })
      }),
      { numRuns: 30 },
    )
  })

  it('survives inverted letters', () => {
    fc.assert(
      fc.property(tokens, (token) => {
        const inverted = Array.from(claimUrl('https://shop.example', token), (letter) =>
          letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
        ).join('')
        expect(parseCode(inverted)).toEqual({ kind: 'claim', token })
      }),
      { numRuns: 30 },
    )
  })

  it('is a misread when its check is wrong', () => {
    const token = encodeClaim(sample, signWithKey)
    const text = claimUrl('https://shop.example', `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)
    expect(parseCode(text)).toEqual({ kind: 'unknown', text, reason: 'badCheck' })
  })
})
