/**
 * The grammar of codes, fixed for ever: what was printed once is scanned for years.
 *
 * Our own codes are a kind letter, a payload and a check character, all of Crockford's base32, so they pass through
 * a keyboard wedge, Code 128 and a QR's alphanumeric mode, and can be read aloud:
 *
 *     M card number (10)                      member card
 *     C coupon code (10)                      coupon
 *     R terminal (6) epoch (6) number (5)     receipt
 *     P 1 to 12 characters                    label of a product without a GTIN
 *     D 10 to 80 characters                   reserved for the member's changing QR
 *
 * A claim is the token of #core/claim/token.ts, bare or in a URL as `/c/<token>`, `?c=<token>` or inside `liff.state`.
 */
import { z } from 'zod'
import { decodeClaim } from '#core/claim/token.ts'
import { CardNumber, CouponCode, EpochId, TerminalId } from '#core/ids.ts'
import { checkCharacter, endsWithCheck } from './check.ts'
import { CROCKFORD, decodeBase32, encodeBase32, likeCrockford } from './crockford.ts'
import { parseGtin } from './gtin.ts'

/** What a receipt is found by: the n-th receipt of a counter's epoch. */
export type ReceiptReference = { terminal: TerminalId; epoch: EpochId; number: number }

/** One to twelve characters of Crockford base32, printed behind `P` and before a check character. */
export const ProductLabel = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Z]{1,12}$/)
  .brand<'ProductLabel'>()
export type ProductLabel = z.infer<typeof ProductLabel>

/** A GS1 product number with a right check digit, in 13 digits, or 14 when it is a trade unit's. */
export const Gtin = z
  .string()
  .regex(/^(\d{13}|[1-9]\d{13})$/)
  .brand<'Gtin'>()
export type Gtin = z.infer<typeof Gtin>

export type Code =
  | { kind: 'member'; cardNumber: CardNumber }
  | { kind: 'coupon'; couponCode: CouponCode }
  | ({ kind: 'receipt' } & ReceiptReference)
  | { kind: 'productLabel'; label: ProductLabel }
  | { kind: 'reserved'; text: string }
  | { kind: 'claim'; token: string }
  | { kind: 'product'; gtin: Gtin }
  /** A customer's mobile barcode for e-invoices (`/` and 7 characters). Personal, so its text is not passed on. */
  | { kind: 'invoiceCarrier' }
  /** A code printed on an e-invoice. */
  | { kind: 'invoice' }
  | { kind: 'unknown'; text: string; reason?: 'badCheck' }

const RECEIPT_NUMBER_WIDTH = 5

/** What a scanned or typed text is. Never throws. */
export function parseCode(text: string): Code {
  const trimmed = halfWidth(text).trim()
  return (
    parseOwnCode(trimmed) ??
    parseProduct(trimmed) ??
    parseClaim(trimmed) ??
    parseInvoice(trimmed) ?? { kind: 'unknown', text: trimmed }
  )
}

/** What a product is known by, as the catalogue writes its code or as a scanner gives it: one number, however many digits. */
export function productKey(text: string): string {
  const trimmed = halfWidth(text).trim()
  return parseGtin(trimmed) ?? trimmed
}

export function formatMemberCard(cardNumber: CardNumber): string {
  return withCheck(`M${cardNumber}`)
}

export function formatCoupon(couponCode: CouponCode): string {
  return withCheck(`C${couponCode}`)
}

/** Throws RangeError when the number does not fit five characters (33,554,431). */
export function formatReceipt({ terminal, epoch, number }: ReceiptReference): string {
  return withCheck(`R${terminal}${epoch}${encodeBase32(number, RECEIPT_NUMBER_WIDTH)}`)
}

/** The epoch in a receipt's code. */
export const epochOfReceipt = (code: string): string => code.slice(7, 13)

/** A label of one character makes a code too short for a wedge's scan to be told from typing. */
export function formatProductLabel(label: ProductLabel): string {
  return withCheck(`P${label}`)
}

