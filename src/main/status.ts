/** The one line that says how the world is. */
import type { Status } from '#core/contract/views.ts'
import { Amount } from '#core/ids.ts'
import type { Engine } from './engine.ts'
import { earlierUnsynced } from './sync/earlier.ts'

export async function statusOf(engine: Engine): Promise<Status> {
  const { counter, sync, session, spool } = engine
  const { store } = counter.shop()
  const { online, since, frozen } = sync.connection()
  return {
    shop: store.shop,
    store: store.id,
    storeName: store.name,
    counter: counter.identity.counter,
    terminal: counter.identity.terminal,
    epoch: counter.identity.epoch,
    staff: session.staff(),
    online,
    since,
    unsynced: Amount.parse(Math.max(0, engine.unsynced()) + (await earlierUnsynced(counter))),
    printer: await spool.printerState(),
    businessDate: counter.moment().today,
    zone: store.zone,
    language: counter.settings().language,
    frozen,
    dayOpen: counter.day.isOpen(),
    dayClosed: counter.day.closed(),
    clockSkew: engine.clockSkew(),
    quarantined: Amount.parse(await quarantined(counter.db)),
    dataVersion: engine.dataVersion(),
  }
}

async function quarantined(db: Engine['counter']['db']): Promise<number> {
  const row = await db
    .selectFrom('outcome')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('status', '=', 'quarantined')
    .executeTakeFirstOrThrow()
  return row.count
}
