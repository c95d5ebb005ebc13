/** What only the server keeps, beside the ledger. */
export const server0001 = [
  `create table cursor (
    id {int} primary key check (id = 1),
    seq {int} not null,
    tag text not null,
    epoch text not null,
    head_seq {int} not null,
    head_hash text
  ){strict}`,
  `create table commit_tag (seq {int} primary key, tag text not null){strict}`,
  `create table change (
    kind text{c} not null,
    id text{c} not null,
    seq {int} not null,
    scope text{c} not null,
    primary key (kind, id)
  ){rowless}`,
  `create index change_by_seq on change (seq)`,
  `create table lot_state (
    lot text{c} primary key,
    member text{c} not null,
    asset text{c} not null,
    expires_on text{c},
    free {int} not null check (free >= 0),
    held text not null,
    seq {int} not null
  ){rowless}`,
  `create index lot_state_by_member on lot_state (member, asset)`,
  `create index lot_state_by_seq on lot_state (seq)`,
  `create table terminal (
    id text{c} primary key,
    store text not null,
    name text not null,
    public_key text not null,
    status text not null,
    frozen_reason text,
    epoch text{c} not null,
    enrolled_at {int} not null,
    last_seen_at {int} not null
  ){strict}`,
  `create table terminal_epoch (
    terminal text{c} not null,
    epoch text{c} not null,
    head_seq {int} not null,
    head_hash text,
    status text not null,
    opened_at {int} not null,
    primary key (terminal, epoch)
  ){strict}`,
  `create table enrol_code (code_hash text primary key, store text not null, expires_at {int} not null, used_by text){strict}`,
  `create table grant_made (
    id text{c} primary key,
    terminal text{c} not null,
    epoch text{c} not null,
    member text{c} not null,
    event_id text{c} not null,
    answer text not null,
    accepted {int} not null,
    created_at {int} not null
  ){strict}`,
  `create index grant_unaccepted on grant_made (terminal, epoch) where accepted = 0`,
  `create table due (
    cause text{c} not null,
    lot text{c} not null,
    member text{c} not null,
    asset text{c} not null,
    amount {int} not null check (amount >= 0),
    primary key (cause, lot)
  ){strict}`,
  `create index due_by_lot on due (lot)`,
  `create table consequence (key text{c} primary key, event_id text{c} not null){strict}`,
  `create table claim (
    id text{c} primary key,
    store text not null,
    terminal text not null,
    epoch text not null,
    promise text not null,
    business_date text not null,
    expires_on text{c} not null,
    state text not null,
    member text{c},
    settled_at {int}
  ){strict}`,
  `create index claim_open on claim (expires_on) where state = 'open'`,
  `create table waiting (event_id text{c} primary key, wants text{c} not null, since {int} not null){strict}`,
  `create index waiting_for on waiting (wants)`,
  `create table quarantine (
    terminal text{c} not null,
    epoch text{c} not null,
    seq {int} not null,
    hash text not null,
    text text not null,
    reason text not null,
    at {int} not null,
    resolved_by text,
    primary key (terminal, epoch, seq, hash)
  ){strict}`,
  `create table outcome (event_id text{c} primary key, terminal text{c} not null, status text not null, reason text not null){strict}`,
  `create table personal (member text{c} primary key, salt text not null, digest text not null, line_user text unique){strict}`,
  `create table recall (
    id text{c} primary key,
    lot text{c} not null,
    terminal text{c} not null,
    epoch text{c} not null,
    amount {int} not null,
    reason text not null,
    deadline {int} not null,
    answered {int} not null
  ){strict}`,
  `create table floor_limit (
    store text{c} not null,
    asset text{c} not null,
    per_sale {int} not null,
    per_member {int} not null,
    per_day {int} not null,
    per_terminal {int} not null,
    primary key (store, asset)
  ){strict}`,
  `create table outbox (
    id text{c} primary key,
    event_id text{c} not null,
    kind text not null,
    member text{c} not null,
    line_user text not null,
    messages text not null,
    retry_key text not null,
    state text not null,
    attempts {int} not null,
    next_at {int} not null,
    first_sent_at {int},
    error text,
    created_at {int} not null,
    settled_at {int},
    unique (event_id, kind)
  ){strict}`,
  `create index outbox_pending on outbox (next_at) where state = 'pending'`,
  `create table webhook_event (id text primary key, received_at {int} not null, body text not null, handled {int} not null){strict}`,
  `create index webhook_unhandled on webhook_event (received_at) where handled = 0`,
  `create table setting (key text primary key, value text not null){strict}`,
]

