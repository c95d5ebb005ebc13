/** What this counter's store would still lend a member while the server is out of reach (R9). */
import { sql } from 'kysely'
import type { BusinessDate } from '#core/ids.ts'
import { assetKind, type Asset } from '#core/ledger/asset.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { memberOf } from '#core/ledger/event-about.ts'
import { floorLeft, lentBy, type Floor } from '#core/ledger/floor.ts'
import { eventsIn } from '#storage/event.repository.ts'
import type { Counter } from './counter.ts'
import { unacknowledged } from './epochs.ts'
import type { Acknowledged } from './meta.ts'

/** Null where the programme has no limit for this store; nothing is left while connected or frozen. `member`: all ids the person goes by. */
export async function floorFor(counter: Counter, db: Counter['db'], member: readonly string[]): Promise<Floor | null> {
  const { programme, store } = counter.shop()
  const limits = programme.floorLimits.filter((limit) => limit.store === store.id)
  if (limits.length === 0) return null
  const mayLend = counter.rights.mayLend()
  const { today } = counter.moment()
  const chains = await unacknowledged(counter, db)
  const lending = await lendingEvents(counter, db, { today, chains })
  const sum = (events: readonly LedgerEvent[], asset: Asset) =>
    events.reduce((total, event) => total + lentBy(event, asset), 0)
  const unsynced = lending.filter((event) => chains.some(({ epoch, ack }) => event.epoch === epoch && event.seq > ack))
  const toMember = unsynced.filter((event) => {
    const of = memberOf(event)
    return of !== null && member.includes(of)
  })
  return {
    store: store.id,
    lent: (asset) => sum(toMember, asset),
    left: (asset) => {
      const limit = limits.find((one) => one.asset === assetKind(asset))
      if (!limit || !mayLend) return 0
      return floorLeft(limit, {
        counter: sum(unsynced, asset),
        member: sum(toMember, asset),
        day: sum(
          lending.filter(({ businessDate }) => businessDate === today),
          asset,
        ),
      })
    },
  }
}

/** Written out rather than bound, so that SQLite sees that the index on them answers it: of all events few lend. */
const isLending = sql<boolean>`text like '%"risk:%'`

/** What was lent and not acknowledged, in whichever epoch, and what was lent today. */
async function lendingEvents(
  { ledger }: Counter,
  db: Counter['db'],
  { today, chains }: { today: BusinessDate; chains: readonly Acknowledged[] },
): Promise<LedgerEvent[]> {
  const rows = await db
    .selectFrom('event')
    .select('text')
    .where('terminal', '=', ledger.holder.terminal)
    .where(isLending)
    .where((eb) =>
      eb.or([
        eb('business_date', '=', today),
        ...chains.map(({ epoch, ack }) => eb.and([eb('epoch', '=', epoch), eb('seq', '>', ack)])),
      ]),
    )
    .execute()
  return eventsIn(rows)
}
