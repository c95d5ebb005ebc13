/** Grants that the server takes for pending though they are here. */
import type { Granted } from '#core/contract/sync.ts'
import type { GrantId } from '#core/ids.ts'
import type { LedgerName } from '#storage/schema.ts'
import { eventRowById } from '#storage/event.repository.ts'
import type { Counter } from '#main/counter/counter.ts'

/**
 * Of what the server says is pending, what this counter took in by an event that the server has as well (`stored`: how far
 * that went when it was asked), and has put aside: as while it is older than this counter.
 */
export async function takenBefore({ db }: Counter, pending: readonly Granted[], stored: number): Promise<GrantId[]> {
  const taken: GrantId[] = []
  for (const { grant } of pending) {
    const accepted = await eventRowById(db.$pickTables<LedgerName>(), grant)
    if (accepted && accepted.seq <= stored) taken.push(grant)
  }
  return taken
}
