/** What became of events that could not simply be applied: state, and pulled by the counter that wrote them. */
import type { OutcomeState } from '#core/contract/sync-rows.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'

export type Outcome = OutcomeState & { terminal: string }

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
