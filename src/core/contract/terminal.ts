/**
 * The terminal's API: what a counter's screen may ask of the process behind it. Implemented once, carried by a
 * MessagePort in Electron and by HTTP on loopback in the browser host.
 *
 * Every command that writes carries an id (`Command`). It becomes the event's id, so that a double tap or a retry gives the
 * same answer and never a second effect.
 */
import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { Amount, BusinessDate, EpochId, EventId, LotId, MemberId, StaffId } from '#core/ids.ts'
import { Asset } from '#core/ledger/asset.ts'
import { SaleLine } from '#core/ledger/event-body.ts'
import { Refusal } from '#core/ledger/refusal.ts'
import { Programme } from '#core/loyalty/programme.ts'
import { typed } from '#core/written.ts'
import {
  Done,
  DoubtView,
  Language,
  MemberPanel,
  MemberSummary,
  PrintJobView,
  ProductView,
  ScanResult,
  StaffView,
  Status,
  Told,
  TransactionView,
} from './views.ts'

export const StorageFault = z.enum(['diskFull', 'corrupt', 'readOnly', 'failed'])
export type StorageFault = z.infer<typeof StorageFault>

const base = oc.errors({
  /** Cannot be done here and now; the data says why and what can be. */
  REFUSED: { status: 409, data: Refusal },
  /** No one is signed in at this counter. */
  SIGNED_OUT: { status: 401 },
  /** This counter has not joined a shop, or has not heard from it yet. */
  NOT_ENROLLED: { status: 403 },
  /** The disk is full, the file is damaged…: nothing was recorded. */
  STORAGE: { status: 507, data: z.object({ reason: StorageFault }) },
})

/** What the screen gives a command once, and keeps through all its tries. */
export const Command = z.object({
  /** A UUIDv7. */
  id: EventId,
  /** The counter's, as the status told it then: tells what a file put back from a backup may have forgotten (R11). */
  epoch: EpochId.optional(),
})
export type Command = z.infer<typeof Command>

const Approval = z.object({ staff: StaffId, pin: z.string() })

/** The money handed over or asked for; cash may be more than is due, and change is worked out. */
export const TenderInput = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cash'), received: Amount }),
  z.object({ kind: z.literal('card'), amount: Amount }),
  z.object({ kind: z.literal('storedValue'), amount: Amount }),
  z.object({ kind: z.literal('points'), points: Amount }),
])
export type TenderInput = z.infer<typeof TenderInput>

/** The most one checkout carries. */
export const LINES_LIMIT = 200
export const COUPONS_LIMIT = 20

export const CheckoutInput = Command.extend({
  member: MemberId.nullable(),
  lines: z
    .array(SaleLine.extend({ name: typed(200) }))
    .min(1)
    .max(LINES_LIMIT),
  coupons: z.array(LotId).max(COUPONS_LIMIT),
  tenders: z.array(TenderInput).max(8),
  note: typed(200),
})
export type CheckoutInput = z.infer<typeof CheckoutInput>

export const EnrolInput = Command.extend({
  name: typed(60).trim().min(1),
  phone: typed(20).trim(),
  birthday: BusinessDate.nullable(),
  email: typed(120).trim(),
  address: typed(200).trim(),
})
export type EnrolInput = z.infer<typeof EnrolInput>

export const TopUpInput = Command.extend({
  member: MemberId,
  amount: Amount,
  tender: z.enum(['cash', 'card']),
  received: Amount,
})
export type TopUpInput = z.infer<typeof TopUpInput>

export const DebitInput = Command.extend({
  member: MemberId,
  amount: Amount,
  note: typed(200),
  approval: Approval.nullable(),
})
export type DebitInput = z.infer<typeof DebitInput>

export const AdjustInput = Command.extend({
  member: MemberId,
  asset: Asset,
  direction: z.enum(['grant', 'deduct']),
  amount: Amount,
  note: typed(200).trim().min(1),
  approval: Approval.nullable(),
})
export type AdjustInput = z.infer<typeof AdjustInput>

export const RedeemInput = Command.extend({ lot: LotId, note: typed(200) })
export type RedeemInput = z.infer<typeof RedeemInput>

export const RefundInput = Command.extend({
  event: EventId,
  reason: typed(200).trim(),
  approval: Approval.nullable(),
})
export type RefundInput = z.infer<typeof RefundInput>

export const Settings = z.object({
  printer: z
    .object({ host: z.string().max(200), port: z.number().int().min(1).max(65_535), paper: z.enum(['80mm', '58mm']) })
    .nullable(),
  /** Where a printed claim's QR leads; the token is added to it. Null: to the server, wherever it is. */
  claimBaseUrl: z.url().nullable(),
  language: Language,
})
export type Settings = z.infer<typeof Settings>

