/** Why a command cannot be done here and now, as data; screens turn it into words and buttons. */
import { z } from 'zod'
import { Amount, LotId, MemberId } from '#core/ids.ts'
import { Asset } from './asset.ts'

/** Where the rest of something is: in another counter's keeping. */
export const HeldElsewhere = z.object({ counter: z.string(), amount: Amount })
export type HeldElsewhere = z.infer<typeof HeldElsewhere>

export const Refusal = z.discriminatedUnion('code', [
  z.object({
    code: z.literal('insufficient'),
    asset: Asset,
    wanted: Amount,
    /** What this counter could use for it at this moment, connected or not. */
    usableHere: Amount,
    /** What the member has in all, as far as is known here. */
    total: Amount,
    elsewhere: z.array(HeldElsewhere),
    offline: z.boolean(),
  }),
  z.object({
    code: z.literal('couponUnavailable'),
    lot: LotId,
    elsewhere: z.array(HeldElsewhere),
    offline: z.boolean(),
  }),
  z.object({ code: z.literal('couponExpired'), lot: LotId, expiredOn: z.string() }),
  z.object({
    code: z.literal('couponNotApplicable'),
    lot: LotId,
    reason: z.enum(['minimumSpend', 'nothingLeft', 'notForSale', 'wrongMember']),
    needed: Amount,
  }),
  /** What is to be issued again: the programme has it no more, it was done already, or it was nothing of the kind. */
  z.object({ code: z.literal('couponWithdrawn'), name: z.string() }),
  z.object({ code: z.literal('alreadyReissued') }),
  z.object({ code: z.literal('nothingToReissue') }),
  z.object({ code: z.literal('notPaidInFull'), due: Amount, paid: Amount }),
  z.object({ code: z.literal('overpaid'), due: Amount, paid: Amount }),
  z.object({ code: z.literal('memberNeeded') }),
  z.object({ code: z.literal('memberUnknown') }),
  z.object({ code: z.literal('nothingToSell') }),
  z.object({ code: z.literal('amountNotAllowed'), allowed: z.array(Amount) }),
  /** More than the server would take from one event. */
  z.object({ code: z.literal('tooLarge') }),
  z.object({ code: z.literal('alreadyReversed') }),
  z.object({ code: z.literal('saleUnknown') }),
  /** A top-up goes back whole: what of its value is not here is spent, or held elsewhere, or (offline) anyone's guess. */
  z.object({
    code: z.literal('valueNotHere'),
    missing: Amount,
    elsewhere: z.array(HeldElsewhere),
    offline: z.boolean(),
  }),
  z.object({
    code: z.literal('approvalNeeded'),
    /** What became of the PIN that was given: tries left of it, and until when there are none. */
    tried: z.object({ attemptsLeft: Amount, lockedUntil: z.number().int().nullable() }).optional(),
  }),
  z.object({ code: z.literal('memberExists'), member: MemberId, name: z.string() }),
  z.object({ code: z.literal('frozen'), reason: z.string() }),
  /** The server was put back from a backup and is still being told what it has forgotten (R12). */
  z.object({ code: z.literal('restoring') }),
  /** This file was put back from a backup, the one before it may have done this, and the server cannot be asked now (R11). */
  z.object({ code: z.literal('mayBeForgotten') }),
  /** It was not done when a screen asked whether it was, and so never will be under this id. */
  z.object({ code: z.literal('notDone') }),
])
export type Refusal = z.infer<typeof Refusal>
export type RefusalCode = Refusal['code']

export type Planned<T> = { ok: true; value: T } | { ok: false; refusal: Refusal }

export const refuse = (refusal: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal })
export const planned = <T>(value: T): { ok: true; value: T } => ({ ok: true, value })
