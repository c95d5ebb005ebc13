/** Loans on lots among the facts: what stores have lent so that late and forgotten facts could stand (R11, R12). */
import { EventId, LotId, StoreId } from '#core/ids.ts'
import { riskOf, type Holder } from '#core/ledger/account.ts'
import type { Facts, OpenLoan } from '#core/ledger/consequence/facts.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { chunks } from '#storage/bulk.ts'
import type { Db } from '#server/ledger/database.ts'
import { noteLoan, noteRepaid } from '#server/ledger/loans.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import { bringBack, type Lacking } from './run-out.ts'

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

/** Has the store lend what these accounts lack for the event to stand, once what has run out of their lots is back. */
export function lendLacking(
  unit: Unit,
  event: LedgerEvent,
  reason: 'closedEpoch' | 'restored',
  { terminal, epoch }: Holder,
  short: readonly Lacking[],
): void {
  const lacking = bringBack(unit, event, short)
  if (lacking.length === 0) return
  const { store, id: cause } = event
  const transfers = lacking.map(({ lot, to, amount }): Transfer => {
    return { asset: lot.asset, from: riskOf(store, lot.asset), to, amount }
  })
  const body = { cause, store, reason }
  unit.decide({ id: unit.mint.event(), draft: { kind: 'risk.lent', body, lots: [], transfers } }, store)
  for (const { lot, amount } of lacking) {
    addLoan(unit.facts, { cause, lot: lot.id, store, amount })
    const { asset, member } = lot
    noteLoan(unit, { cause, thing: lot.id, reason, store, asset, member, terminal, epoch, amount })
  }
}

function addLoan(facts: Facts, loan: OpenLoan): void {
  facts.loans.set(loan.lot, [...(facts.loans.get(loan.lot) ?? []), loan])
}

/** Notes what `settleLot` has given back. */
export function repay(unit: Unit, repaid: readonly OpenLoan[]): void {
  for (const { cause, lot, amount } of repaid) {
    for (const loan of unit.facts.loans.get(lot) ?? []) if (loan.cause === cause) loan.amount -= amount
    noteRepaid(unit, cause, lot, amount)
  }
}
