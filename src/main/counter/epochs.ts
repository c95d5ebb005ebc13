/** The epochs a counter's file has been through (R11). */
import type { Kysely } from 'kysely'
import type { EpochId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { eventsIn } from '#storage/event.repository.ts'
import type { CounterTables } from '#storage/schema.ts'
import { eventsOf } from './chain.ts'
import type { Counter } from './counter.ts'
import { meta, type Acknowledged, type Identity } from './meta.ts'

/** Whose events the server may not have heard of: this epoch's, and those of epochs that the counter was put back from. */
export async function unacknowledged({ ledger, ack }: Counter, db: Counter['db']): Promise<Acknowledged[]> {
  return [...(await earlierUnacknowledged(db)), { epoch: ledger.holder.epoch, ack: ack() }]
}

export const earlierUnacknowledged = async (db: Counter['db']): Promise<Acknowledged[]> =>
  (await meta.earlier.read(db)) ?? []

/** The newest first: each epoch's first event names the one it was restored from. */
export async function* epochsOf(db: Kysely<CounterTables>, identity: Identity): AsyncGenerator<EpochId> {
  const { terminal, epoch: present } = identity
  yield present
  for (let epoch = identity.before; epoch !== null; epoch = await namedBy(db, { terminal, epoch })) yield epoch
}

/**
 * When the present epoch was opened, by this machine's clock; null of a counter's first, before which no file has done
 * anything that this one may have forgotten.
 */
export async function reopenedAt(db: Kysely<CounterTables>, identity: Identity): Promise<number | null> {
  if (identity.before === null) return null
  return (await firstOf(db, identity))?.occurredAt ?? null
}

async function namedBy(db: Kysely<CounterTables>, holder: Holder): Promise<EpochId | null> {
  const first = await firstOf(db, holder)
  return first?.kind === 'epoch.opened' ? first.body.before : null
}

async function firstOf(db: Kysely<CounterTables>, holder: Holder): Promise<LedgerEvent | undefined> {
  const [first] = eventsIn(await eventsOf(db, holder).select('text').where('seq', '=', 1).execute())
  return first
}
