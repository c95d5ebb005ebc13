import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CardNumber, CouponCode, EpochId, TerminalId } from '#core/ids.ts'
import { checkCharacter } from './check.ts'
import {
  formatCoupon,
  formatMemberCard,
  formatProductLabel,
  formatReceipt,
  parseCode,
  productKey,
  ProductLabel,
} from './code.ts'
import { CROCKFORD } from './crockford.ts'

const base32 = (minLength: number, maxLength = minLength): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(CROCKFORD)), minLength, maxLength })

const cardNumbers = base32(10).map((text) => CardNumber.parse(text))
const receipts = fc.record({
  terminal: base32(6).map((text) => TerminalId.parse(text)),
  epoch: base32(6).map((text) => EpochId.parse(text)),
  number: fc.integer({ min: 0, max: 2 ** 25 - 1 }),
})
const labels = base32(1, 12).map((text) => ProductLabel.parse(text))
const reserved = base32(10, 80).map((text) => `D${text}${checkCharacter(`D${text}`, CROCKFORD)}`)
const ownCodes = fc.oneof(
  cardNumbers.map(formatMemberCard),
  base32(10).map((text) => formatCoupon(CouponCode.parse(text))),
  receipts.map(formatReceipt),
  labels.map(formatProductLabel),
  reserved,
)

describe('own codes', () => {
  it('read back as what was printed', () => {
    fc.assert(
      fc.property(cardNumbers, (cardNumber) => {
        expect(parseCode(formatMemberCard(cardNumber))).toEqual({ kind: 'member', cardNumber })
      }),
    )
    fc.assert(
      fc.property(base32(10), (text) => {
        const couponCode = CouponCode.parse(text)
        expect(parseCode(formatCoupon(couponCode))).toEqual({ kind: 'coupon', couponCode })
      }),
    )
    fc.assert(
      fc.property(receipts, (receipt) => {
        expect(parseCode(formatReceipt(receipt))).toEqual({ kind: 'receipt', ...receipt })
      }),
    )
    fc.assert(
      fc.property(labels, (label) => {
        expect(parseCode(formatProductLabel(label))).toEqual({ kind: 'productLabel', label })
      }),
    )
    fc.assert(
      fc.property(reserved, (text) => {
        expect(parseCode(text)).toEqual({ kind: 'reserved', text })
      }),
    )
  })

  it('keep the form they were first printed in', () => {
    expect(formatMemberCard(CardNumber.parse('0123456789'))).toBe('M01234567893')
    expect(formatCoupon(CouponCode.parse('ABCDEFGHJK'))).toBe('CABCDEFGHJKK')
    const receipt = { terminal: TerminalId.parse('00000A'), epoch: EpochId.parse('7ZZZZZ'), number: 1042 }
    expect(formatReceipt(receipt)).toBe('R00000A7ZZZZZ0010JQ')
    expect(formatProductLabel(ProductLabel.parse('42'))).toBe('P42N')
  })

  it('show every wrong character', () => {
    const places = fc.record({ code: ownCodes, at: fc.nat(200), by: fc.constantFrom(...Array.from(CROCKFORD)) })
    fc.assert(
      fc.property(places, ({ code, at, by }) => {
        const place = at % code.length
        fc.pre(code.charAt(place) !== by)
        expect(parseCode(code.slice(0, place) + by + code.slice(place + 1)).kind).toBe('unknown')
      }),
      { numRuns: 2000 },
    )
  })

  it('show every swap of neighbours', () => {
    fc.assert(
      fc.property(ownCodes, fc.nat(200), (code, at) => {
        const place = at % (code.length - 1)
        const [left, right] = [code.charAt(place), code.charAt(place + 1)]
        fc.pre(left !== right)
        expect(parseCode(code.slice(0, place) + right + left + code.slice(place + 2)).kind).toBe('unknown')
      }),
      { numRuns: 2000 },
    )
  })

  it('say when it is only the check that fails', () => {
    const wrong = 'M0123456789D'
    expect(parseCode(wrong)).toEqual({ kind: 'unknown', text: wrong, reason: 'badCheck' })
  })

  it('survive Caps Lock, full-width letters, white space and the letters that look like digits', () => {
    fc.assert(
      fc.property(ownCodes, (code) => {
        const parsed = parseCode(code)
        const wide = Array.from(code, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0)).join('')
        const misread = code.slice(0, -1).replaceAll('0', 'o').replaceAll('1', 'l') + code.slice(-1)
        for (const text of [code.toLowerCase(), wide, wide.toLowerCase(), ` ${code}\r\n`, `\u3000${code}`, misread]) {
          expect(parseCode(text)).toEqual(parsed)
        }
      }),
    )
  })

  it('refuse a receipt number that does not fit', () => {
    const receipt = { terminal: TerminalId.parse('00000A'), epoch: EpochId.parse('00000B'), number: 2 ** 25 }
    expect(() => formatReceipt(receipt)).toThrow(RangeError)
  })
})

describe('products', () => {
  it.each([
    ['4710018000102', '4710018000102'],
    ['036000291452', '0036000291452'],
    ['96385074', '0000096385074'],
    ['10614141000415', '10614141000415'],
    ['00036000291452', '0036000291452'],
    ['４７１００１８０００１０２', '4710018000102'],
  ])('%s is product %s', (text, gtin) => {
    expect(parseCode(text)).toEqual({ kind: 'product', gtin })
  })

  it('have a right check digit', () => {
    fc.assert(
      fc.property(fc.constantFrom('4710018000102', '96385074'), fc.nat(12), fc.nat(9), (gtin, at, digit) => {
        const place = at % gtin.length
        fc.pre(gtin.charAt(place) !== String(digit))
        const text = gtin.slice(0, place) + digit + gtin.slice(place + 1)
        expect(parseCode(text)).toEqual({ kind: 'unknown', text })
      }),
    )
  })
})

describe('productKey', () => {
  it.each([
    ['96385074', '0000096385074'],
    ['036000291452', '0036000291452'],
    ['0036000291452', '036000291452'],
    ['00036000291452', '036000291452'],
    [' ０３６０００２９１４５２', '036000291452'],
    ['Ｐ１２３\r\n', 'P123'],
  ])('%j is the same product as %j', (text, same) => {
    expect(productKey(text)).toBe(productKey(same))
  })

  it.each([
    ['P123', '123'],
    ['96385075', '0000096385075'],
    ['10614141000415', '0614141000415'],
  ])('%j is another product than %j', (text, other) => {
    expect(productKey(text)).not.toBe(productKey(other))
  })
})

describe("the tax office's codes", () => {
  it.each(['/ABC1234', '/abc12.+', '/-+.0000', '／ＡＢＣ１２３４'])('%s is a carrier', (text) => {
    expect(parseCode(text)).toEqual({ kind: 'invoiceCarrier' })
  })

  it.each([
    'AB112233441020523999900000144000001540000000001234567ydXZt4LAN1UHN/j1juVcRA==:**********:3:3:1:乾電池:1:105:',
    '11304AB112233449999',
    '**口罩:1:210:牛奶:1:25',
  ])('%s is an invoice', (text) => {
    expect(parseCode(text)).toEqual({ kind: 'invoice' })
  })
})

describe('anything else', () => {
  it.each(['', 'hello', '0912345678', '/ABC123', 'https://example.com/c/abc', 'MENU', '123', '台灣'])(
    '%j is unknown',
    (text) => {
      expect(parseCode(text)).toEqual({ kind: 'unknown', text })
    },
  )

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff)), (units) => {
        expect(parseCode(String.fromCharCode(...units)).kind).toBeTypeOf('string')
      }),
    )
  })
})
