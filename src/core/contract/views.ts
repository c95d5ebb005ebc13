/** What screens are shown: zod schemas shared by both sides of every boundary, with their types. */
import { z } from 'zod'
import {
  Amount,
  BusinessDate,
  CardNumber,
  CouponCode,
  CouponTemplateId,
  EpochId,
  EventId,
  LotId,
  MemberId,
  StaffId,
  StampCardId,
  StoreId,
  TerminalId,
} from '#core/ids.ts'
import { ReceiptRef, SaleLine, Tender } from '#core/ledger/event-body.ts'
import { HeldElsewhere } from '#core/ledger/refusal.ts'
import { Asset } from '#core/ledger/asset.ts'

export const Language = z.enum(['zh-TW', 'en'])
export type Language = z.infer<typeof Language>

export const StaffRole = z.enum(['staff', 'manager', 'owner'])
export const StaffView = z.object({ id: StaffId, name: z.string(), role: StaffRole })
export type StaffView = z.infer<typeof StaffView>

export const isManager = ({ role }: StaffView): boolean => role !== 'staff'

/** `none`: no printer is set up, papers are only shown. */
const PrinterState = z.enum(['none', 'ready', 'printing', 'offline', 'doubtful'])
export type PrinterState = z.infer<typeof PrinterState>

/**
 * queued → sending → printed. `shown`: there is no printer, the preview has it. `failed`: it cannot be printed, `error` says
 * why. `doubtful`: bytes left and their end is not known; a person must look.
 */
export const PrintJobState = z.enum(['queued', 'sending', 'printed', 'shown', 'failed', 'doubtful'])
export type PrintJobState = z.infer<typeof PrintJobState>

/** The one line that says how the world is. Pushed whenever any of it changes. */
export const Status = z.object({
  shop: z.string(),
  store: StoreId,
  storeName: z.string(),
  counter: z.string(),
  terminal: TerminalId,
  /** Goes with each command that is given now. */
  epoch: EpochId,
  staff: StaffView.nullable(),
  online: z.boolean(),
  /** Unix ms since when it is so. */
  since: z.number().int(),
  /** Own events the server does not have yet. */
  unsynced: Amount,
  printer: PrinterState,
  businessDate: BusinessDate,
  /** The store's IANA zone: times on screen are the shop's, wherever the screen is. */
  zone: z.string(),
  language: Language,
  /** The business day has begun here and nobody has closed it. */
  dayOpen: z.boolean(),
  /** The last business day begun here, where that is closed. */
  dayClosed: BusinessDate.nullable(),
  /** Why the server gives this counter nothing, or null. */
  frozen: z.string().nullable(),
  /** Server clock minus this machine's, ms, when they differ by more than anyone should put up with. */
  clockSkew: z.number().int().nullable(),
  /** Own events the server could not make sense of; they are kept, and listed. */
  quarantined: Amount,
  /** Goes up with every change in what this counter knows of members; screens ask again when it does. */
  dataVersion: z.number().int(),
})
export type Status = z.infer<typeof Status>

/** One asset of a member as this counter knows it. */
export const Holding = z.object({
  asset: Asset,
  /** All of it, wherever it is. */
  total: Amount,
  /** In this counter's keeping, or free at the server while connected: what can be used here at this moment. */
  usableHere: Amount,
  /** In this counter's keeping: can be used here whatever the network does (R8). */
  inHand: Amount,
  /** `usableHere`, and while connected what other counters can be asked to hand back (R7): what is worth trying for. */
  reachable: Amount,
  elsewhere: z.array(HeldElsewhere),
  /** What ends next, if anything does. */
  nextExpiry: z.object({ on: BusinessDate, amount: Amount }).nullable(),
})
export type Holding = z.infer<typeof Holding>

export const CouponView = z.object({
  lot: LotId,
  code: CouponCode.nullable(),
  template: CouponTemplateId,
  name: z.string(),
  expiresOn: BusinessDate.nullable(),
  usableHere: z.boolean(),
  /** Usable here, or worth asking another counter for. */
  reachable: z.boolean(),
  elsewhere: z.array(HeldElsewhere),
})
export type CouponView = z.infer<typeof CouponView>

export const StampView = z.object({
  card: StampCardId,
  name: z.string(),
  size: z.number().int(),
  holding: Holding,
  rewardName: z.string(),
})
export type StampView = z.infer<typeof StampView>

export const VisitView = z.object({ event: EventId, at: z.number().int(), store: StoreId, total: Amount })
export type VisitView = z.infer<typeof VisitView>

export const MemberSummary = z.object({
  id: MemberId,
  name: z.string(),
  phone: z.string(),
  card: CardNumber,
  tier: z.string(),
  tierName: z.string(),
})
export type MemberSummary = z.infer<typeof MemberSummary>

export const MemberPanel = MemberSummary.extend({
  joinedOn: BusinessDate,
  birthday: BusinessDate.nullable(),
  note: z.string(),
  blocked: z.boolean(),
  onLine: z.boolean(),
  /** Of members who turned out to be this one. */
  mergedCards: z.array(CardNumber),
  /** `owed`: paid first by what is earned, as it comes home (R6). The total still has what will pay it. */
  points: Holding.extend({ owed: Amount }),
  storedValue: Holding,
  stamps: z.array(StampView),
  coupons: z.array(CouponView),
  recent: z.array(VisitView),
  /** Enrolled here and not yet at the server. */
  unsynced: z.boolean(),
})
export type MemberPanel = z.infer<typeof MemberPanel>

