/**
 * The ledger's tables, for a counter and for the server. `{int}`, `{strict}` and `{c}` stand for what differs: SQLite's
 * STRICT tables and 64-bit integers, and PostgreSQL's byte-wise collation, so that ids sort alike everywhere.
 */
export const ledger0001 = [
  `create table event (
    id text{c} primary key,
    terminal text{c} not null,
    epoch text{c} not null,
    seq {int} not null check (seq > 0),
    store text not null,
    kind text not null,
    business_date text not null,
    occurred_at {int} not null,
    member text{c},
    receipt text,
    text text not null,
    hash text not null,
    unique (terminal, epoch, seq)
  ){strict}`,
  `create index event_by_member on event (member, occurred_at) where member is not null`,
  `create index event_by_receipt on event (receipt) where receipt is not null`,
  `create table transfer (
    event_id text{c} not null,
    n {int} not null,
    asset text{c} not null,
    from_account text{c} not null,
    to_account text{c} not null,
    amount {int} not null check (amount > 0),
    primary key (event_id, n)
  ){rowless}`,
  `create table balance (
    account text{c} not null,
    asset text{c} not null,
    amount {int} not null,
    primary key (account, asset),
    constraint bounded check (amount >= 0 or (substr(account, 1, 4) <> 'lot:' and substr(account, 1, 6) <> 'claim:'))
  ){rowless}`,
  `create table lot (
    id text{c} primary key,
    member text{c} not null,
    asset text{c} not null,
    quantity {int} not null check (quantity > 0),
    issued_at {int} not null,
    expires_on text{c},
    terms text not null,
    code text
  ){rowless}`,
  `create index lot_by_member on lot (member, asset)`,
  `create index lot_by_code on lot (code) where code is not null`,
  `create table reversal (event_id text{c} primary key, reversed_by text{c} not null){strict}`,
  `create table member (
    id text{c} primary key,
    card text{c} not null unique,
    name text not null,
    phone text{c} not null,
    phone_tail text{c} not null,
    birthday text,
    email text not null,
    address text not null,
    tier text not null,
    joined_on text not null,
    note text not null,
    blocked {int} not null,
    on_line {int} not null,
    spent {int} not null,
    recent text not null,
    seq {int} not null
  ){strict}`,
  `create index member_by_phone on member (phone)`,
  `create index member_by_phone_tail on member (phone_tail)`,
  `create table member_gram (
    gram text{c} not null,
    member text{c} not null,
    primary key (gram, member)
  ){rowless}`,
  `create table store (
    id text{c} primary key,
    shop text not null,
    name text not null,
    zone text not null,
    cut_off_hour {int} not null
  ){strict}`,
  `create table staff (
    id text{c} primary key,
    name text not null,
    role text not null,
    pin text not null,
    active {int} not null
  ){strict}`,
  `create table product (
    code text{c} primary key,
    name text not null,
    price {int} not null,
    active {int} not null
  ){strict}`,
  `create table programme (version {int} primary key, document text not null){strict}`,
]

/**
 * A lot and what is left of it, in one row: born, freed and spent, it is found and written in one place. And transfers are
 * read from the events that carry them. What a grant moves is the server's event; the counter's `rights.acquired` repeats
 * it for its own chain.
 */
const ledger0002 = (posted: string): string[] => [
  `alter table lot add column free {int} not null default 0 check (free >= 0)`,
  `alter table lot add column held text not null default '[]' check (held not like '%:-%')`,
  `alter table lot add column seq {int} not null default 0`,
  `drop table transfer`,
  transferView(posted, '{transfers}'),
]
const transferView = (posted: string, transfers: string): string =>
  `create view transfer as
    select event.id as event_id, one.value ->> 'asset' as asset, one.value ->> 'from' as from_account,
      one.value ->> 'to' as to_account, cast(one.value ->> 'amount' as {int}) as amount
    from event, ${transfers} as one where ${posted}`
const POSTED_BY_SERVER = `event.kind <> 'rights.acquired'`
export const counterLedger0002 = ledger0002(`true`)
export const serverLedger0002 = ledger0002(POSTED_BY_SERVER)

/** `root`: the older member that this one turned out to be; null for one who is themselves. */
export const ledger0003 = [
  `alter table member add column root text{c}`,
  `create index member_by_root on member (root) where root is not null`,
]

/** PostgreSQL reads no JSON in which half a character stands, and a counter may have written one into a note. */
export const serverLedger0007 = [`drop view transfer`, transferView(POSTED_BY_SERVER, '{wholeTransfers}')]
