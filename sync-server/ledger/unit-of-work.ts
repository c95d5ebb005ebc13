/**
 * One transaction of the server's ledger. Members are locked first, in order; then everything is read and decided in
 * memory; then the cursor is taken, and only under it is anything written. So commits have one order, readers skip
 * nothing, and writers cannot deadlock over the accounts they all share.
 */
import { hash } from 'node:crypto'
import { EpochId, StoreId, type BusinessDate } from '#core/ids.ts'
import { isDebt, lotOf } from '#core/ledger/account.ts'
import { enter, enterIfCovered, noFacts, type Decision, type Facts, type Mint } from '#core/ledger/consequence/facts.ts'
import { EVENT_VERSION } from '#core/ledger/event-version.ts'
import { Hash, seal, SERVER_TERMINAL, type LedgerEvent, type SealedEvent } from '#core/ledger/event.ts'
import type { Programme } from '#core/loyalty/programme.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { insertRows } from '#storage/bulk.ts'
import { insertEvents } from '#storage/event.repository.ts'
import { postBalances } from '#storage/ledger.repository.ts'
import type { Dialect } from '#storage/open.ts'
import type { MemberTable, ServerTables } from '#storage/schema.ts'
import { takeCursor, type CursorRow } from './cursor.ts'
import { ledgerOf, type ServerDatabase, type Trx } from './database.ts'
import { storeLots } from './facts.repository.ts'
import { lockPeople } from './people.ts'
import { withRetries } from './retry.ts'
import { shopReader, todayAt, type Shop } from './shop.ts'

/** `owed`: a debt's account. */
export type ChangeKind = 'programme' | 'staff' | 'product' | 'store' | 'terminal' | 'outcome' | 'recall' | 'owed'
type Change = { kind: ChangeKind; id: string; scope: string }
type Write = (trx: Trx, seq: number) => Promise<unknown>
type Arrived = { sealed: SealedEvent; posted: boolean }
export type Decided = Decision & { store: string }

/** What one transaction reads, decides and will write. Nothing is written until the work is done. */
export class Unit {
  readonly trx: Trx
  readonly dialect: Dialect
  readonly now: number
  readonly today: BusinessDate
  readonly shop: Shop
  readonly mint: Mint
  readonly facts: Facts
  readonly arrived: Arrived[] = []
  readonly decided: Decided[] = []
  readonly changes = new Map<string, Change>()
  readonly writes: Write[] = []
  /** Where the server's own chain goes on from here (R12); null: where it was. */
  nextEpoch: EpochId | null = null
  readonly rows = new Map<string, { columns: string[]; rows: Record<string, unknown>[] }>()

  constructor(trx: Trx, dialect: Dialect, now: number, shop: Shop, store: string | null, mint: Mint) {
    this.trx = trx
    this.dialect = dialect
    this.now = now
    this.shop = shop
    this.today = todayAt(shop, store, now)
    this.mint = mint
    this.facts = noFacts(this.today)
  }

  get programme(): Programme {
    return this.shop.programme
  }

  /**
   * Locks members, and all who are one person with them, against other units, and reads them. Once a unit, before anything of
   * theirs is read.
   */
  lockMembers(ids: Iterable<string>): Promise<Map<string, MemberTable>> {
    return lockPeople(this, ids)
  }

  /**
   * Keeps a counter's event, unless it overdraws. `posted` is false for transfers that the server's own chain has posted
   * already.
   */
  keep(sealed: SealedEvent, posted = true): boolean {
    if (posted && enterIfCovered(this.facts, sealed.event) !== null) return false
    this.arrived.push({ sealed, posted })
    return true
  }

  /** Makes a decision an event of the server's own chain. Throws when it would overdraw an account. */
  decide(decision: Decision, store: string): void {
    enter(this.facts, decision.draft)
    this.noteDecided(decision, store)
  }

  /** The same, for transfers that are in the facts already. */
  noteDecided(decision: Decision, store: string): void {
    this.decided.push({ ...decision, store })
  }

  /** Has the server's own chain go on in a new epoch, with this decision first. */
  openEpoch(epoch: EpochId, first: Decided): void {
    this.nextEpoch = epoch
    this.decided.unshift(first)
  }

  changed(kind: ChangeKind, id: string, scope = ''): void {
    this.changes.set(`${kind} ${id}`, { kind, id, scope })
  }

  /** Something else to write, under the cursor. */
  later(write: Write): void {
    this.writes.push(write)
  }

  /** A new row, written with all others of its table in one go. */
  insert<T extends 'claim' | 'consequence' | 'reversal' | 'waiting'>(table: T, row: ServerTables[T]): void {
    const collected = this.rows.get(table) ?? { columns: Object.keys(row), rows: [] }
    collected.rows.push({ ...row })
    this.rows.set(table, collected)
  }

  get touched(): boolean {
    return this.arrived.length + this.decided.length + this.changes.size + this.writes.length + this.rows.size > 0
  }
}

