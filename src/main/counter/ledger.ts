/**
 * This counter's chain: the only way anything is written to it. One writer at a time; each write is one transaction, on
 * disk before it returns (SQLite, `synchronous=FULL`), so that what a cashier is told is done stays done.
 */
import type { Kysely, Transaction } from 'kysely'
import type { Recorded } from '#core/clock.ts'
import { formatReceipt } from '#core/scan/code.ts'
import type { BusinessDate, EpochId, EventId, StaffId } from '#core/ids.ts'
import { ownedBy, type Holder } from '#core/ledger/account.ts'
import {
  happenedAt,
  hashOf,
  readEvent,
  seal,
  type Draft,
  Hash,
  type LedgerEvent,
  type SealedEvent,
} from '#core/ledger/event.ts'
import { receiptOf } from '#core/ledger/event-about.ts'
import type { ReceiptRef } from '#core/ledger/event-body.ts'
import { insertEvents } from '#storage/event.repository.ts'
import { insertLots, postBalances } from '#storage/ledger.repository.ts'
import type { CounterTables, LedgerName } from '#storage/schema.ts'
import { mutex } from '#main/mutex.ts'
import { eventsOf } from './chain.ts'
import type { Identity } from './meta.ts'

type Head = { seq: number; hash: Hash | null; receipt: number; last: Recorded | null }

export type Signer = { staff: StaffId | null; approvedBy: StaffId | null }

/** What a counter does by itself. */
export const NOBODY: Signer = { staff: null, approvedBy: null }

/** An instant: by the machine, and as the server has set it right. */
export type Moment = { wall: number; now: number; today: BusinessDate }

/** An open write: read and append inside it; all of it is kept, or none. */
export type Unit = {
  trx: Transaction<CounterTables>
  holder: Holder
  /** The receipt the next appended event that prints one will have. */
  nextReceipt(): ReceiptRef
  append(id: EventId, draft: Draft, at: Moment, by: Signer): Promise<SealedEvent>
  /** Runs once all of this is on disk. */
  afterwards(act: () => void): void
}

export type CounterLedger = {
  holder: Holder
  /** The last own seq. */
  head(): number
  /** When the last own event was, and of which business day. */
  last(): Recorded | null
  write<T>(work: (unit: Unit) => Promise<T>): Promise<T>
}

/** Reads where the chain stands. Throws when the last event does not read back. */
export async function openLedger(db: Kysely<CounterTables>, identity: Identity): Promise<CounterLedger> {
  const holder = { terminal: identity.terminal, epoch: identity.epoch }
  const locked = mutex()
  let head = await readHead(db, holder, identity.before)

  const write = <T>(work: (unit: Unit) => Promise<T>): Promise<T> =>
    locked(async () => {
      let tip = head
      const afterwards: (() => void)[] = []
      const result = await db.transaction().execute((trx) =>
        work({
          trx,
          holder,
          nextReceipt: () => receiptRef(holder, tip.receipt + 1),
          afterwards: (act) => void afterwards.push(act),
          append: async (id, draft, at, by) => {
            const sealed = seal(draft, {
              id,
              store: identity.store,
              ...holder,
              seq: tip.seq + 1,
              occurredAt: at.wall,
              clockOffset: at.now - at.wall,
              businessDate: at.today,
              ...by,
              previous: tip.hash,
            })
            await keep(trx, sealed, holder)
            const receipt = receiptOf(sealed.event)?.number ?? tip.receipt
            tip = { seq: sealed.event.seq, hash: sealed.hash, receipt, last: recorded(sealed.event) }
            return sealed
          },
        }),
      )
      head = tip
      for (const act of afterwards) act()
      return result
    })

  return { holder, head: () => head.seq, last: () => head.last, write }
}

async function keep(trx: Transaction<CounterTables>, sealed: SealedEvent, holder: Holder): Promise<void> {
  const ledger = trx.$pickTables<LedgerName>()
  await insertEvents(ledger, [sealed])
  await insertLots(ledger, sealed.event.lots)
  await postBalances(ledger, sealed.event.transfers, (account) => ownedBy(account, holder))
}

const receiptRef = (holder: Holder, number: number): ReceiptRef => ({
  number,
  code: formatReceipt({ ...holder, number }),
})

async function readHead(db: Kysely<CounterTables>, holder: Holder, before: EpochId | null): Promise<Head> {
  const own = latestOf(db, holder)
  const last = await own.executeTakeFirst()
  if (!last) return { seq: 0, receipt: 0, ...(await endOf(db, holder, before)) }
  const withReceipt = await own.where('receipt', 'is not', null).executeTakeFirst()
  return {
    seq: last.seq,
    hash: hashOf(last.text),
    receipt: withReceipt ? receiptNumber(withReceipt.text) : 0,
    last: recordedIn(last.text),
  }
}

/** Where the epoch before ended, as far as this file knows (R11): a new one begins no earlier than that. */
async function endOf(
  db: Kysely<CounterTables>,
  { terminal }: Holder,
  epoch: EpochId | null,
): Promise<Pick<Head, 'hash' | 'last'>> {
  const end = epoch === null ? undefined : await latestOf(db, { terminal, epoch }).executeTakeFirst()
  return end ? { hash: Hash.parse(end.hash), last: recordedIn(end.text) } : { hash: null, last: null }
}

const latestOf = (db: Kysely<CounterTables>, holder: Holder) =>
  eventsOf(db, holder).select(['seq', 'hash', 'text']).orderBy('seq', 'desc').limit(1)

function recordedIn(text: string): Recorded | null {
  const read = readEvent(text)
  return read.ok ? recorded(read.event) : null
}

const recorded = (event: LedgerEvent): Recorded => ({ at: happenedAt(event), day: event.businessDate })

function receiptNumber(text: string): number {
  const read = readEvent(text)
  const receipt = read.ok ? receiptOf(read.event) : null
  if (!receipt) throw new Error('the last receipt does not read back')
  return receipt.number
}
