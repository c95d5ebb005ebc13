/** One transaction as its counter wrote it, for another counter that is to refund it (R5). */
import type { TransactionWanted } from '#core/contract/sync.ts'
import { REVERSIBLE } from '#core/ledger/plan/reversal.ts'
import type { Db } from '#server/ledger/database.ts'
import { isRestoring } from '#server/restore/restored.ts'

export type Found = { text: string | null; reversed: boolean }

/**
 * Until a server that was put back has heard every counter, it does not know what has not been undone: of that it says
 * nothing (R12).
 */
export async function findTransaction(db: Db, wanted: TransactionWanted): Promise<Found> {
  const restoring = await isRestoring(db)
  const found = await db
    .selectFrom('event')
    .leftJoin('reversal', 'reversal.event_id', 'event.id')
    .select(['event.text', 'reversal.reversed_by'])
    .where('event.kind', 'in', REVERSIBLE)
    .where((eb) => ('receipt' in wanted ? eb('event.receipt', '=', wanted.receipt) : eb('event.id', '=', wanted.event)))
    .executeTakeFirst()
  const reversed = (found?.reversed_by ?? null) !== null
  return { text: restoring && !reversed ? null : (found?.text ?? null), reversed }
}