export const ProductView = z.object({ code: z.string(), name: z.string(), price: Amount })
export type ProductView = z.infer<typeof ProductView>

/** What a printed claim promises. */
const PromiseView = z.object({ points: Amount, stamps: Amount })

/** What came back after its lot's last day, and so ended at once; the counter offers as much of the same (R5). */
export const EndedView = z.object({
  lot: LotId,
  asset: Asset,
  amount: Amount,
  /** A coupon's; else empty. */
  name: z.string(),
})
export type EndedView = z.infer<typeof EndedView>

/** A sale, top-up, debit or coupon redeemed by itself, as it can be shown again and reversed. */
export const TransactionView = z.object({
  event: EventId,
  kind: z.enum(['sale.completed', 'value.toppedUp', 'value.debited', 'coupon.redeemed']),
  /** Null for a coupon, which has its name instead. */
  receipt: ReceiptRef.nullable(),
  coupon: z.string().nullable(),
  at: z.number().int(),
  businessDate: BusinessDate,
  staffName: z.string(),
  member: MemberSummary.nullable(),
  lines: z.array(SaleLine),
  discounts: z.array(z.object({ name: z.string(), amount: Amount })),
  tenders: z.array(Tender),
  total: Amount,
  /** What a top-up has given beside what was paid. */
  bonus: Amount,
  /** What its receipt promises a customer without a card, who may have it by now. */
  claim: PromiseView.nullable(),
  /** What would come back of it after its last day. */
  ending: z.array(EndedView),
  reversed: z.boolean(),
  /** It may have left this counter: what its member gets back comes with the sync (R5). */
  sent: z.boolean(),
  /** The other counter that made it; null: this one. */
  madeAt: z.string().nullable(),
})
export type TransactionView = z.infer<typeof TransactionView>

/** What a scan turned out to be. */
export const ScanResult = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('member'), member: MemberPanel }),
  z.object({ kind: z.literal('coupon'), coupon: CouponView, member: MemberPanel }),
  z.object({ kind: z.literal('product'), product: ProductView }),
  z.object({ kind: z.literal('receipt'), transaction: TransactionView }),
  z.object({
    kind: z.literal('claim'),
    /** As it is printed. */
    receiptNumber: z.string(),
    points: Amount,
    stamps: Amount,
    expiresOn: BusinessDate,
  }),
  /** Read right, but not found here. */
  z.object({ kind: z.literal('notFound'), what: z.enum(['member', 'coupon', 'product', 'receipt']), text: z.string() }),
  z.object({ kind: z.literal('invoiceCarrier'), text: z.string() }),
  z.object({ kind: z.literal('unreadable'), reason: z.enum(['badCheck', 'unknown', 'reserved']), text: z.string() }),
])
export type ScanResult = z.infer<typeof ScanResult>

export const PrintJobView = z.object({
  id: z.string(),
  /** Goes up from one to the next, as they were asked for; `at` may not, where the clock was set. */
  place: z.number().int(),
  event: z.string(),
  copy: z.number().int(),
  state: PrintJobState,
  error: z.string().nullable(),
  at: z.number().int(),
})
export type PrintJobView = z.infer<typeof PrintJobView>

/** A paper of which nobody knows whether it came out; its number is as it is printed on it. */
export const DoubtView = z.object({ job: z.string(), at: z.number().int(), receiptNumber: z.string(), total: Amount })
export type DoubtView = z.infer<typeof DoubtView>

/** What a screen is told unasked, all over one stream: a browser allows a counter's tabs six connections together. */
export const Told = z.discriminatedUnion('about', [
  z.object({ about: z.literal('status'), status: Status }),
  z.object({ about: z.literal('printJob'), job: PrintJobView }),
])
export type Told = z.infer<typeof Told>

/** What the cashier is told once it is on disk. */
export const Done = z.object({
  event: EventId,
  receipt: ReceiptRef.nullable(),
  total: Amount,
  change: Amount,
  earned: z.object({ points: Amount, stamps: Amount }),
  /** What the printed claim promises; null where none was printed. */
  claim: PromiseView.nullable(),
  /** What goes back to the customer of a refund, per tender. */
  returned: z.array(Tender),
  /** What a top-up has given beside what was paid. */
  bonus: Amount,
  /** What is returned to the member comes with the sync: what was undone may have left this counter (R5). */
  withSync: z.boolean(),
  /** What was given (above zero) or taken by hand, outside a sale: points, stamps, or the coupon redeemed. */
  moved: z.object({ asset: Asset, by: z.number().int() }).nullable(),
  /** What the store has lent towards it, as the rest was out of reach (R9). */
  lent: z.object({ points: Amount, value: Amount }),
  ended: z.array(EndedView),
  printJob: z.string().nullable(),
  member: MemberPanel.nullable(),
})
export type Done = z.infer<typeof Done>
