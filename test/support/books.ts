/** What a server's books say, as tests ask: whether they are in order, what is put aside, what an account holds. */
import { expect } from 'vitest'
import type { Holder } from '#core/ledger/account.ts'
import { faultsOf } from '#server/ledger/prove.ts'
import type { TestServer } from './sync-server.ts'

type Books = Pick<TestServer, 'database'>

/** Every balance is right, and every chain whole. */
export async function sound({ database }: Books): Promise<void> {
  expect(await faultsOf(database.db)).toEqual([])
}

/** All that was put aside, or what came of one terminal. */
export function quarantineOf({ database }: Books, of?: Pick<Holder, 'terminal'>) {
  const rows = database.db.selectFrom('quarantine').select(['seq', 'reason', 'resolved_by']).orderBy('seq')
  return (of ? rows.where('terminal', '=', of.terminal) : rows).execute()
}

export async function balanceOf({ database }: Books, account: string): Promise<number> {
  const rows = await database.db.selectFrom('balance').select('amount').where('account', '=', account).execute()
  return rows.reduce((sum, { amount }) => sum + amount, 0)
}
