/** Events' rows. */
import type { Kysely } from 'kysely'
import { happenedAt, readEvent, type LedgerEvent, type SealedEvent } from '#core/ledger/event.ts'
import { memberOf, receiptOf } from '#core/ledger/event-about.ts'
import { insertRows } from './bulk.ts'
import type { EventTable, LedgerTables } from './schema.ts'

type Db = Kysely<LedgerTables>

/** Stores events with their exact text. Throws on a second event under the same id, or the same place in a chain. */
export async function insertEvents(db: Db, sealed: readonly SealedEvent[]): Promise<void> {
  await insertRows<EventTable>(db, 'event', EVENT_COLUMNS, sealed.map(eventRow))
}

const EVENT_COLUMNS = [
  'id',
  'terminal',
  'epoch',
  'seq',
  'store',
  'kind',
  'business_date',
  'occurred_at',
  'member',
  'receipt',
  'text',
  'hash',
] as const

function eventRow({ event, text, hash }: SealedEvent): EventTable {
  return {
    id: event.id,
    terminal: event.terminal,
    epoch: event.epoch,
    seq: event.seq,
    store: event.store,
    kind: event.kind,
    business_date: event.businessDate,
    occurred_at: happenedAt(event),
    member: memberOf(event),
    receipt: receiptOf(event)?.code ?? null,
    text,
    hash,
  }
}

export async function eventRowById(db: Db, id: string): Promise<EventTable | undefined> {
  return db.selectFrom('event').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Null too where it does not read back. */
export async function eventById(db: Db, id: string): Promise<LedgerEvent | null> {
  const row = await eventRowById(db, id)
  return (row && eventsIn([row])[0]) ?? null
}

/** The events of these rows, but for those that do not read back. */
export const eventsIn = (rows: readonly Pick<EventTable, 'text'>[]): LedgerEvent[] =>
  rows.flatMap(({ text }) => {
    const read = readEvent(text)
    return read.ok ? [read.event] : []
  })

/** An event that this very program has written. Throws when it does not read back. */
export function ownEvent({ id, text }: Pick<EventTable, 'id' | 'text'>): LedgerEvent {
  const read = readEvent(text)
  if (!read.ok) throw new Error(`event ${id} does not read back`)
  return read.event
}
