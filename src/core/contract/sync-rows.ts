/** The latest state of each thing that the server tells its counters of, and the rows that a pull and a snapshot carry it in. */
import { z } from 'zod'
import { Amount, BusinessDate, CardNumber, EpochId, LotId, MemberId, StaffId, StoreId, TerminalId } from '#core/ids.ts'
import { Asset } from '#core/ledger/asset.ts'
import { Lot } from '#core/ledger/lot.ts'
import { Programme } from '#core/loyalty/programme.ts'
import { written } from '#core/written.ts'
import { StaffRole, VisitView } from './views.ts'

/** A member's personal data: beside the events, never in them. */
export const Profile = z.object({
  name: written(60),
  phone: written(20),
  birthday: written(10).nullable(),
  email: written(120),
  address: written(200),
})
export type Profile = z.infer<typeof Profile>

export const MemberState = z.compile(
  Profile.extend({
    id: MemberId,
    card: CardNumber,
    tier: z.string(),
    joinedOn: BusinessDate,
    note: z.string(),
    /** The member does not take messages any more, or is barred. */
    blocked: z.boolean(),
    /** Bound to a LINE account. */
    onLine: z.boolean(),
    /** Net spending in all, which tiers are reached by. */
    spent: Amount,
    recent: z.array(VisitView),
    /** The older member that this one turned out to be. */
    root: MemberId.nullable().default(null),
  }),
)
export type MemberState = z.infer<typeof MemberState>

/** A lot, what of it is free, and what counters hold of it. */
export const LotState = z.compile(
  z.object({
    lot: Lot,
    free: Amount,
    held: z.array(z.object({ terminal: TerminalId, epoch: EpochId, amount: Amount })),
  }),
)
export type LotState = z.infer<typeof LotState>

/**
 * What people owe of what they had earned, each under the oldest of their ids (R6): of `all` who owe anything, or of whom it
 * has changed for, down to 0. Few owe, and so it is no value of every member's row, which older counters would refuse besides.
 */
export const Owed = z.object({
  all: z.boolean(),
  of: z.array(z.object({ member: MemberId, asset: Asset, amount: Amount })),
})
export type Owed = z.infer<typeof Owed>

export const StaffState = z.object({
  id: StaffId,
  name: z.string(),
  role: StaffRole,
  /** scrypt, as `scrypt$N$r$p$salt$hash`, salt and hash in base64url. */
  pin: z.string(),
  active: z.boolean(),
})
export type StaffState = z.infer<typeof StaffState>

export const ProductState = z.object({
  code: z.string().max(40),
  name: z.string().max(200),
  price: Amount,
  active: z.boolean(),
})
export type ProductState = z.infer<typeof ProductState>

export const StoreState = z.object({
  id: StoreId,
  shop: z.string(),
  name: z.string(),
  zone: z.string(),
  cutOffHour: z.number().int().min(0).max(23),
})
export type StoreState = z.infer<typeof StoreState>

export const TerminalState = z.object({ id: TerminalId, store: StoreId, name: z.string() })
export type TerminalState = z.infer<typeof TerminalState>

/** What an outcome calls an event whose text the server could not read. */
export const placeName = ({ epoch, seq }: { epoch: string; seq: number }): string => `${epoch}.${seq}`

/** What an outcome says of an event that waits for its member. */
export const MEMBER_UNKNOWN = 'memberUnknown'

/** What became of an own event that could not simply be applied. */
export const OutcomeState = z.object({
  /** Its id, or its place. */
  event: z.string(),
  status: z.enum(['applied', 'waiting', 'quarantined', 'resolved']),
  reason: z.string(),
})
export type OutcomeState = z.infer<typeof OutcomeState>

/** What a counter is asked to hand back of a lot that it holds, by its `rights.returned` that names this id (R7). */
export const RecallState = z.object({
  id: z.uuid(),
  epoch: EpochId,
  lot: LotId,
  amount: Amount,
  /** Unix ms by the server: until then someone may be waiting for it. */
  deadline: z.number().int(),
})
export type RecallState = z.infer<typeof RecallState>

const row = <K extends string, S extends z.ZodType>(kind: K, state: S) =>
  z.object({ kind: z.literal(kind), seq: z.number().int().positive(), state })

/** The latest state of one thing that changed, under the commit it last changed in. The higher seq wins. */
export const SyncRow = z.discriminatedUnion('kind', [
  row('member', MemberState),
  row('lot', LotState),
  row('programme', Programme),
  row('staff', StaffState),
  row('product', ProductState),
  row('store', StoreState),
  row('terminal', TerminalState),
  row('outcome', OutcomeState),
  row('recall', RecallState),
])
export type SyncRow = z.infer<typeof SyncRow>
export type SyncRowKind = SyncRow['kind']

/**
 * Members or lots that have changed, by the thousand: so many rows, as the text of one JSON array. Each is the array of its
 * values, by `PAGE_COLUMNS`, and then of the commit it last changed in.
 */
export const PackedRows = z.object({
  kind: z.enum(['member', 'lot']),
  rows: z.number().int().positive(),
  json: z.string(),
})
export type PackedRows = z.infer<typeof PackedRows>