function withCheck(text: string): string {
  const check = checkCharacter(text, CROCKFORD)
  if (check === null) throw new RangeError(`'${text}' is not base32`)
  return text + check
}

/** Typed by hand in lower case, or with the letters that Crockford's alphabet leaves out, it is still the same code. */
function parseOwnCode(text: string): Code | null {
  const upper = text.toUpperCase()
  const shape = /^(?:[MC][0-9A-Z]{11}|R[0-9A-Z]{18}|P[0-9A-Z]{2,13}|D[0-9A-Z]{11,81})$/
  if (!shape.test(upper)) return null
  const code = likeCrockford(upper)
  if (!endsWithCheck(code, CROCKFORD)) return { kind: 'unknown', text, reason: 'badCheck' }
  const payload = code.slice(1, -1)
  switch (code.charAt(0)) {
    case 'M':
      return { kind: 'member', cardNumber: CardNumber.parse(payload) }
    case 'C':
      return { kind: 'coupon', couponCode: CouponCode.parse(payload) }
    case 'R':
      return {
        kind: 'receipt',
        terminal: TerminalId.parse(payload.slice(0, 6)),
        epoch: EpochId.parse(payload.slice(6, 12)),
        number: decodeBase32(payload.slice(12)),
      }
    case 'P':
      return { kind: 'productLabel', label: ProductLabel.parse(payload) }
    default:
      return { kind: 'reserved', text: code }
  }
}

function parseProduct(text: string): Code | null {
  const gtin = parseGtin(text)
  return gtin === null ? null : { kind: 'product', gtin: Gtin.parse(gtin) }
}

/** A scanner that makes up for a Caps Lock that the decoder already ignores inverts every letter, so both are tried. */
function parseClaim(text: string): Code | null {
  const tokens = [text, swapCase(text)].map(claimTokenIn).filter((token) => token !== null)
  const token = tokens.find(isClaimToken)
  if (token !== undefined) return { kind: 'claim', token }
  return tokens.length > 0 ? { kind: 'unknown', text, reason: 'badCheck' } : null
}

function isClaimToken(token: string): boolean {
  const decoded = decodeClaim(token)
  return !('error' in decoded) || decoded.error === 'version'
}

/** A version and 64 bytes of signature are 87 characters; shorter text is somebody else's. */
function claimTokenIn(text: string): string | null {
  if (/^\d[\w-]{87,}$/.test(text)) return text
  if (!/^[a-z][a-z0-9+.-]*:\/\//.test(text)) return null
  return /(?:\/c\/|[?&]c=)([\w-]{88,})/.exec(percentDecoded(text))?.[1] ?? null
}

/** `liff.state` is encoded once, and twice when a sign-in page has carried it. */
function percentDecoded(text: string): string {
  return text.replace(/%(?:25)?([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/**
 * Taiwan's e-invoice: the customer's mobile barcode; the Code 39 of the paper invoice (period 5, number 10, random 4); its left QR
 * (number 10, date 7, random 4, amounts 16, tax ids 16, cipher 24, …) and its right QR (`**` and more lines).
 */
function parseInvoice(text: string): Code | null {
  const upper = text.toUpperCase()
  if (/^\/[0-9A-Z.+-]{7}$/.test(upper)) return { kind: 'invoiceCarrier' }
  const paper = /^\d{5}[A-Z]{2}\d{12}$/
  const leftQr = /^[A-Z]{2}\d{19}[0-9A-F]{16}\d{16}/
  return paper.test(upper) || leftQr.test(upper) || upper.startsWith('**') ? { kind: 'invoice' } : null
}

/** An input method in full-width mode: U+FF01–FF5E are ASCII moved by a constant. */
function halfWidth(text: string): string {
  return text
    .replace(/[\uFF01-\uFF5E]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replaceAll('\u3000', ' ')
}

function swapCase(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()))
}
