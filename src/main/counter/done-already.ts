/**
 * Whether a command is done already. What this file has is known from it. What it may have forgotten, because it was put
 * back from a backup after the command was first given, only the server knows (R11).
 */
import type { Command } from '#core/contract/terminal.ts'
import type { Done } from '#core/contract/views.ts'
import type { EpochId, EventId } from '#core/ids.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { planned, refuse, type Planned } from '#core/ledger/refusal.ts'
import { eventRowById, ownEvent } from '#storage/event.repository.ts'
import type { LedgerName } from '#storage/schema.ts'
import type { Counter } from './counter.ts'
import { doneBefore } from './done.ts'
import { endedBy, endedView } from './refunds.ts'

/** The event of a command that is done, or null; a refusal where nobody can say now, and so nothing may be done. */
export async function eventOf(counter: Counter, { id, epoch }: Command): Promise<Planned<LedgerEvent | null>> {
  const row = await eventRowById(counter.db.$pickTables<LedgerName>(), id)
  if (row) return planned(ownEvent(row))
  if (!mayBeForgotten(counter, epoch)) return planned(null)
  const there = await counter.elsewhere({ event: id })
  if (there?.event) return planned(there.event)
  return there?.known === false ? planned(null) : refuse({ code: 'mayBeForgotten' })
}

/** What was told of it. */
export async function toldBefore(counter: Counter, command: Command): Promise<Planned<Done | null>> {
  const found = await eventOf(counter, command)
  if (!found.ok) return found
  if (found.value) return planned(await tell(counter, found.value))
  return (await isGivenUp(counter, command.id)) ? refuse({ code: 'notDone' }) : planned(null)
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

/** A file that was never put back has forgotten nothing, and one that was, nothing of what was first given since. */
const mayBeForgotten = ({ identity }: Counter, epoch: EpochId | undefined): boolean =>
  identity.before !== null && epoch !== identity.epoch
