/**
 * Reads again what is in quarantine: events that a newer program wrote, once this one knows them, and after them those that
 * were put aside only for what they stood on. Each is judged and posted as if it had just arrived (docs/rules.md, sync), once: it is
 * taken under its chain's lock, in the transaction that marks it as resolved.
 */
import type { ExpressionBuilder } from 'kysely'
import type { WireEvent } from '#core/contract/sync.ts'
import { placeName } from '#core/contract/sync-rows.ts'
import type { Holder } from '#core/ledger/account.ts'
import { chunks } from '#storage/bulk.ts'
import type { ServerTables } from '#storage/schema.ts'
import { EpochId, TerminalId } from '#core/ids.ts'
import { Hash } from '#core/ledger/event.ts'
import type { Db, Trx } from '#server/ledger/database.ts'
import { storeOf } from '#server/ledger/shop.ts'
import type { Ledger, Unit } from '#server/ledger/unit-of-work.ts'
import { closeNamed } from '#server/rights/close-epoch.ts'
import { freedBefore, partlyReturned } from '#server/rights/return-part.ts'
import { hashesAt, lockKnownChain, readArrival } from './chain.ts'
import { beginRestore, isSinceRestore } from '#server/restore/restored.ts'
import type { AsideReason } from './judge.ts'
import { saveOutcome } from './outcome.ts'
import { takeIn, type Link, type Taken } from './take.ts'
import { settleWaiting } from './waiting.ts'

/** How many places of a chain one transaction looks at. */
const STRETCH = 500

/** Nothing but the program was in the way. */
const UNREAD: ReadonlySet<string> = new Set<AsideReason>(['newerVersion', 'unreadable'])
/**
 * It may be that what it stood on was. Not so what is `overdrawn`: later it may be covered by what its counter has for
 * something else.
 */
const STANDING: ReadonlySet<string> = new Set<AsideReason>(['unknownLot', 'notOwnReversal'])

/** At start, and once a day: another server of the same shop may have been the older one. One chain's fault is no other's. */
export async function readAgain(db: Db, ledger: Ledger): Promise<void> {
  const failed: unknown[] = []
  for (const holder of await chainsAside(db))
    await readChain(db, ledger, holder).catch((error: unknown) => failed.push(error))
  await settleWaiting(db, ledger)
  if (failed.length > 0) throw new Error('not every chain could be read again', { cause: failed[0] })
}

async function chainsAside(db: Db): Promise<Holder[]> {
  const chains = openRows(db).select(['terminal', 'epoch']).distinct().orderBy('terminal').orderBy('epoch')
  return (await chains.execute()).map(({ terminal, epoch }) => {
    return { terminal: TerminalId.parse(terminal), epoch: EpochId.parse(epoch) }
  })
}

async function readChain(db: Db, ledger: Ledger, holder: Holder): Promise<void> {
  const store = await storeOf(db, holder.terminal)
  for (let from = 1; ;) {
    const first = await firstOpen(db, holder, from)
    if (first === null) return
    if (first === 1) await closeNamed(ledger, holder, await openIn(db, holder, first))
    const stretch = { holder, store, first, newest: ledger.eventVersion }
    await ledger.write(store, (unit) => readStretch(unit, stretch))
    from = first + STRETCH
  }
}

/** `at`: when it came. */
type Open = WireEvent & { reason: string; at: number }
type Stretch = { holder: Holder; store: string; first: number; newest: number }

async function readStretch(unit: Unit, { holder, store, first, newest }: Stretch): Promise<void> {
  const { trx } = unit
  const head = await lockKnownChain(unit, holder)
  if (!head) return
  const rows = await openIn(trx, holder, first)
  const before = await hashesAt(trx, holder, [{ seq: first - 1 }, { seq: first + STRETCH }])
  let understood = await isResolvedBefore(trx, holder, first)
  const links: Link[] = []
  for (const { reason, ...event } of rows) {
    const link: Link = { ...readArrival(event, newest), previous: before.get(event.seq - 1) ?? null }
    if (UNREAD.has(reason)) understood ||= link.read.ok
    const returned = partlyReturned(link, reason)
    if (returned) links.push({ ...link, freed: await freedBefore(trx, link, returned) })
    else if (link.read.ok && understood) links.push(link)
  }
  if (links.length === 0) return
  const taken = await takeIn(unit, { holder, store, closed: head.closed }, links)
  const last = rows.findLast(({ seq }) => taken.forgotten.includes(seq))
  if (last && (await isSinceRestore(trx, last.at))) await beginRestore(unit, holder)
  await noteRead(unit, holder, links, new Map(rows.map(({ seq, reason }) => [seq, reason])), taken)
}

