/** What is kept of the server's consequences: that they were drawn, once, and what is still due of them (R6). */
import { lotIn, type Due } from '#core/ledger/consequence/facts.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'

/** What has been done once and must not be done again. A second try breaks the key, and with it the transaction. */
export function saveOnce(unit: Unit, key: string, event: string): void {
  unit.insert('consequence', { key, event_id: event })
}

/** Stores new dues, or what is left of old ones. */
export function saveDues(unit: Unit, dues: readonly Due[]): void {
  const { facts } = unit
  for (const { cause, lot } of dues) {
    unit.later((trx) => {
      const amount = (facts.dues.get(lot) ?? [])
        .filter((due) => due.cause === cause)
        .reduce((sum, due) => sum + due.amount, 0)
      const { member = '', asset = '' } = lotIn(facts, lot) ?? {}
      return trx
        .insertInto('due')
        .values({ cause, lot, member, asset, amount })
        .onConflict((conflict) => conflict.columns(['cause', 'lot']).doUpdateSet({ amount }))
        .execute()
    })
  }
}
