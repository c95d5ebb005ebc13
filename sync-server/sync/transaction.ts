/** One transaction as its counter wrote it, for another counter that is to refund it (R5). */
import type { TransactionWanted } from '#core/contract/sync.ts'
import { REVERSIBLE } from '#core/ledger/plan/reversal.ts'
import type { Db } from '#server/ledger/database.ts'

export type Found = { text: string | null; reversed: boolean }

export async function findTransaction(db: Db, wanted: TransactionWanted): Promise<Found> {
  const found = await db
    .selectFrom('event')
    .leftJoin('reversal', 'reversal.event_id', 'event.id')
    .select(['event.text', 'reversal.reversed_by'])
    .where('event.kind', 'in', REVERSIBLE)
    .where((eb) => ('receipt' in wanted ? eb('event.receipt', '=', wanted.receipt) : eb('event.id', '=', wanted.event)))
    .executeTakeFirst()
  return { text: found?.text ?? null, reversed: (found?.reversed_by ?? null) !== null }
}