export const SignInResult = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), staff: StaffView }),
  z.object({
    ok: z.literal(false),
    reason: z.enum(['wrongPin', 'lockedOut', 'unknown']),
    attemptsLeft: Amount,
    lockedUntil: z.number().int().nullable(),
  }),
])
export type SignInResult = z.infer<typeof SignInResult>

const EnrolRefusal = z.enum(['unknown', 'used', 'expired', 'otherStore', 'unreachable', 'alreadyEnrolled'])
export type EnrolRefusal = z.infer<typeof EnrolRefusal>

const DemoCode = z.object({
  label: z.string(),
  kind: z.enum(['member', 'coupon', 'product', 'receipt', 'carrier']),
  text: z.string(),
})
export type DemoCode = z.infer<typeof DemoCode>

export const terminalContract = {
  /** The present status at once; then each change of it, and of a print job. */
  watch: base.output(eventIterator(Told)),
  status: { get: base.output(Status) },
  shop: {
    programme: base.output(Programme),
    staff: base.output(z.array(StaffView)),
    products: base.output(z.array(ProductView)),
  },
  session: {
    signIn: base.input(z.object({ staff: StaffId, pin: z.string().min(1).max(12) })).output(SignInResult),
    signOut: base.output(z.object({})),
  },
  scan: base.input(z.object({ text: z.string().max(4096) })).output(ScanResult),
  members: {
    /** By phone, phone tail, card number or part of a name; at most 20, best first. */
    find: base.input(z.object({ query: z.string().max(60) })).output(z.array(MemberSummary)),
    get: base.input(z.object({ member: MemberId })).output(MemberPanel),
    enrol: base.input(EnrolInput).output(MemberPanel),
  },
  checkout: {
    pay: base.input(CheckoutInput).output(Done),
  },
  value: {
    topUp: base.input(TopUpInput).output(Done),
    debit: base.input(DebitInput).output(Done),
  },
  points: {
    /** Grants or deducts any countable asset (points, stamps) by hand. */
    adjust: base.input(AdjustInput).output(Done),
  },
  coupons: {
    /** Redeems a coupon without a sale (a gift, an item for free). */
    redeem: base.input(RedeemInput).output(Done),
  },
  transactions: {
    /** This counter's latest, newest first. */
    recent: base.output(z.array(TransactionView)),
    find: base.input(z.object({ receiptCode: z.string().max(40) })).output(TransactionView.nullable()),
    /** Undoes a sale, top-up or debit whole. */
    refund: base.input(RefundInput).output(Done),
    /** Gives anew what had ended when a reversal made here brought it back; once, so the two stand for the id. */
    reissue: base.input(z.object({ refund: EventId, lot: LotId, approval: Approval.nullable() })).output(Done),
    /** What was told of a command that is done; refused where nothing was, and then it never will be. */
    told: base.input(Command).output(Done),
  },
  day: {
    /** A manager's: what no policy keeps overnight goes back to its members now, or with the next sync (R8). */
    close: base.output(z.object({ sent: z.boolean() })),
    /** A manager's too: the day was closed too early, and goes on. */
    reopen: base.output(z.object({})),
  },
  printing: {
    /** Prints the last receipt (or the one of `event`) again, marked REPRINT, with the same claim. */
    reprint: base.input(z.object({ event: EventId.nullable() })).output(PrintJobView),
    jobs: base.output(z.array(PrintJobView)),
    /** What nobody has looked for yet, the oldest first. */
    doubts: base.output(z.array(DoubtView)),
    /** A person has looked: it came out, or it did not and is printed again, marked REPRINT. Once; said again, nothing. */
    settle: base.input(z.object({ job: z.string(), printed: z.boolean() })).output(z.object({})),
    /** A PNG of the paper, base64, drawn from the very bytes sent. */
    preview: base.input(z.object({ job: z.string() })).output(z.object({ png: z.string() })),
    test: base.output(PrintJobView),
  },
  settings: {
    get: base.output(Settings),
    update: base.input(Settings).output(Settings),
    setLanguage: base.input(z.object({ language: Language })).output(z.object({})),
  },
  setup: {
    /** Whether this counter belongs to a shop yet. */
    state: base.output(z.object({ enrolled: z.boolean(), serverUrl: z.string() })),
    /** Joins a shop with a one-time code made at its server. */
    enrol: base
      .errors({
        NOT_JOINED: { data: z.object({ reason: EnrolRefusal }) },
      })
      .input(
        z.object({
          serverUrl: z.url(),
          code: z.string().trim().min(4).max(40),
          counter: z.string().trim().min(1).max(40),
        }),
      )
      .output(z.object({})),
  },
  demo: {
    /** Barcodes a newcomer can "scan"; empty outside the demo shop. */
    codes: base.output(z.array(DemoCode)),
  },
}
