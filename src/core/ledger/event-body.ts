/** What each kind of event says. Tables and screens are derived from these; a kind is added here and nowhere else. */
import { z } from 'zod'
import {
  Amount,
  BusinessDate,
  CardNumber,
  ClaimId,
  EventId,
  GrantId,
  LotId,
  MemberId,
  StampCardId,
  StoreId,
  TerminalId,
  EpochId,
} from '#core/ids.ts'
import { written } from '#core/written.ts'
import { Asset } from './asset.ts'
import { Lot } from './lot.ts'

const positive = z.number().int().positive()

/** A receipt's number: gapless in its terminal and epoch, and the scannable code made of all three. */
export const ReceiptRef = z.object({ number: positive, code: written(64) }).strict()
export type ReceiptRef = z.infer<typeof ReceiptRef>

export const SaleLine = z
  .object({
    name: written(200),
    product: written(40).nullable(),
    unitPrice: Amount,
    quantity: positive,
    amount: Amount,
  })
  .strict()
export type SaleLine = z.infer<typeof SaleLine>

export const Discount = z.object({ lot: LotId, name: written(200), amount: Amount }).strict()
export type Discount = z.infer<typeof Discount>

/** How a sale was paid. `received` and `change` are cash only; `points` is how many points stood for `amount`. */
export const Tender = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cash'), amount: Amount, received: Amount, change: Amount }).strict(),
  z.object({ kind: z.literal('card'), amount: Amount }).strict(),
  z.object({ kind: z.literal('storedValue'), amount: Amount }).strict(),
  z.object({ kind: z.literal('points'), amount: Amount, points: positive }).strict(),
])
export type Tender = z.infer<typeof Tender>

export const StampsEarned = z.object({ card: StampCardId, count: positive }).strict()
export type StampsEarned = z.infer<typeof StampsEarned>

const Earned = z.object({ points: Amount, stamps: z.array(StampsEarned) }).strict()

const SaleCompleted = z
  .object({
    receipt: ReceiptRef,
    member: MemberId.nullable(),
    lines: z.array(SaleLine),
    discounts: z.array(Discount),
    /** Sum of lines less discounts. */
    total: Amount,
    tenders: z.array(Tender),
    earned: Earned,
    /** The signed token of the printed claim; null when there is a member or nothing to claim. */
    claim: z
      .object({ token: written(1024), expiresOn: BusinessDate })
      .strict()
      .nullable(),
    /** The programme's version it was priced under; a sale keeps it. */
    programme: z.number().int(),
    note: written(200),
  })
  .strict()

/**
 * The reversal of one earlier event. `own`: the counter had never sent it, and this event's transfers undo it whole.
 * `consequence`: this event moves the drawer only, and the member's side is the server's (R5).
 */
const Undoing = { reverses: EventId, mode: z.enum(['own', 'consequence']), reason: written(200) }

/** Of something that was paid. */
const Reversal = z
  .object({
    ...Undoing,
    receipt: ReceiptRef,
    member: MemberId.nullable(),
    /** What goes back to the customer, per tender. */
    tenders: z.array(Tender),
    total: Amount,
  })
  .strict()

const LotAmount = z.object({ lot: LotId, amount: positive }).strict()
const Programme = z.enum(['welcome', 'stampCard'])

/** A counter's own facts. */
const COUNTER = [
  z.object({ kind: z.literal('epoch.opened'), body: z.object({ before: EpochId.nullable() }).strict() }),
  z.object({ kind: z.literal('sale.completed'), body: SaleCompleted }),
  z.object({ kind: z.literal('sale.refunded'), body: Reversal }),
  z.object({
    kind: z.literal('value.toppedUp'),
    body: z
      .object({ receipt: ReceiptRef, member: MemberId, asset: Asset, paid: positive, bonus: Amount, tender: Tender })
      .strict(),
  }),
  z.object({ kind: z.literal('value.topUpRefunded'), body: Reversal }),
  z.object({
    kind: z.literal('value.debited'),
    body: z
      .object({ receipt: ReceiptRef, member: MemberId, asset: Asset, amount: positive, note: written(200) })
      .strict(),
  }),
  z.object({ kind: z.literal('value.debitRefunded'), body: Reversal }),
  z.object({
    kind: z.literal('member.adjusted'),
    body: z
      .object({
        member: MemberId,
        asset: Asset,
        direction: z.enum(['grant', 'deduct']),
        amount: positive,
        note: written(200).min(1),
      })
      .strict(),
  }),
  z.object({
    kind: z.literal('coupon.redeemed'),
    body: z.object({ member: MemberId, lot: LotId, asset: Asset, note: written(200) }).strict(),
  }),
  z.object({
    kind: z.literal('coupon.unredeemed'),
    /** No money moves by it, and it is no receipt. */
    body: z.object({ ...Undoing, member: MemberId, asset: Asset }).strict(),
  }),
  z.object({
    kind: z.literal('member.enrolled'),
    /** Personal data stands beside the event; this is SHA-256 over salt and profile. */
    body: z.object({ member: MemberId, card: CardNumber, digest: z.string().regex(/^[0-9a-f]{64}$/) }).strict(),
  }),
  z.object({
    kind: z.literal('rights.acquired'),
    /** Names the server's grant. Its transfers are the server's own `lot → escrow`, repeated for this chain. */
    body: z.object({ grant: GrantId, member: MemberId, carried: z.array(Lot) }).strict(),
  }),
  z.object({
    kind: z.literal('rights.returned'),
    body: z.object({ recalls: z.array(z.uuid()) }).strict(),
  }),
] as const

