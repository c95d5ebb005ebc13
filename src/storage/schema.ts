/**
 * The tables, as Kysely types. Amounts, sequences and times (Unix ms) are integers: `bigint` in PostgreSQL, read back as
 * numbers; `integer` in SQLite's STRICT tables. What must keep its exact text (events) or is read whole (documents) is text.
 */
import type {
  ClaimTable,
  GrantTable,
  LoanTable,
  OutboxTable,
  InboxTable,
  QuarantineTable,
  TerminalEpochTable,
  TerminalTable,
} from './server-tables.ts'

/** The ledger: the same on a counter and at the server. */
export interface LedgerTables {
  event: EventTable
  transfer: TransferTable
  balance: BalanceTable
  lot: LotTable
  reversal: ReversalTable
  member: MemberTable
  member_gram: MemberGramTable
  store: StoreTable
  staff: StaffTable
  product: ProductTable
  programme: ProgrammeTable
}

/** What narrows a counter's or the server's handle to the ledger: `db.$pickTables<LedgerName>()`. */
export type LedgerName = keyof LedgerTables

export interface EventTable {
  id: string
  terminal: string
  epoch: string
  seq: number
  store: string
  kind: string
  business_date: string
  /** By the server's clock, as far as its writer knew it. */
  occurred_at: number
  /** The member it is about, for histories. */
  member: string | null
  /** The scannable code of the receipt it printed. */
  receipt: string | null
  /** The exact text that was hashed. */
  text: string
  hash: string
}

/** A view: the transfers that this ledger's events carry and post. */
export interface TransferTable {
  event_id: string
  asset: string
  from_account: string
  to_account: string
  amount: number
}

/**
 * A cache: for every account and asset, what came in less what went out. One query proves it (`proveBalances`). A counter
 * keeps its own accounts here; the server all but those of lots, whose rows say it.
 */
export interface BalanceTable {
  account: string
  asset: string
  amount: number
}

export interface LotTable {
  id: string
  member: string
  asset: string
  quantity: number
  issued_at: number
  expires_on: string | null
  /** JSON: LotTerms */
  terms: string
  code: string | null
  /** What nobody holds of it. At the server this and the next two are the truth, at a counter the server's latest word. */
  free: number
  /** What counters hold of it, as JSON: [{terminal, epoch, amount}] */
  held: string
  /** The commit they are of; 0 for a lot that the server has said nothing of. */
  seq: number
}

/** Which event an event was reversed by; an event is reversed once. */
export interface ReversalTable {
  event_id: string
  reversed_by: string
}

export interface MemberTable {
  id: string
  card: string
  name: string
  phone: string
  /** Digits backwards, so that a phone's tail is a prefix. */
  phone_tail: string
  birthday: string | null
  email: string
  address: string
  tier: string
  joined_on: string
  note: string
  blocked: number
  on_line: number
  spent: number
  /** JSON: the latest visits, newest first. */
  recent: string
  /** The commit this state is of; 0 for what is only known here. */
  seq: number
  /** The older member that this one turned out to be. */
  root: string | null
}

/** Two-character pieces of a name: how names are found without a scan, two-character Chinese names included. */
export interface MemberGramTable {
  gram: string
  member: string
}

export interface StoreTable {
  id: string
  shop: string
  name: string
  zone: string
  cut_off_hour: number
}

export interface StaffTable {
  id: string
  name: string
  role: string
  pin: string
  active: number
}

export interface ProductTable {
  code: string
  name: string
  price: number
  active: number
}

/** Every version the shop ever had; the highest rules. At a counter, the one last heard. */
export interface ProgrammeTable {
  version: number
  document: string
}

/** What only a counter keeps. */
export interface CounterTables extends LedgerTables {
  meta: { key: string; value: string }
  terminal_name: { id: string; store: string; name: string }
  personal: { member: string; salt: string; profile: string; sent: number }
  outcome: { event_id: string; status: string; reason: string; seq: number }
  sign_in_attempt: { staff: string; failures: number; locked_until: number }
  print_job: PrintJobTable
  /** What the server asks this counter to hand back, until it has (R7). */
  recall: { id: string; lot: string; amount: number; deadline: number; seq: number }
  /** Lots whose row came ahead of the pull, and the last own seq that it contains; for the others the pull's `ack` says it. */
  lot_ahead: { lot: string; ack: number }
  /** What a reversal made here has brought back into which lots; of a coupon, the name it was used under. */
  lot_returned: { refund: string; lot: string; amount: number; name: string }
  /** What a person owes of what they had earned, by the server's word (R6). */
  owed: { member: string; asset: string; amount: number }
  /** Commands of which a screen was told that they are not done: they never will be. */
  not_done: { id: string }
}

/** What became of an event, by its id or place. */
export interface OutcomeTable {
  event_id: string
  terminal: string
  status: string
  reason: string
}

export interface PrintJobTable {
  id: string
  event_id: string
  kind: string
  copy: number
  document: string
  state: string
  attempts: number
  error: string | null
  created_at: number
  updated_at: number
  sent_at: number | null
}

/** What only the server keeps. */
export interface ServerTables extends LedgerTables {
  /** One row, locked last in every writing transaction: the order of commits, and the head of the server's own chain. */
  cursor: { id: number; seq: number; tag: string; epoch: string; head_seq: number; head_hash: string | null }
  commit_tag: { seq: number; tag: string }
  /** The commit each thing last changed in; members and lots say so themselves. `scope` is a terminal's id for what only that terminal may read, or ''. */
  change: { kind: string; id: string; seq: number; scope: string }
  terminal: TerminalTable
  terminal_epoch: TerminalEpochTable
  enrol_code: { code_hash: string; store: string; expires_at: number; used_by: string | null }
  grant_made: GrantTable
  /** What must still be taken from a lot when it comes home (R6), once per cause and lot. */
  due: { cause: string; lot: string; member: string; asset: string; amount: number }
  /** What has been done once and must not be done again: `<rule>:<cause>:<thing>`. */
  consequence: { key: string; event_id: string }
  claim: ClaimTable
  inbox: InboxTable
  waiting: { event_id: string; wants: string; since: number }
  quarantine: QuarantineTable
  outcome: OutcomeTable
  personal: { member: string; salt: string; digest: string; line_user: string | null }
  /** R7 */
  recall: {
    id: string
    lot: string
    terminal: string
    epoch: string
    amount: number
    reason: string
    deadline: number
    answered: number
  }
  /** What a store has lent, and what of it came back (R9, R11, R12, early claims). */
  loan: LoanTable
  /** Each time this database was put back from a backup; settled once every counter is heard or waived (R12). */
  restored: { epoch: string; seq: number; at: number; settled_at: number | null }
  outbox: OutboxTable
  webhook_event: { id: string; received_at: number; body: string; handled: number }
  setting: { key: string; value: string }
}
