/**
 * Whether a command is done already. What this file has is known from it. What it may have forgotten, because it was put
 * back from a backup after the command was first given, only the server knows (R11).
 */
import type { Done } from '#core/contract/views.ts'
import { mintedAt, type EventId } from '#core/ids.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { planned, refuse, type Planned } from '#core/ledger/refusal.ts'
import { eventRowById, ownEvent } from '#storage/event.repository.ts'
import type { LedgerName } from '#storage/schema.ts'
import type { Counter } from './counter.ts'
import { doneBefore } from './done.ts'
import { endedBy, endedView } from './refunds.ts'

/** What a clock may have been set back by, between a command and the restore after it. */
const CLOCK_SET_MS = 10 * 60_000

/**
 * The event of a command that is done, or null; a refusal where nobody can say now, and so nothing may be done. `since`: what
 * the command's age goes by, where its own id has no time: the event that it is about.
 */
export async function eventOf(counter: Counter, id: EventId, since = id): Promise<Planned<LedgerEvent | null>> {
  const row = await rowOf(counter, id)
  if (row) return planned(ownEvent(row))
  const forgotten = await mayBeForgotten(counter, since)
  if (forgotten === 'no') return planned(null)
  const there = await counter.elsewhere({ event: id })
  if (there?.event) return planned(there.event)
  if (there?.known === false) return planned(null)
  return forgotten === 'yes' || there?.known ? refuse({ code: 'mayBeForgotten' }) : planned(null)
}

/** What was told of it. */
export async function toldBefore(counter: Counter, id: EventId, since = id): Promise<Planned<Done | null>> {
  const found = await eventOf(counter, id, since)
  if (!found.ok) return found
  if (found.value) return planned(await tell(counter, found.value))
  return (await isGivenUp(counter, id)) ? refuse({ code: 'notDone' }) : planned(null)
}

/** Says of one that is not done that it is not, for ever: a try that is still on its way, or another page's, comes too late. */
export async function giveUp({ db }: Counter, id: EventId): Promise<Planned<never>> {
  await db
    .insertInto('not_done')
    .values({ id })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return refuse({ code: 'notDone' })
}

async function isGivenUp({ db }: Counter, id: EventId): Promise<boolean> {
  return (await db.selectFrom('not_done').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
}

async function tell(counter: Counter, event: LedgerEvent): Promise<Done> {
  return { ...(await doneBefore(counter, event)), ended: (await endedBy(counter, event)).map(endedView) }
}

/**
 * What was minted in this run of the program is not forgotten: by the ticks since it began, which no clock moves. Of all else
 * only clocks can say. `hardly`: unless one was set; that is worth asking about, and no reason not to sell without a network.
 */
async function mayBeForgotten(counter: Counter, since: EventId): Promise<'yes' | 'hardly' | 'no'> {
  const reopened = counter.reopenedAt()
  if (reopened === null) return 'no'
  const row = await rowOf(counter, since)
  if (row) return row.epoch === counter.ledger.holder.epoch ? 'no' : 'yes'
  const minted = mintedAt(since)
  const { wall } = counter.moment()
  const ofThisRun = minted >= wall - counter.runningFor()
  // Set back since then, the clock makes what is asked for now look older than the epoch.
  if (minted < reopened) return wall < reopened && ofThisRun ? 'hardly' : 'yes'
  return ofThisRun && minted <= wall && minted - reopened >= CLOCK_SET_MS ? 'no' : 'hardly'
}

const rowOf = ({ db }: Counter, id: EventId) => eventRowById(db.$pickTables<LedgerName>(), id)
