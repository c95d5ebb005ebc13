/** The epochs a counter's file has been through (R11). */
import type { Kysely } from 'kysely'
import type { EpochId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
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

async function namedBy(db: Kysely<CounterTables>, holder: Holder): Promise<EpochId | null> {
  const [first] = eventsIn(await eventsOf(db, holder).select('text').where('seq', '=', 1).execute())
  return first?.kind === 'epoch.opened' ? first.body.before : null
}