/**
 * After `serverLedger0002`. Members and lots say themselves when they last changed; used-up lots are in no member's way; and what
 * is free and held of a lot stands in its own row alone.
 */
export const server0002 = [
  `update lot set seq = change.seq from change where change.kind = 'lot' and change.id = lot.id`,
  `update lot set free = lot_state.free, held = lot_state.held, seq = lot_state.seq
    from lot_state where lot_state.lot = lot.id`,
  `update member set seq = change.seq from change where change.kind = 'member' and change.id = member.id`,
  `delete from change where kind in ('lot', 'member')`,
  `delete from balance where account like 'lot:%'`,
  `drop table lot_state`,
  `drop index lot_by_member`,
  `create index lot_left on lot (member, asset) where free > 0 or held <> '[]'`,
  `create index lot_by_seq on lot (seq)`,
  `create index member_by_seq on member (seq)`,
]

/**
 * `loan`: what a store has lent from its `risk:` account and what of it came back, by what caused it and the lot (or
 * asset) it was lent on: the manager's list. `heard`: whether a terminal has sent everything since this database was put
 * back from a backup (R12). Floor limits are a rule of the programme.
 */
export const server0003 = [
  `drop table floor_limit`,
  `create index recall_open on recall (lot) where answered = 0`,
  `create index recall_of on recall (terminal, epoch) where answered = 0`,
  `create table loan (
    cause text{c} not null,
    thing text{c} not null,
    reason text not null,
    store text{c} not null,
    asset text{c} not null,
    member text{c},
    terminal text{c} not null,
    epoch text{c} not null,
    amount {int} not null check (amount > 0),
    repaid {int} not null check (repaid >= 0 and repaid <= amount),
    at {int} not null,
    primary key (cause, thing)
  ){strict}`,
  `create index loan_open on loan (store) where repaid < amount`,
  `create index loan_of_lot on loan (thing) where repaid < amount`,
  `alter table terminal_epoch add column closed_at {int}`,
  `alter table terminal_epoch add column closed_reason text`,
  `alter table terminal add column heard {int} not null default 1`,
  `create table restored (epoch text{c} primary key, seq {int} not null, at {int} not null, settled_at {int}){strict}`,
]

/** Events that are stored and not yet worked out, as they came; `personal` is JSON of the personal data that came up to them. */
export const server0004 = [
  `create table inbox (
    terminal text{c} not null,
    epoch text{c} not null,
    seq {int} not null,
    hash text not null,
    text text not null,
    personal text not null,
    primary key (terminal, epoch, seq)
  ){rowless}`,
]

/** A push that is stored and not yet worked out is one row: its events by their places (JSON), and their texts as they came. */
export const server0005 = [
  `create table inbox_push (
    terminal text{c} not null,
    epoch text{c} not null,
    seq {int} not null,
    events text not null,
    personal text not null,
    texts {bytes} not null,
    primary key (terminal, epoch, seq)
  ){strict}`,
  `insert into inbox_push
    select terminal, epoch, seq, '[{"seq":' || seq || ',"hash":"' || hash || '","size":' || octet_length(text) || '}]', personal, {textBytes}
    from inbox`,
  `drop table inbox`,
  `alter table inbox_push rename to inbox`,
]

/** Lots by their last day, where there is something to take. */
export const server0006 = [`create index lot_expiring on lot (expires_on) where free > 0`]

/** Pushes come packed, and are kept as they come. */
export const server0008 = [`alter table inbox add column packed {int} not null default 0`]

/** What a counter held without knowing it as its store lent: that alone pays, as it comes home (R9). */
export const server0009 = [`alter table loan add column awaited text not null default '[]'`]

/** Lots found by their rows: in SQLite each index of theirs named every lot by its whole id. */
export const server0010 = [
  `create table lot_before as select * from lot`,
  `drop table lot`,
  `create table lot (
    id text{c} primary key,
    member text{c} not null,
    asset text{c} not null,
    quantity {int} not null check (quantity > 0),
    issued_at {int} not null,
    expires_on text{c},
    terms text not null,
    code text,
    free {int} not null default 0 check (free >= 0),
    held text not null default '[]' check (held not like '%:-%'),
    seq {int} not null default 0
  ){strict}`,
  `insert into lot select * from lot_before order by id`,
  `drop table lot_before`,
  `create index lot_left on lot (member, asset) where free > 0 or held <> '[]'`,
  `create index lot_by_code on lot (code) where code is not null`,
  `create index lot_by_seq on lot (seq)`,
  `create index lot_expiring on lot (expires_on) where free > 0`,
]
