/**
 * A server put back from a backup (R12). Found out by a counter that knows more; from then on, until every counter has
 * sent everything again or a manager no longer waits for it, the server grants nothing, honours no claim and sends no
 * message. Pushes stay open.
 */
import type { ChainEnd, Cursor } from '#core/contract/sync.ts'
import { EpochId, StoreId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import { locking, type Db, type Trx } from '#server/ledger/database.ts'
import { randomCrockford } from '#server/ledger/mint.ts'
import { firstStore } from '#server/ledger/shop.ts'
import { ackOf, epochsHere, isClosed } from '#server/intake/chain.ts'
import type { Ledger, Unit } from '#server/ledger/unit-of-work.ts'

/** What `terminal.heard` says. */
export const UNHEARD = 0
export const HEARD = 1
/** No longer waited for; what it still has is taken in when it comes. */
const WAIVED = 2

/** Whether all that a counter has is known to be here. */
export const isHeard = ({ heard }: { heard: number }): boolean => heard === HEARD

/** Whether this database has ever been put back. */
export async function wasRestored(db: Db): Promise<boolean> {
  return (await db.selectFrom('restored').select('epoch').limit(1).executeTakeFirst()) !== undefined
}

/** Whether it has been, and counters are still waited for. */
export async function isRestoring(db: Db): Promise<boolean> {
  const open = db.selectFrom('restored').select('epoch').where('settled_at', 'is', null)
  return (await open.limit(1).executeTakeFirst()) !== undefined
}

/** The last time that it was found out. */
const lastRestore = (db: Db) => db.selectFrom('restored').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst()

/** Whether what came at that time may prove another one: what came before the last was over is of the time before it. */
export async function isSinceRestore(db: Db, at: number): Promise<boolean> {
  const last = await lastRestore(db)
  return !last || (last.settled_at !== null && at > last.settled_at)
}

/**
 * When it was last found out that it had been; null when never. What a clock that was ahead has noted is of now at the
 * latest, and so from now on: or members would hear of nothing until that day.
 */
export async function lastRestoredAt(db: Db, now: number): Promise<number | null> {
  const last = await lastRestore(db)
  if (!last || last.at <= now) return last?.at ?? null
  const { epoch, settled_at: settled } = last
  const until = settled === null ? null : Math.min(settled, now)
  await db.updateTable('restored').set({ at: now, settled_at: until }).where('epoch', '=', epoch).execute()
  return now
}

/**
 * Notes that the database has been put back, by a counter's proof or (null) its keeper's word. A counter that has not been
 * heard since the last time proves nothing new, nor does a lost disk of it, whose epoch is over; and one that is frozen is
 * not believed (R11). Says whether this was news.
 */
export function noteRestored(ledger: Ledger, provedBy: Holder | null): Promise<boolean> {
  return ledger.write(null, (unit) => beginRestore(unit, provedBy))
}

/** The same, by a unit that has more to do. */
export async function beginRestore(unit: Unit, provedBy: Holder | null): Promise<boolean> {
  const { trx, dialect } = unit
  const terminals = trx.selectFrom('terminal').select(['id', 'heard', 'status']).orderBy('id')
  const rows = await locking(dialect, terminals).execute()
  if (provedBy !== null) {
    const prover = rows.find(({ id }) => id === provedBy.terminal)
    if (prover?.heard !== HEARD || prover.status !== 'active' || (await isClosed(trx, provedBy))) return false
  }
  const { epoch: before } = await trx.selectFrom('cursor').select('epoch').executeTakeFirstOrThrow()
  const epoch = EpochId.parse(randomCrockford(6))
  const store = StoreId.parse(firstStore(unit.shop)?.id)
  const body = { before: EpochId.parse(before) }
  const draft = { kind: 'server.restored' as const, body, lots: [], transfers: [] }
  unit.openEpoch(epoch, { id: unit.mint.event(), draft, store })
  unit.later((later, seq) => beginAnew(later, epoch, seq, unit.now))
  return true
}

async function beginAnew(trx: Trx, epoch: EpochId, seq: number, at: number): Promise<void> {
  await trx.updateTable('terminal').set({ heard: UNHEARD }).execute()
  await trx.updateTable('restored').set({ settled_at: at }).where('settled_at', 'is', null).execute()
  await trx.insertInto('restored').values({ epoch, seq, at, settled_at: null }).execute()
  // Whether LINE has had these is not known any more; twice is worse than never.
  const gone = { state: 'dead', error: 'restored', settled_at: at }
  await trx.updateTable('outbox').set(gone).where('state', '=', 'pending').execute()
  await settleRestore(trx, at)
}

/** Ends the wait when nobody is waited for: frozen counters and those whose epoch is closed are not. */
export async function settleRestore(trx: Trx, now: number): Promise<void> {
  if (!(await isRestoring(trx)) || (await waitedFor(trx)).length > 0) return
  await trx.updateTable('restored').set({ settled_at: now }).where('settled_at', 'is', null).execute()
}

/** The counters that a restored server has not heard yet. */
export async function waitedFor(db: Db): Promise<{ id: string; name: string }[]> {
  return db
    .selectFrom('terminal')
    .leftJoin('terminal_epoch as at', (join) =>
      join.onRef('at.terminal', '=', 'terminal.id').onRef('at.epoch', '=', 'terminal.epoch'),
    )
    .select(['terminal.id', 'terminal.name'])
    .where('terminal.heard', '=', UNHEARD)
    .where('terminal.status', '=', 'active')
    .where('at.closed_at', 'is', null)
    .orderBy('terminal.id')
    .execute()
}

/** A counter that is not waited for any more; answers whether there is one. */
export function waive(ledger: Ledger, terminal: string): Promise<boolean> {
  return ledger.write(null, async (unit) => {
    const rows = await unit.trx.selectFrom('terminal').select('id').where('id', '=', terminal).execute()
    if (rows.length > 0) setHeard(unit, terminal, WAIVED)
    return rows.length > 0
  })
}

function setHeard(unit: Unit, terminal: string, heard: number): void {
  unit.later(async (trx) => {
    await trx.updateTable('terminal').set({ heard }).where('id', '=', terminal).where('heard', '<>', HEARD).execute()
    await settleRestore(trx, unit.now)
  })
}

/** What a counter that is to be heard says of itself: its own last seq, and the ends of its earlier epochs. */
type Heard = { cursor: Cursor; head: number | null; earlier: readonly ChainEnd[] }

/**
 * Whether a counter that has not been heard since the restore may pull on: only from a state of after it, which it takes
 * once it has sent everything. When nothing of it is missing here, it is heard.
 */
export async function pullsAnew(
  db: Db,
  ledger: Ledger,
  holder: Holder,
  { cursor, head, earlier }: Heard,
): Promise<boolean> {
  const restore = await lastRestore(db)
  const tag = await db.selectFrom('commit_tag').select('tag').where('seq', '=', cursor.seq).executeTakeFirst()
  if (!restore || cursor.seq < restore.seq || tag?.tag !== cursor.tag) return false
  const { terminal } = holder
  const here = await ackOf(db, holder)
  const allHere = (await epochsHere(db, terminal, earlier)).length === earlier.length
  if (head !== null && head <= here.seq && allHere)
    await ledger.write(null, async (unit) => setHeard(unit, terminal, HEARD))
  return true
}
