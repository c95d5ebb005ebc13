/** What members owe, for counters to say so (R6), read from the debts' accounts themselves. */
import { Owed } from '#core/contract/sync-rows.ts'
import { Account, parseAccount } from '#core/ledger/account.ts'
import { chunks } from '#storage/bulk.ts'
import type { BalanceTable } from '#storage/schema.ts'
import type { Trx } from '#server/ledger/database.ts'
import type { Changed } from './states.ts'

export async function allOwed(trx: Trx): Promise<Owed> {
  const debts = accounts(trx).where('account', '>=', 'debt:').where('account', '<', 'debt;')
  return { all: true, of: parsed(await debts.where('amount', '<', 0).execute()) }
}

/** What is owed now on the accounts that have changed. */
export async function owedOf(trx: Trx, changed: readonly Changed[]): Promise<Owed> {
  const ids = changed.filter(({ kind }) => kind === 'owed').map(({ id }) => id)
  const of: Owed['of'] = []
  for (const part of chunks(ids, 1)) of.push(...parsed(await accounts(trx).where('account', 'in', part).execute()))
  return { all: false, of }
}

const accounts = (trx: Trx) => trx.selectFrom('balance').selectAll()

const parsed = (debts: readonly BalanceTable[]): Owed['of'] =>
  debts.flatMap(({ account, asset, amount }) => {
    const name = parseAccount(Account.parse(account))
    return name.kind === 'debt'
      ? Owed.shape.of.element.parse({ member: name.member, asset, amount: Math.max(0, -amount) })
      : []
  })
