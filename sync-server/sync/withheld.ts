/** Who is given nothing of the shop's (R11): a frozen terminal, and whoever asks under an epoch that is over. */
import { WITHHELD } from '#core/contract/withheld.ts'
import { TerminalId, type EpochId } from '#core/ids.ts'
import type { TerminalTable } from '#storage/server-tables.ts'
import type { Db } from '#server/ledger/database.ts'
import { isClosed } from '#server/intake/chain.ts'

/** Null where nothing is in the way. That its epoch is over is what it must know first: what it kept is others' by now. */
export async function whyWithheld(db: Db, row: TerminalTable, epoch: EpochId | undefined): Promise<string | null> {
  const terminal = TerminalId.parse(row.id)
  if (epoch !== undefined && (await isClosed(db, { terminal, epoch }))) return WITHHELD.epochClosed
  return row.status === 'active' ? null : (row.frozen_reason ?? row.status)
}
