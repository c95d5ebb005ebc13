/** What became of events that could not simply be applied: state, and pulled by the counter that wrote them. */
import { MEMBER_UNKNOWN, type OutcomeState } from '#core/contract/sync-rows.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { memberOf } from '#core/ledger/event-about.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'

export type Outcome = OutcomeState & { terminal: string }

/** Whether it waits for its member, of whom its counter may know. */
export const whyWaiting = (event: LedgerEvent, wants: string): string =>
  memberOf(event) === wants ? MEMBER_UNKNOWN : ''

export function saveOutcome(unit: Unit, { event, terminal, status, reason }: Outcome): void {
  unit.changed('outcome', event, terminal)
  unit.later((trx) =>
    trx
      .insertInto('outcome')
      .values({ event_id: event, terminal, status, reason })
      .onConflict((conflict) => conflict.column('event_id').doUpdateSet({ status, reason }))
      .execute(),
  )
}
