/**
 * Branded identifiers. Long ids are UUIDv7 in their usual text form, minted once by whoever makes the thing.
 * Short ids are Crockford base32 (no I, L, O, U), so that they can be packed, printed and read aloud.
 */
import { z } from 'zod'

const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
/** Six characters of Crockford base32: 30 bits. */
const short = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{6}$/)

export const EventId = uuid.brand<'EventId'>()
export type EventId = z.infer<typeof EventId>

export const MemberId = uuid.brand<'MemberId'>()
export type MemberId = z.infer<typeof MemberId>

/** When a UUIDv7 was minted, Unix ms, by the clock of who did. */
export const mintedAt = (id: EventId): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)

/** `<event id>.<n>`: the n-th lot an event issued, so a lot always names its origin. */
export const LotId = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.\d{1,4}$/)
  .brand<'LotId'>()
export type LotId = z.infer<typeof LotId>

/** A sale makes at most one claim, and the claim's id is the sale's event id. */
export const ClaimId = uuid.brand<'ClaimId'>()
export type ClaimId = z.infer<typeof ClaimId>

/** Minted by a counter for one acquire request; the grant made for it has the same id. */
export const GrantId = uuid.brand<'GrantId'>()
export type GrantId = z.infer<typeof GrantId>

export const TerminalId = short.brand<'TerminalId'>()
export type TerminalId = z.infer<typeof TerminalId>

export const EpochId = short.brand<'EpochId'>()
export type EpochId = z.infer<typeof EpochId>

export const StoreId = slug.brand<'StoreId'>()
export type StoreId = z.infer<typeof StoreId>

export const StaffId = slug.brand<'StaffId'>()
export type StaffId = z.infer<typeof StaffId>

export const CouponTemplateId = slug.brand<'CouponTemplateId'>()
export type CouponTemplateId = z.infer<typeof CouponTemplateId>

export const StampCardId = slug.brand<'StampCardId'>()
export type StampCardId = z.infer<typeof StampCardId>

/** Ten Crockford base32 characters (50 random bits), printed behind `M` and before a check character. */
export const CardNumber = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Z]{10}$/)
  .brand<'CardNumber'>()
export type CardNumber = z.infer<typeof CardNumber>

/** Ten Crockford base32 characters, printed behind `C` and before a check character. */
export const CouponCode = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Z]{10}$/)
  .brand<'CouponCode'>()
export type CouponCode = z.infer<typeof CouponCode>

/** A day in the shop's calendar, `YYYY-MM-DD`. */
export const BusinessDate = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/)
  .brand<'BusinessDate'>()
export type BusinessDate = z.infer<typeof BusinessDate>

/** Money or a quantity in an asset's smallest unit; never a fraction, never negative. */
export const Amount = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).brand<'Amount'>()
export type Amount = z.infer<typeof Amount>
