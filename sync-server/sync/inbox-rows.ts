/** The rows of pushes that are kept until they are worked out. */
import { EpochId, TerminalId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import type { InboxTable } from '#storage/server-tables.ts'
import type { Db, Trx } from '#server/ledger/database.ts'

const ofChain = (db: Db, { terminal, epoch }: Holder) =>
  db.selectFrom('inbox').where('terminal', '=', terminal).where('epoch', '=', epoch)

export async function keepRow(trx: Trx, row: InboxTable): Promise<void> {
  await trx.insertInto('inbox').values(row).execute()
}

/** The last seq that is kept of a chain; 0 when nothing is. */
export async function lastKeptOf(db: Db, holder: Holder): Promise<number> {
  const row = await ofChain(db, holder).select('last_seq').orderBy('first_seq', 'desc').limit(1).executeTakeFirst()
  return row?.last_seq ?? 0
}

/** The push of a chain that is to be worked out first. */
export const nextRow = (db: Db, holder: Holder): Promise<InboxTable | undefined> =>
  ofChain(db, holder).selectAll().orderBy('first_seq').limit(1).executeTakeFirst()

export async function holdsAny(db: Db, holder: Holder): Promise<boolean> {
  return (await ofChain(db, holder).select('first_seq').limit(1).executeTakeFirst()) !== undefined
}

/** Drops what the ledger has taken in, up to a chain's new head. */
export async function dropTaken(db: Db, { terminal, epoch }: Holder, head: number): Promise<void> {
  await db
    .deleteFrom('inbox')
    .where('terminal', '=', terminal)
    .where('epoch', '=', epoch)
    .where('last_seq', '<=', head)
    .execute()
}

/** The chains of which something is kept, of one terminal or of all. */
export async function chainsIn(db: Db, terminal?: string): Promise<Holder[]> {
  const all = db.selectFrom('inbox').select(['terminal', 'epoch']).distinct().orderBy('terminal').orderBy('epoch')
  const rows = await (terminal === undefined ? all : all.where('terminal', '=', terminal)).execute()
  return rows.map((row) => ({ terminal: TerminalId.parse(row.terminal), epoch: EpochId.parse(row.epoch) }))
}
