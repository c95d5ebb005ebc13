/** What only a counter keeps, beside the ledger. */
export const counter0001 = [
  `create table meta (key text primary key, value text not null){strict}`,
  `create table lot_mirror (
    lot text primary key,
    free {int} not null,
    held text not null,
    seq {int} not null
  ){rowless}`,
  `create table terminal_name (id text primary key, store text not null, name text not null){strict}`,
  `create table personal (member text primary key, salt text not null, profile text not null, sent {int} not null){strict}`,
  `create table outcome (event_id text primary key, status text not null, reason text not null, seq {int} not null){strict}`,
  `create table sign_in_attempt (staff text primary key, failures {int} not null, locked_until {int} not null){strict}`,
  `create table print_job (
    id text primary key,
    event_id text not null,
    kind text not null,
    copy {int} not null,
    document text not null,
    state text not null,
    attempts {int} not null,
    error text,
    created_at {int} not null,
    updated_at {int} not null,
    unique (event_id, copy)
  ){strict}`,
  `create index event_returned on event (terminal, epoch, seq) where kind = 'rights.returned'`,
  `create index print_job_open on print_job (created_at) where state in ('queued', 'sending', 'doubtful')`,
  `create table home_share (
    asset text primary key,
    share {int} not null,
    cap {int} not null,
    recent_days {int} not null,
    overnight {int} not null
  ){strict}`,
]

/** After `counterLedger0002`. */
export const counter0002 = [
  `update lot set free = lot_mirror.free, held = lot_mirror.held, seq = lot_mirror.seq
    from lot_mirror where lot_mirror.lot = lot.id`,
  `drop table lot_mirror`,
]

/** What the server asks this counter to hand back (R7). Home share is a rule of the programme. */
export const counter0003 = [
  `drop table home_share`,
  `create table recall (
    id text primary key,
    lot text not null,
    amount {int} not null,
    deadline {int} not null,
    seq {int} not null
  ){strict}`,
]

/**
 * By state: with a printer off for days, thousands wait while what is asked after each sale is whether any is in doubt. And
 * the personal data that is still to be sent, which each push asks for, apart from all that a counter has ever enrolled.
 */
export const counter0004 = [
  `drop index print_job_open`,
  `create index print_job_open on print_job (state, created_at) where state in ('queued', 'sending', 'doubtful')`,
  `create index personal_unsent on personal (member) where sent = 0`,
]

/** A regular's lots, apart from the hundreds that they have used up; `seq` 0 is what the server has not told of yet. */
export const counter0005 = [
  `drop index lot_by_member`,
  `create index lot_left on lot (member, asset) where free > 0 or held <> '[]' or seq = 0`,
]

/**
 * When a paper's last attempt began: whether it came too late to open the drawer. And what a member has bought here
 * since, which each sale asks for, apart from all that they have ever bought.
 */
export const counter0006 = [
  `alter table print_job add column sent_at {int}`,
  `create index event_sold on event (member, seq) where kind in ('sale.completed', 'sale.refunded')`,
]

/** What a store has lent here (R9), apart from all that was sold; with what tells whether it still counts. */
export const counter0007 = [
  `create index event_lent on event (terminal, epoch, seq, business_date) where text like '%"risk:%'`,
]

/** Whose row an acquire has brought ahead of the pull, and what own events it contains. */
export const counter0008 = [
  `create table lot_ahead (
    lot text primary key,
    ack {int} not null
  ){strict}`,
]

/** The coupons that a refund made here has brought back: of another counter's sale, only the server would know them. */
export const counter0009 = [
  `create table coupon_returned (
    refund text not null,
    lot text not null,
    name text not null,
    primary key (refund, lot)
  ){rowless}`,
]

/** What came back of points and stored value too (R5); and what waits at the server, apart from all that did. */
export const counter0010 = [
  `create table lot_returned (
    refund text not null,
    lot text not null,
    amount {int} not null,
    name text not null,
    primary key (refund, lot)
  ){rowless}`,
  `insert into lot_returned select refund, lot, 1, name from coupon_returned`,
  `drop table coupon_returned`,
  `create index outcome_waiting on outcome (event_id) where status = 'waiting'`,
]

/** Commands of which it was said that they are not done. */
export const counter0011 = [`create table not_done (id text primary key){rowless}`]

/** What members owe by the server's word: of few, and so beside them. */
export const counter0012 = [
  `create table owed (
    member text not null,
    asset text not null,
    amount {int} not null check (amount >= 0),
    primary key (member, asset)
  ){rowless}`,
]
