/** Where the server's fresh ids, codes and tags come from. */
import { randomBytes, randomInt } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { CouponCode, EventId, TerminalId } from '#core/ids.ts'
import { CROCKFORD } from '#core/scan/crockford.ts'
import type { Mint } from '#core/ledger/consequence/facts.ts'

/** Random Crockford base32. */
export function randomCrockford(length: number): string {
  return Array.from({ length }, () => CROCKFORD[randomInt(CROCKFORD.length)]).join('')
}

export const randomTag = (): string => randomBytes(12).toString('base64url')
export const newTerminalId = (): TerminalId => TerminalId.parse(randomCrockford(6))

export const mint: Mint = {
  event: () => EventId.parse(uuidv7()),
  couponCode: () => CouponCode.parse(randomCrockford(10)),
}