export type LedgerDeps = {
  database: ServerDatabase
  clock: () => number
  mint: Mint
  /** Called inside each transaction with everything it made happen, before it commits. */
  afterEvents: (
    trx: Trx,
    events: readonly LedgerEvent[],
    context: { programme: Programme; now: number },
  ) => Promise<void>
  /** Tells whoever waits that there is something to pull. Inside the transaction on PostgreSQL, after it on SQLite. */
  announce: (seq: number) => void
  /** The newest events it understands; those this program knows, unless told. */
  eventVersion?: number | undefined
}

export type Ledger = {
  /** Runs `work` as one transaction, again when it loses a race: it must do nothing but through its unit. */
  write<T>(store: string | null, work: (unit: Unit) => Promise<T>): Promise<T>
  readShop: ReturnType<typeof shopReader>
  readonly eventVersion: number
}

/** Thrown where no shop has been set up in the database yet. */
export class NoShopError extends Error {
  readonly code = 'noShop'
}

export function createLedger({
  database,
  clock,
  mint,
  afterEvents,
  announce,
  eventVersion = EVENT_VERSION,
}: LedgerDeps): Ledger {
  const readShop = shopReader()
  return {
    readShop,
    eventVersion,
    write: async (store, work) => {
      const { result, seq } = await withRetries(() =>
        database.db.transaction().execute(async (trx) => {
          const shop = await readShop(trx)
          if (!shop) throw new NoShopError('no shop has been set up in this database')
          const unit = new Unit(trx, database.dialect, clock(), shop, store, mint)
          const result = await work(unit)
          return { result, seq: unit.touched ? await commit(unit, afterEvents) : null }
        }),
      )
      if (seq !== null) announce(seq)
      return result
    },
  }
}

const nativeHash = (text: string): Hash => Hash.parse(hash('sha256', text))

async function commit(unit: Unit, afterEvents: LedgerDeps['afterEvents']): Promise<number> {
  const { trx, arrived, decided } = unit
  const cursor = inEpoch(await takeCursor(trx), unit.nextEpoch)
  const own = sealDecided(unit, cursor)
  const events = [...arrived.map(({ sealed }) => sealed), ...own]
  const posted = [
    ...arrived.filter((one) => one.posted).map(({ sealed }) => sealed.event),
    ...own.map(({ event }) => event),
  ]
  const transfers = posted.flatMap((event) => event.transfers)
  noteOwed(unit, transfers)

  const ledger = ledgerOf(trx)
  await insertEvents(ledger, events)
  await storeLots(trx, unit.facts, cursor.seq)
  await postBalances(ledger, transfers, (account) => lotOf(account) === null)
  for (const [table, { columns, rows }] of unit.rows) await insertRows(trx, table, columns, rows)
  for (const write of unit.writes) await write(trx, cursor.seq)
  await saveChanges(trx, [...unit.changes.values()], cursor.seq)
  const last = own.at(-1)
  if (decided.length > 0 && last) {
    await trx
      .updateTable('cursor')
      .set({ epoch: cursor.epoch, head_seq: last.event.seq, head_hash: last.hash })
      .where('id', '=', 1)
      .execute()
  }
  await afterEvents(trx, posted, { programme: unit.programme, now: unit.now })
  return cursor.seq
}

/** Whatever moved a debt, and whosever it has become: counters are told by its accounts. */
function noteOwed(unit: Unit, transfers: readonly Transfer[]): void {
  for (const { from, to } of transfers) {
    if (isDebt(from)) unit.changed('owed', from)
    if (isDebt(to)) unit.changed('owed', to)
  }
}

/** A new epoch's first event names the last known head of the one before. */
const inEpoch = (cursor: CursorRow, next: EpochId | null): CursorRow =>
  next === null ? cursor : { ...cursor, epoch: next, head_seq: 0 }

function sealDecided(unit: Unit, cursor: CursorRow): SealedEvent[] {
  const sealed: SealedEvent[] = []
  const epoch = EpochId.parse(cursor.epoch)
  let previous = cursor.head_hash === null ? null : Hash.parse(cursor.head_hash)
  for (const { id, draft, store } of unit.decided) {
    const place = {
      id,
      store: StoreId.parse(store),
      terminal: SERVER_TERMINAL,
      epoch,
      seq: cursor.head_seq + sealed.length + 1,
      occurredAt: unit.now,
      clockOffset: 0,
      businessDate: unit.today,
      staff: null,
      approvedBy: null,
      previous,
    }
    const event = seal(draft, place, nativeHash)
    sealed.push(event)
    previous = event.hash
  }
  return sealed
}

async function saveChanges(trx: Trx, changes: readonly Change[], seq: number): Promise<void> {
  const rows = changes.map((change) => ({ ...change, seq }))
  await insertRows(
    trx,
    'change',
    ['kind', 'id', 'seq', 'scope'],
    rows,
    'on conflict (kind, id) do update set seq = excluded.seq',
  )
}