/** Marks what is resolved now, and what stays aside for another reason than it `was`; its counter is told of both. */
async function noteRead(
  unit: Unit,
  holder: Holder,
  links: readonly Link[],
  was: ReadonlyMap<number, string>,
  { aside, whole, noted }: Taken,
): Promise<void> {
  const told = await toldByPlace(unit.trx, holder, links)
  const reasons = new Map(aside.map(({ arrival, reason }) => [arrival, reason]))
  for (const link of links) {
    if (!link.read.ok) continue
    const { id } = link.read.event
    const place = placeName({ ...holder, ...link })
    const event = told.has(place) ? place : id
    const reason = reasons.get(link)
    const by = reason === undefined ? id : whole.get(link)
    if (by !== undefined) {
      mark(unit, holder, link, { resolved_by: by })
      // What waits now, or has nothing left to undo, says so itself.
      if (!noted.has(event)) saveOutcome(unit, { event, terminal: holder.terminal, status: 'resolved', reason: '' })
    } else if (reason !== undefined && !link.freed && reason !== was.get(link.seq)) {
      mark(unit, holder, link, { reason })
      saveOutcome(unit, { event, terminal: holder.terminal, status: 'quarantined', reason })
    }
  }
}

function mark(
  unit: Unit,
  { terminal, epoch }: Holder,
  { seq, hash }: Link,
  change: { resolved_by: string } | { reason: AsideReason },
): void {
  unit.later((trx) =>
    trx
      .updateTable('quarantine')
      .set(change)
      .where(ofChain({ terminal, epoch }))
      .where('seq', '=', seq)
      .where('hash', '=', hash)
      .execute(),
  )
}

const ofChain =
  ({ terminal, epoch }: Holder) =>
  (eb: ExpressionBuilder<ServerTables, 'quarantine'>) =>
    eb.and({ terminal, epoch })

/** What may be taken one day, and is not. */
const openRows = (db: Db) =>
  db
    .selectFrom('quarantine')
    .where('resolved_by', 'is', null)
    .where('reason', 'in', [...UNREAD, ...STANDING])

async function firstOpen(db: Db, holder: Holder, from: number): Promise<number | null> {
  const open = openRows(db).select('seq').where(ofChain(holder)).where('seq', '>=', from)
  return (await open.orderBy('seq').limit(1).executeTakeFirst())?.seq ?? null
}

/** What is open in a stretch of a chain. */
async function openIn(db: Db, holder: Holder, first: number): Promise<Open[]> {
  const open = openRows(db).select(['seq', 'hash', 'text', 'reason', 'at']).where(ofChain(holder))
  const rows = await open
    .where('seq', '>=', first)
    .where('seq', '<', first + STRETCH)
    .orderBy('seq')
    .execute()
  return rows.map((row) => ({ ...row, hash: Hash.parse(row.hash) }))
}

async function isResolvedBefore(db: Db, holder: Holder, seq: number): Promise<boolean> {
  const rows = db.selectFrom('quarantine').select('seq').where(ofChain(holder)).where('resolved_by', 'is not', null)
  return (await rows.where('seq', '<', seq).limit(1).executeTakeFirst()) !== undefined
}

/** Of these, the names that their counter was told when their texts could not be read. */
async function toldByPlace(trx: Trx, holder: Holder, links: readonly Link[]): Promise<Set<string>> {
  const told = new Set<string>()
  for (const part of chunks(links, 1)) {
    const names = part.map(({ seq }) => placeName({ ...holder, seq }))
    const rows = await trx.selectFrom('outcome').select('event_id').where('event_id', 'in', names).execute()
    for (const { event_id } of rows) told.add(event_id)
  }
  return told
}
