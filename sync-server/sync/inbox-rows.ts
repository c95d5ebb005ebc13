/** The rows of events that are kept until they are worked out. */
import { sql } from 'kysely'
import { z } from 'zod'
import { Personal, WireEvent } from '#core/contract/sync.ts'
import { EpochId, TerminalId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import { insertRows } from '#storage/bulk.ts'
import type { InboxTable } from '#storage/server-tables.ts'
import type { Db, Trx } from '#server/ledger/database.ts'

export type Kept = { events: readonly WireEvent[]; personal: readonly Personal[] }

const Events = z.array(WireEvent)
const People = z.array(Personal)
const NOBODY = '[]'

const ofChain = (db: Db, { terminal, epoch }: Holder) =>
  db.selectFrom('inbox').where('terminal', '=', terminal).where('epoch', '=', epoch)

export async function keepRows(trx: Trx, holder: Holder, { events, personal }: Kept): Promise<void> {
  const last = events.at(-1)?.seq
  const rows = events.map(({ seq, hash, text }): InboxTable => ({
    ...holder,
    seq,
    hash,
    text,
    personal: seq === last && personal.length > 0 ? JSON.stringify(personal) : NOBODY,
  }))
  await insertRows<InboxTable>(trx, 'inbox', ['terminal', 'epoch', 'seq', 'hash', 'text', 'personal'], rows)
}

/** The last seq that is kept of a chain; 0 when nothing is. */
export async function lastKeptOf(db: Db, holder: Holder): Promise<number> {
  const row = await ofChain(db, holder).select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst()
  return row?.seq ?? 0
}

/** The hashes of what is kept of a chain, from this seq on. */
export async function keptHashes(db: Db, holder: Holder, from: number): Promise<Map<number, string>> {
  const rows = await ofChain(db, holder).select(['seq', 'hash']).where('seq', '>=', from).execute()
  return new Map(rows.map(({ seq, hash }) => [seq, hash]))
}

/**
 * How much is worked out at once: what is born, spent and handed back within it is written once. More would keep others
 * waiting for longer than a cashier should; bytes count too, as some events name a thousand lots.
 */
const AT_ONCE = { events: 2_000, bytes: 3_000_000 }

/** What is to be worked out first of a chain. */
export async function nextKept(db: Db, holder: Holder): Promise<Kept> {
  const rows = await ofChain(db, holder)
    .selectAll()
    .where('seq', '<=', await endOfNext(db, holder))
    .orderBy('seq')
    .execute()
  const events = Events.parse(rows)
  return {
    events,
    personal: rows.flatMap((row) => (row.personal === NOBODY ? [] : People.parse(JSON.parse(row.personal)))),
  }
}

/** The seq up to which that is: of the first event at least; 0 when nothing is kept. */
async function endOfNext(db: Db, holder: Holder): Promise<number> {
  const rows = await ofChain(db, holder)
    .select(['seq', sql<number>`octet_length(text)`.as('bytes')])
    .orderBy('seq')
    .limit(AT_ONCE.events)
    .execute()
  let end = 0
  let sum = 0
  for (const { seq, bytes } of rows) {
    sum += bytes
    if (end > 0 && sum > AT_ONCE.bytes) break
    end = seq
  }
  return end
}

export async function holdsAny(db: Db, holder: Holder): Promise<boolean> {
  return (await ofChain(db, holder).select('seq').limit(1).executeTakeFirst()) !== undefined
}

/** Drops what the ledger has taken in, up to a chain's new head. */
export async function dropTaken(db: Db, { terminal, epoch }: Holder, head: number): Promise<void> {
  const taken = db.deleteFrom('inbox').where('terminal', '=', terminal).where('epoch', '=', epoch)
  await taken.where('seq', '<=', head).execute()
}

/** The chains of which something is kept, of one terminal or of all. */
export async function chainsIn(db: Db, terminal?: string): Promise<Holder[]> {
  const all = db.selectFrom('inbox').select(['terminal', 'epoch']).distinct().orderBy('terminal').orderBy('epoch')
  const rows = await (terminal === undefined ? all : all.where('terminal', '=', terminal)).execute()
  return rows.map((row) => ({ terminal: TerminalId.parse(row.terminal), epoch: EpochId.parse(row.epoch) }))
}
