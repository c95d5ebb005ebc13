/** The rows of what only the server keeps. */
export interface TerminalTable {
  id: string
  store: string
  name: string
  /** Raw Ed25519 public key, base64url. */
  public_key: string
  status: string
  frozen_reason: string | null
  epoch: string
  enrolled_at: number
  last_seen_at: number
  /** 0 from a restore of this database until the terminal has sent everything again (R12). */
  heard: number
}

export interface TerminalEpochTable {
  terminal: string
  epoch: string
  head_seq: number
  head_hash: string | null
  status: string
  opened_at: number
  /** R11: when its accounts became the server's, and why. */
  closed_at: number | null
  closed_reason: string | null
}

/** Lent from `risk:<store>:<asset>` for `cause`, on the lot or asset `thing`. */
export interface LoanTable {
  cause: string
  thing: string
  reason: string
  store: string
  asset: string
  member: string | null
  terminal: string
  epoch: string
  amount: number
  repaid: number
  /** Of floor loans, what is still to come home to pay them. JSON: {lot, amount}[] */
  awaited: string
  at: number
}

export interface GrantTable {
  id: string
  terminal: string
  epoch: string
  member: string
  event_id: string
  /** JSON: Granted */
  answer: string
  accepted: number
  created_at: number
}

export interface ClaimTable {
  id: string
  store: string
  terminal: string
  epoch: string
  /** JSON: {points, stamps: [{card, count}], amount} */
  promise: string
  business_date: string
  expires_on: string
  state: string
  member: string | null
  settled_at: number | null
}

/** A push that is stored and not yet worked out. */
export interface InboxTable {
  terminal: string
  epoch: string
  /** Of its last event. */
  seq: number
  /** JSON: EventPlace[] */
  events: string
  /** JSON: Personal[], of members enrolled up to here. */
  personal: string
  /** The texts of its events, end to end. */
  texts: Uint8Array
  /** Whether they are packed: 0 for what an earlier program kept. */
  packed: number
}

export interface QuarantineTable {
  terminal: string
  epoch: string
  seq: number
  hash: string
  text: string
  reason: string
  at: number
  resolved_by: string | null
}

export interface OutboxTable {
  id: string
  /** What the message is about; one message of a kind per event. */
  event_id: string
  kind: string
  member: string
  line_user: string
  /** JSON: LINE message objects */
  messages: string
  retry_key: string
  state: string
  attempts: number
  next_at: number
  first_sent_at: number | null
  error: string | null
  created_at: number
  settled_at: number | null
}
