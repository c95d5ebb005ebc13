/** Loans on lots among the facts: what stores have lent so that late and forgotten facts could stand (R11, R12). */
import { EventId, LotId, StoreId } from '#core/ids.ts'
import type { Facts, OpenLoan } from '#core/ledger/consequence/facts.ts'
import { chunks } from '#storage/bulk.ts'
import type { Db } from '#server/ledger/database.ts'
import { noteRepaid } from '#server/ledger/loans.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'

const ON_LOTS = ['closedEpoch', 'restored']

/** Learns the open loans on every lot in the facts; a shop that never lent anything is asked once. */
export async function loadLotLoans(db: Db, facts: Facts): Promise<void> {
  const open = db.selectFrom('loan').whereRef('repaid', '<', 'amount').where('reason', 'in', ON_LOTS)
  if (!(await open.select('cause').limit(1).executeTakeFirst())) return
  for (const part of chunks([...facts.lots.keys()], 1)) {
    const rows = await open.selectAll().where('thing', 'in', part).orderBy('at').orderBy('cause').execute()
    for (const { cause, thing, store, amount, repaid } of rows) {
      const lot = LotId.parse(thing)
      addLoan(facts, { cause: EventId.parse(cause), lot, store: StoreId.parse(store), amount: amount - repaid })
    }
  }
}

/** A loan of this very unit. */
export function addLoan(facts: Facts, loan: OpenLoan): void {
  facts.loans.set(loan.lot, [...(facts.loans.get(loan.lot) ?? []), loan])
}

/** Notes what `settleLot` has given back. */
export function repay(unit: Unit, repaid: readonly OpenLoan[]): void {
  for (const { cause, lot, amount } of repaid) {
    for (const loan of unit.facts.loans.get(lot) ?? []) if (loan.cause === cause) loan.amount -= amount
    noteRepaid(unit, cause, lot, amount)
  }
}
