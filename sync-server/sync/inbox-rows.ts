/** The rows of pushes that are kept until they are worked out. */
import { z } from 'zod'
import { EventPlace } from '#core/contract/push.ts'
import { Personal } from '#core/contract/sync.ts'
import { EpochId, TerminalId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import type { Db, Trx } from '#server/ledger/database.ts'
import { pack } from '#storage/packed.ts'
import type { Texts } from './push-body.ts'

export type Kept = Texts & { personal: readonly Personal[] }

const Events = z.array(EventPlace)
const People = z.array(Personal)

const ofChain = (db: Db, { terminal, epoch }: Holder) =>
  db.selectFrom('inbox').where('terminal', '=', terminal).where('epoch', '=', epoch)

/** Keeps what has at least one event. */
export async function keepPush(trx: Trx, holder: Holder, { events, packed, personal }: Kept): Promise<void> {
  const seq = events.at(-1)?.seq ?? 0
  const beside = { events: JSON.stringify(events), personal: JSON.stringify(personal) }
  const row = { ...holder, seq, ...beside, texts: packed, packed: 1 }
  await trx.insertInto('inbox').values(row).execute()
}

/** The last seq that is kept of a chain; 0 when nothing is. */
export async function lastKeptOf(db: Db, holder: Holder): Promise<number> {
  const row = await ofChain(db, holder).select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst()
  return row?.seq ?? 0
}

/** The hashes of what is kept of a chain, from this seq on. */
export async function keptHashes(db: Db, holder: Holder, from: number): Promise<Map<number, string>> {
  const rows = await ofChain(db, holder).select('events').where('seq', '>=', from).execute()
  return new Map(rows.flatMap(({ events }) => Events.parse(JSON.parse(events)).map(({ seq, hash }) => [seq, hash])))
}

/** What is kept of a chain first after this seq, and the seq it ends with. */
export async function nextKept(db: Db, holder: Holder, after: number): Promise<(Kept & { last: number }) | null> {
  const row = await ofChain(db, holder).selectAll().where('seq', '>', after).orderBy('seq').limit(1).executeTakeFirst()
  if (!row) return null
  const { seq: last, texts } = row
  const packed = row.packed === 1 ? texts : pack(texts)
  const events = Events.parse(JSON.parse(row.events))
  return { events, packed, personal: People.parse(JSON.parse(row.personal)), last }
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
