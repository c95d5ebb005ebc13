/** What follows from events that have been worked out, whether they have just come or had waited. */
import type { LedgerEvent } from '#core/ledger/event.ts'
import type { Decided, Unit } from '#server/ledger/unit-of-work.ts'
import { recallDues } from '#server/rights/recall.ts'
import { rewardStamps, settleMoved, type Moved } from './aftermath.ts'
import type { Batch } from './batch.ts'
import { saveMembers } from './members.ts'

/** Settles what the unit has decided for an event, beyond the first so many decisions; answers which those are. */
export function settleDecided(unit: Unit, { id, store }: LedgerEvent, first: number): Decided[] {
  const decided = unit.decided.slice(first)
  for (const { draft } of decided) settleMoved(unit, { id, store, transfers: draft.transfers })
  return decided
}

/** Once all of a batch's events are worked out. */
export async function finish(batch: Batch, moved: readonly Moved[]): Promise<void> {
  await rewardStamps(batch.unit, moved)
  await recallDues(batch.unit, batch.dues)
  saveMembers(batch)
}