/** The server's own facts. `cause` names the event they follow from; once per (cause, lot). */
const SERVER = [
  z.object({
    kind: z.literal('rights.granted'),
    body: z.object({ grant: GrantId, member: MemberId, terminal: TerminalId, epoch: EpochId }).strict(),
  }),
  z.object({
    kind: z.literal('claim.honoured'),
    body: z.object({ cause: EventId, claim: ClaimId, member: MemberId, points: Amount }).strict(),
  }),
  z.object({ kind: z.literal('claim.expired'), body: z.object({ cause: EventId, claim: ClaimId }).strict() }),
  z.object({
    kind: z.literal('reversal.settled'),
    body: z
      .object({
        cause: EventId,
        reverses: EventId,
        member: MemberId.nullable(),
        /** Still in counters' keeping: taken as it comes home. */
        due: z.array(LotAmount),
      })
      .strict(),
  }),
  z.object({
    kind: z.literal('lot.settled'),
    body: z.object({ cause: EventId.nullable(), member: MemberId }).strict(),
  }),
  z.object({
    kind: z.literal('reward.given'),
    body: z.object({ cause: EventId, member: MemberId, programme: Programme, occasion: written(64) }).strict(),
  }),
  z.object({
    kind: z.literal('tier.changed'),
    body: z.object({ cause: EventId.nullable(), member: MemberId, from: written(40), to: written(40) }).strict(),
  }),
  z.object({
    kind: z.literal('epoch.closed'),
    /** R11: its accounts are the server's from here on; what it still sends are late facts. */
    body: z
      .object({
        terminal: TerminalId,
        epoch: EpochId,
        reason: z.enum(['lost', 'restored', 'forked']),
        head: positive.nullable(),
      })
      .strict(),
  }),
  z.object({
    kind: z.literal('risk.settled'),
    /** R9: what the member's free lots cover of what a store had lent. */
    body: z.object({ cause: EventId, store: StoreId, member: MemberId }).strict(),
  }),
  z.object({
    kind: z.literal('risk.lent'),
    /** What a store lends so that a fact can stand: to a closed epoch's accounts, a forgotten grant, an early claim. */
    body: z
      .object({ cause: EventId, store: StoreId, reason: z.enum(['closedEpoch', 'restored', 'earlyClaim']) })
      .strict(),
  }),
  z.object({
    kind: z.literal('member.merged'),
    /**
     * One person under two ids: `member` is an alias of the older `root` from here on. No lot changes member. What counters
     * hold of a gift that was given twice is `due`: taken as it comes home.
     */
    body: z
      .object({
        cause: EventId.nullable(),
        member: MemberId,
        root: MemberId,
        due: z.array(LotAmount).default([]),
      })
      .strict(),
  }),
  z.object({
    kind: z.literal('server.restored'),
    /** R12: the first event after a backup was put back; `before` is the epoch it had. */
    body: z.object({ before: EpochId }).strict(),
  }),
  z.object({
    kind: z.literal('programme.issued'),
    /** Lots given without a sale; so far only the demo's shop begins with some. */
    body: z.object({ member: MemberId, reason: written(200) }).strict(),
  }),
] as const

export const EventContent = z.discriminatedUnion('kind', [...COUNTER, ...SERVER])
export type EventContent = z.infer<typeof EventContent>

/** The kinds that only the server writes; from a counter they are refused. */
export const SERVER_KINDS: ReadonlySet<EventContent['kind']> = new Set(SERVER.map(({ shape }) => shape.kind.value))
