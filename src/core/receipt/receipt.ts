/**
 * A receipt as data: all that the paper says, so that it can be stored, printed, previewed and printed again. Kept
 * for ever in the spool: a field added later needs a default.
 */
import { z } from 'zod'
import { BusinessDate } from '#core/ids.ts'

const Whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const Signed = z.number().int().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER)

export const Receipt = z.object({
  kind: z.enum(['sale', 'topUp', 'debit', 'refund', 'void', 'test']),
  language: z.enum(['zh-TW', 'en']),
  /** Every amount below is in this currency's smallest unit. */
  currency: z.object({ code: z.string(), decimals: z.number().int().min(0).max(4), symbol: z.string() }),
  shopName: z.string(),
  storeName: z.string(),
  counterName: z.string(),
  staffName: z.string(),
  businessDate: BusinessDate,
  /** ISO 8601 instant. */
  occurredAt: z.iso.datetime({ offset: true }),
  /** The same instant in the store's zone, as the paper shows it: `2025/11/22 14:05`. */
  localTime: z.string(),
  /** For people. */
  receiptNumber: z.string(),
  /** For scanners: one of the product's own codes, upper-case letters and digits. */
  receiptCode: z.string().regex(/^[0-9A-Z]{2,32}$/),
  lines: z.array(z.object({ name: z.string(), quantity: Whole, unitPrice: Whole, amount: Whole })),
  /** Amounts taken off; printed with a minus. */
  discounts: z.array(z.object({ name: z.string(), amount: Whole })),
  total: Whole,
  tenders: z.array(
    z.object({
      kind: z.enum(['cash', 'card', 'storedValue', 'points']),
      amount: Whole,
      /** How many points stood for the amount. */
      points: Whole.optional(),
      tendered: Whole.optional(),
      change: Whole.optional(),
    }),
  ),
  /** What the member earned; negative where a refund or void took it back. */
  earned: z.object({ points: Signed, stamps: Signed }),
  /** What a top-up adds beside what was paid. */
  bonus: Whole.default(0),
  /** What the store has lent (R9); the balances are without it. */
  lent: z.object({ points: Whole, value: Whole }).default({ points: 0, value: 0 }),
  /** What the member has after this; null without a member, and where it is for the server to say. */
  balances: z
    .object({
      points: Whole,
      /** Points that are owed, and paid first out of these and what is earned (R6). */
      owed: Whole.default(0),
      storedValue: Whole,
      stamps: z.array(z.object({ name: z.string(), count: Whole, size: Whole })),
      couponCount: Whole,
    })
    .nullable(),
  member: z.object({ maskedName: z.string(), maskedPhone: z.string(), tierName: z.string() }).nullable(),
  /** What a customer without a member card may still collect by scanning `url`. */
  claim: z.object({ url: z.string(), points: Whole, stamps: Whole, expiresOn: BusinessDate }).nullable(),
  /** The receipt this one reverses. */
  refundOf: z.object({ receiptNumber: z.string() }).nullable(),
  reprint: z.boolean(),
})
export type Receipt = z.infer<typeof Receipt>

/** The same receipt printed once more: it says so, opens no drawer, and carries the same claim. */
export const reprintOf = (receipt: Receipt): Receipt => ({ ...receipt, reprint: true })
