/** Where a push stands in its epoch's chain: what is new, what is there already, a gap, or a fork (R11). */
import { hash } from 'node:crypto'
import { sql } from 'kysely'
import type { ChainEnd, WireEvent } from '#core/contract/sync.ts'
import { EpochId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import { Hash, readEvent, type Unsealed } from '#core/ledger/event.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import { locking, type Db, type Trx } from '#server/ledger/database.ts'

/** `closed`: its accounts are the server's, and what still comes of it are late facts (R11). */
export type Head = { seq: number; hash: Hash | null; closed: boolean; forked: boolean }
export type Placed =
  | { kind: 'next'; head: Head; fresh: Arriving[] }
  | { kind: 'gap'; expected: number }
  | { kind: 'forked'; seq: number; events: WireEvent[] }

/** Locks the terminal and its epoch (registering an epoch met for the first time) and gives the epoch's head. */
export async function lockChain(unit: Unit, { terminal, epoch }: Holder): Promise<Head> {
  const { trx, dialect, now } = unit
  const terminals = trx.selectFrom('terminal').select('epoch').where('id', '=', terminal)
  const row = await locking(dialect, terminals).executeTakeFirstOrThrow()
  await registerEpoch(trx, { terminal, epoch }, now)
  const head = await readHead(trx, { terminal, epoch })
  if (!head) throw new Error('an epoch is registered before its head is read')
  // One that is yet to begin is what its terminal works under from now on.
  if (row.epoch !== epoch && isToBegin(head))
    await trx.updateTable('terminal').set({ epoch }).where('id', '=', terminal).execute()
  return head
}

/** An epoch that is known already stays as it is. */
export async function registerEpoch(trx: Trx, { terminal, epoch }: Holder, now: number): Promise<void> {
  const row = { head_seq: 0, head_hash: null, status: 'open', opened_at: now, closed_at: null, closed_reason: null }
  await trx
    .insertInto('terminal_epoch')
    .values({ terminal, epoch, ...row })
    .onConflict((conflict) => conflict.columns(['terminal', 'epoch']).doNothing())
    .execute()
}

/** Locks the terminal and gives the head of an epoch it is known to have had, and the terminal's store; else null. */
export async function lockKnownChain(
  unit: Pick<Unit, 'trx' | 'dialect'>,
  holder: Holder,
): Promise<(Head & { store: string }) | null> {
  const { trx, dialect } = unit
  const terminals = trx.selectFrom('terminal').select('store').where('id', '=', holder.terminal)
  const row = await locking(dialect, terminals).executeTakeFirst()
  const head = row && (await readHead(trx, holder))
  return row && head ? { ...head, store: row.store } : null
}

/** Whether an epoch has been closed (R11). */
export const isClosed = async (db: Db, holder: Holder): Promise<boolean> =>
  (await readHead(db, holder))?.closed ?? false

/** Nothing of it has come, and nobody has closed it. */
const isToBegin = (head: Head): boolean => head.seq === 0 && !head.closed

/** Whether an epoch's first event would begin it. */
export async function canBegin(db: Db, holder: Holder): Promise<boolean> {
  const head = await readHead(db, holder)
  return head === null || isToBegin(head)
}

/** A terminal's epochs that nobody has closed, as they were heard of; `begun`: its first event has come. */
export async function openEpochs(db: Db, terminal: string): Promise<{ epoch: EpochId; begun: boolean }[]> {
  const rows = await db
    .selectFrom('terminal_epoch')
    .select(['epoch', 'head_seq'])
    .where('terminal', '=', terminal)
    .where('closed_at', 'is', null)
    .orderBy('opened_at')
    .orderBy('epoch')
    .execute()
  return rows.map(({ epoch, head_seq }) => ({ epoch: EpochId.parse(epoch), begun: head_seq > 0 }))
}

async function readHead(trx: Db, { terminal, epoch }: Holder): Promise<Head | null> {
  const row = await trx
    .selectFrom('terminal_epoch')
    .select(['head_seq', 'head_hash', 'status', 'closed_at'])
    .where('terminal', '=', terminal)
    .where('epoch', '=', epoch)
    .executeTakeFirst()
  if (!row) return null
  const hash = row.head_hash === null ? null : Hash.parse(row.head_hash)
  return { seq: row.head_seq, hash, closed: row.closed_at !== null, forked: row.status === 'forked' }
}

/** The last own event that a counter is told is here. */
export async function ackOf(db: Db, holder: Holder): Promise<{ epoch: EpochId; seq: number; hash: Hash | null }> {
  const head = await readHead(db, holder)
  return { epoch: holder.epoch, seq: head?.seq ?? 0, hash: head?.hash ?? null }
}

/** Sorts a push against what is stored. */
export async function place(trx: Trx, holder: Holder, head: Head, events: readonly Arriving[]): Promise<Placed> {
  const inOrder = events.every((event, n) => n === 0 || event.seq === (events[n - 1]?.seq ?? 0) + 1)
  const first = events[0]
  if (inOrder && first && head.forked && (await continuesFork(trx, holder, first)))
    return { kind: 'forked', seq: first.seq, events: [...events] }
  if (!inOrder || (first?.seq ?? 0) > head.seq + 1) return { kind: 'gap', expected: head.seq + 1 }
  const known = events.filter((event) => event.seq <= head.seq)
  const stored = await hashesAt(trx, holder, known)
  const fork = known.find((event) => stored.has(event.seq) && stored.get(event.seq) !== event.hash)
  if (fork) return { kind: 'forked', seq: fork.seq, events: events.filter((event) => event.seq >= fork.seq) }
  const fresh = events.slice(known.length)
  const [next] = fresh
  if (next && followsAnother(head, next)) return { kind: 'forked', seq: next.seq, events: fresh }
  return { kind: 'next', head, fresh }
}

/** Whether an event's writer has another one where this chain has its head. The first of an epoch follows on none of it. */
function followsAnother(head: Head, { text, read = readEvent(text) }: Arriving): boolean {
  return head.seq > 0 && read.ok && read.event.previous !== head.hash
}

/** Whether an event goes on from one that is kept as forked: the rest of that branch belongs beside it. */
async function continuesFork(trx: Trx, { terminal, epoch }: Holder, { seq, text }: WireEvent): Promise<boolean> {
  const read = readEvent(text)
  if (!read.ok || read.event.previous === null) return false
  const before = await trx
    .selectFrom('quarantine')
    .select('seq')
    .where('terminal', '=', terminal)
    .where('epoch', '=', epoch)
    .where('seq', '=', seq - 1)
    .where('hash', '=', read.event.previous)
    .where('reason', '=', 'forked')
    .executeTakeFirst()
  return before !== undefined
}

/** The hashes that the ledger has, or has put aside, of these places in a chain. */
export async function hashesAt(
  trx: Trx,
  { terminal, epoch }: Holder,
  events: readonly Pick<WireEvent, 'seq'>[],
): Promise<Map<number, string>> {
  const first = events[0]
  const last = events.at(-1)
  if (!first || !last) return new Map()
  const good = await trx
    .selectFrom('event')
    .select(['seq', 'hash'])
    .where('terminal', '=', terminal)
    .where('epoch', '=', epoch)
    .where('seq', '>=', first.seq)
    .where('seq', '<=', last.seq)
    .execute()
  const bad = await trx
    .selectFrom('quarantine')
    .select(['seq', 'hash'])
    .where('terminal', '=', terminal)
    .where('epoch', '=', epoch)
    .where('seq', '>=', first.seq)
    .where('seq', '<=', last.seq)
    .where('reason', '<>', 'forked')
    .execute()
  return new Map([...good, ...bad].map(({ seq, hash }) => [seq, hash]))
}

/**
 * Of these epochs of a terminal's, those whose end is here: in its chain, put aside, or in a fork's branch. Each is taken in
 * from its beginning on, so that all that comes before is here too.
 */
export async function epochsHere(db: Db, terminal: string, ends: readonly ChainEnd[]): Promise<EpochId[]> {
  const here: EpochId[] = []
  for (const { epoch, seq, hash } of ends) {
    const found = await sql`
      select 1 from event where terminal = ${terminal} and epoch = ${epoch} and seq = ${seq} and hash = ${hash}
      union all
      select 1 from quarantine where terminal = ${terminal} and epoch = ${epoch} and seq = ${seq} and hash = ${hash}
    `.execute(db)
    if (found.rows.length > 0) here.push(epoch)
  }
  return here
}

/** An event as it arrived: its text, read if it can be. */
export type Arrival = WireEvent & { read: Unsealed }
/** One that may have been read already. */
export type Arriving = WireEvent & Partial<Arrival>

/** Reads an arrived event, believing nothing. `newest`: the newest version of events that is understood. */
export function readArrival({ seq, hash: sent, text, read }: Arriving, newest: number): Arrival {
  if (read) return { seq, hash: sent, text, read }
  const bad = hash('sha256', text) !== sent
  return { seq, hash: sent, text, read: bad ? { ok: false, reason: 'badHash' } : readEvent(text, newest) }
}
