/** What a store has lent from `risk:` and what of it came back: one row per cause and lot (or asset), the manager's list. */
import type { Awaited } from '#core/ledger/consequence/awaited.ts'
import type { LoanTable } from '#storage/server-tables.ts'
import type { Db } from './database.ts'
import type { Unit } from './unit-of-work.ts'

/** Why a store lends: a floor limit (R9), a closed epoch's late event (R11), a forgotten grant (R12), a claim before its sale. */
export type LoanReason = 'floor' | 'closedEpoch' | 'restored' | 'earlyClaim'

export type Loan = Omit<LoanTable, 'repaid' | 'awaited' | 'at' | 'reason'> & { reason: LoanReason }

/** The open loans, oldest first, a line each: since when, why, which store lent how much of what, to whom, for which event. */
export async function loanLines(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('loan')
    .leftJoin('member', 'member.id', 'loan.member')
    .selectAll('loan')
    .select('member.name')
    .whereRef('loan.repaid', '<', 'loan.amount')
    .orderBy('loan.at')
    .orderBy('loan.cause')
    .execute()
  return rows.map((row) => {
    const left = row.amount - row.repaid
    const since = new Date(row.at).toISOString().slice(0, 10)
    return [since, row.reason, row.store, left, row.asset, row.name ?? '', row.cause].join('\t')
  })
}

/** Notes a loan whose transfers this unit posts. A second one for the same cause and thing breaks the key. */
export function noteLoan(unit: Unit, loan: Loan, awaited: readonly Awaited[] = []): void {
  unit.later((trx) =>
    trx
      .insertInto('loan')
      .values({ ...loan, repaid: 0, awaited: JSON.stringify(awaited), at: unit.now })
      .execute(),
  )
}

/** Notes that so much of a loan came back, by transfers that this unit posts. The CHECK refuses more than was lent. */
export function noteRepaid(unit: Unit, cause: string, thing: string, amount: number): void {
  unit.later((trx) =>
    trx
      .updateTable('loan')
      .set((eb) => ({ repaid: eb('repaid', '+', amount) }))
      .where('cause', '=', cause)
      .where('thing', '=', thing)
      .executeTakeFirstOrThrow(),
  )
}

/** Notes what is still to come home to pay a loan. */
export function noteAwaited(unit: Unit, cause: string, thing: string, awaited: readonly Awaited[]): void {
  unit.later((trx) =>
    trx
      .updateTable('loan')
      .set({ awaited: JSON.stringify(awaited) })
      .where('cause', '=', cause)
      .where('thing', '=', thing)
      .executeTakeFirstOrThrow(),
  )
}
