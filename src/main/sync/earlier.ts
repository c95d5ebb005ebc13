/**
 * Epochs before this one of which a disk does not know that the server has them (R11, R12). That a push was answered is no
 * proof: the server may be put back to a time before it. Only a state pulled is, as for this epoch's own events.
 */
import type { Kysely } from 'kysely'
import { ChainEnd } from '#core/contract/sync.ts'
import type { EpochId } from '#core/ids.ts'
import type { CounterTables } from '#storage/schema.ts'
import type { Counter } from '#main/counter/counter.ts'
import { meta } from '#main/counter/meta.ts'

/** The last event here of each of them. */
export async function earlierEnds({ db, ledger }: Counter): Promise<ChainEnd[]> {
  const epochs = ((await meta.earlier.read(db)) ?? []).map(({ epoch }) => epoch)
  if (epochs.length === 0) return []
  const rows = await db
    .selectFrom('event')
    .select(['epoch', 'hash', (eb) => eb.fn.max('seq').as('seq')])
    .where('terminal', '=', ledger.holder.terminal)
    .where('epoch', 'in', epochs)
    .groupBy('epoch')
    .execute()
  return rows.map((row) => ChainEnd.parse(row))
}

/** How many of their events no state pulled is known to contain. */
export async function earlierUnsynced({ db, ledger }: Counter): Promise<number> {
  let count = 0
  for (const { epoch, ack } of (await meta.earlier.read(db)) ?? []) {
    const { left } = await db
      .selectFrom('event')
      .select((eb) => eb.fn.countAll<number>().as('left'))
      .where('terminal', '=', ledger.holder.terminal)
      .where('epoch', '=', epoch)
      .where('seq', '>', ack)
      .executeTakeFirstOrThrow()
    count += left
  }
  return count
}

/** The state now pulled contains them. */
export async function crossOff(trx: Kysely<CounterTables>, contained: readonly EpochId[]): Promise<void> {
  if (contained.length === 0) return
  const epochs = (await meta.earlier.read(trx)) ?? []
  await meta.earlier.write(
    trx,
    epochs.filter(({ epoch }) => !contained.includes(epoch)),
  )
}
