/** What the server has of an epoch: what it holds, what was lent for it, and whether its terminal may work. */
import type { Holder } from '#core/ledger/account.ts'
import { heldFromText } from '#storage/ledger.repository.ts'
import type { TestServer } from './sync-server.ts'

type Held = { lot: string; amount: number }

export async function heldIn({ database }: Pick<TestServer, 'database'>, holder: Holder): Promise<Held[]> {
  const rows = await database.db.selectFrom('lot').select(['id', 'held']).orderBy('id').execute()
  return rows.flatMap(({ id, held }) =>
    heldFromText(held)
      .filter(({ terminal, epoch }) => terminal === holder.terminal && epoch === holder.epoch)
      .map(({ amount }) => ({ lot: id, amount })),
  )
}

export const heldOf = async (server: Pick<TestServer, 'database'>, holder: Holder): Promise<number> =>
  (await heldIn(server, holder)).reduce((sum, { amount }) => sum + amount, 0)

export function loansOf({ database }: Pick<TestServer, 'database'>, { terminal, epoch }: Holder) {
  return database.db
    .selectFrom('loan')
    .select(['reason', 'amount', 'repaid'])
    .where('terminal', '=', terminal)
    .where('epoch', '=', epoch)
    .orderBy('cause')
    .orderBy('thing')
    .execute()
}

/** A manager's freeze. */
export async function setFrozen({ database }: Pick<TestServer, 'database'>, terminal: string, reason: string) {
  const frozen = database.db.updateTable('terminal').set({ status: 'frozen', frozen_reason: reason })
  await frozen.where('id', '=', terminal).execute()
}
