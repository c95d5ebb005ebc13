/**
 * The claim printed as a QR on a receipt without a member: what the sale promised, signed by the counter.
 *
 * Text: `1`, then base64url of (record, 64 bytes of Ed25519 signature over the record), then one check character over all
 * before it, which tells a misread from a forgery. Record, numbers big-endian:
 *
 *     version 1 · claim id 16 · terminal 4 · epoch 4 · receipt number varint · amount varint · points varint
 *     · stamps varint (when not 0: card, length-prefixed) · business date 2 · expires on 2
 *
 * A date is its number of days since 2020-01-01. One claim has one record, and one record one text. Later versions keep
 * the check character, so that a version not known yet is told apart from a misread too.
 */
import { z } from 'zod'
import { checkCharacter, endsWithCheck } from '#core/scan/check.ts'
import { decodeBase32, encodeBase32 } from '#core/scan/crockford.ts'
import { Amount, BusinessDate, ClaimId, EpochId, StampCardId, TerminalId } from '#core/ids.ts'
import { BASE64URL, fromBase64Url, toBase64Url } from './base64url.ts'
import { ByteReader, ByteWriter } from './bytes.ts'

export const Claim = z.object({
  claimId: ClaimId,
  terminal: TerminalId,
  epoch: EpochId,
  receiptNumber: z.number().int().min(0),
  amount: Amount,
  points: Amount,
  stamps: z.object({ card: StampCardId, count: z.number().int().min(1) }).nullable(),
  businessDate: BusinessDate,
  /** The last day on which it can be claimed. */
  expiresOn: BusinessDate,
})
export type Claim = z.infer<typeof Claim>

/** What the signature still has to prove: `verify(publicKeyOf(claim.terminal), signedBytes, signature)`. */
export type SignedClaim = { claim: Claim; signedBytes: Uint8Array; signature: Uint8Array }
export type ClaimTokenError = 'badToken' | 'badCheck' | 'version'

const TEXT_VERSION = '1'
const RECORD_VERSION = 1
const SIGNATURE_BYTES = 64
const DAY_MS = 86_400_000
const FIRST_DAY_MS = Date.UTC(2020, 0, 1)

/** The printed token. `sign` is Ed25519 with the counter's key. Throws RangeError for a date that is not in the calendar. */
export function encodeClaim(claim: Claim, sign: (bytes: Uint8Array) => Uint8Array): string {
  const record = writeRecord(claim)
  const signature = sign(record)
  if (signature.length !== SIGNATURE_BYTES) throw new RangeError('an Ed25519 signature has 64 bytes')
  const signed = new Uint8Array(record.length + SIGNATURE_BYTES)
  signed.set(record)
  signed.set(signature, record.length)
  const text = TEXT_VERSION + toBase64Url(signed)
  return `${text}${checkCharacter(text, BASE64URL)}`
}

/** Reads a token without trusting it: 'badCheck' is a misread, 'badToken' was never one of ours, 'version' is from the future. */
export function decodeClaim(token: string): SignedClaim | { error: ClaimTokenError } {
  if (!/^[\w-]{2,}$/.test(token)) return { error: 'badToken' }
  if (!endsWithCheck(token, BASE64URL)) return { error: 'badCheck' }
  if (!token.startsWith(TEXT_VERSION)) return { error: 'version' }
  const bytes = fromBase64Url(token.slice(1, -1))
  if (bytes === null || bytes.length <= SIGNATURE_BYTES) return { error: 'badToken' }
  if (bytes[0] !== RECORD_VERSION) return { error: 'version' }
  const signedBytes = bytes.slice(0, -SIGNATURE_BYTES)
  const claim = readRecord(signedBytes)
  return claim === null ? { error: 'badToken' } : { claim, signedBytes, signature: bytes.slice(-SIGNATURE_BYTES) }
}

/** The QR's content. The base may be a LIFF URL, which hands its path on to the page behind it. */
export function claimUrl(baseUrl: string, token: string): string {
  return `${baseUrl.replace(/\/+$/, '')}/c/${token}`
}

function writeRecord(claim: Claim): Uint8Array {
  const writer = new ByteWriter()
    .uint(RECORD_VERSION, 1)
    .hex(claim.claimId.replaceAll('-', ''))
    .uint(decodeBase32(claim.terminal), 4)
    .uint(decodeBase32(claim.epoch), 4)
    .varint(claim.receiptNumber)
    .varint(claim.amount)
    .varint(claim.points)
    .varint(claim.stamps?.count ?? 0)
  if (claim.stamps !== null) writer.ascii(claim.stamps.card)
  return writer.uint(dayNumber(claim.businessDate), 2).uint(dayNumber(claim.expiresOn), 2).finish()
}

function readRecord(bytes: Uint8Array): Claim | null {
  try {
    const reader = new ByteReader(bytes)
    reader.uint(1)
    const claimId = reader.hex(16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    const terminal = encodeBase32(reader.uint(4), 6)
    const epoch = encodeBase32(reader.uint(4), 6)
    const receiptNumber = reader.varint()
    const amount = reader.varint()
    const points = reader.varint()
    const stampCount = reader.varint()
    const stamps = stampCount === 0 ? null : { card: reader.ascii(), count: stampCount }
    const businessDate = dateOf(reader.uint(2))
    const expiresOn = dateOf(reader.uint(2))
    reader.finish()
    const fields = { claimId, terminal, epoch, receiptNumber, amount, points, stamps, businessDate, expiresOn }
    return Claim.safeParse(fields).data ?? null
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function dayNumber(date: BusinessDate): number {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number)
  const number = (Date.UTC(year, month - 1, day) - FIRST_DAY_MS) / DAY_MS
  if (dateOf(number) !== date) throw new RangeError(`${date} is not in the calendar`)
  return number
}

function dateOf(dayNumber: number): string {
  return new Date(FIRST_DAY_MS + dayNumber * DAY_MS).toISOString().slice(0, 10)
}
