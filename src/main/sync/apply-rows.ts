/** Takes the server's rows into this counter's copy. Each row carries its commit; the higher wins (docs/rules.md, sync). */
import { sql, type Kysely } from 'kysely'
import { isZone } from '#core/business-date.ts'
import {
  placeName,
  type MemberState,
  type Owed,
  type PackedRows,
  type SyncRow,
  type SyncRowKind,
} from '#core/contract/sync-rows.ts'
import { phoneTail } from '#core/phone.ts'
import { saveLots } from '#storage/ledger.repository.ts'
import { upsertMembers } from '#storage/member.repository.ts'
import type { CounterTables, LedgerName, MemberTable } from '#storage/schema.ts'
import { mergeLots } from './load-rows.ts'
import { rowsOfPull } from './page-rows.ts'

type Db = Kysely<CounterTables>
type RowOf<K extends SyncRowKind> = Extract<SyncRow, { kind: K }>

const only = <K extends SyncRowKind>(rows: readonly SyncRow[], kind: K): RowOf<K>[] =>
  rows.filter((row): row is RowOf<K> => row.kind === kind)

/** Applies a page of a pull, inside the caller's transaction. Members take their names' pieces with them; lots go in as they are. */
export async function applyPage(trx: Db, { rows, packed }: { rows: SyncRow[]; packed: PackedRows[] }): Promise<void> {
  const members = packed.filter(({ kind }) => kind === 'member')
  await applyRows(trx, [...members.flatMap(rowsOfPull), ...rows])
  for (const page of packed) if (page.kind === 'lot') await mergeLots(trx, page)
}

/** Applies rows, inside the caller's transaction. */
export async function applyRows(trx: Db, rows: readonly SyncRow[]): Promise<void> {
  await applyHoldings(trx, rows)
  await applyCatalogue(trx, rows)
  await applyOutcomes(trx, only(rows, 'outcome'))
  await applyRecalls(trx, only(rows, 'recall'))
}

export function memberRow(state: MemberState, seq: number): MemberTable {
  return {
    id: state.id,
    card: state.card,
    name: state.name,
    phone: state.phone,
    phone_tail: phoneTail(state.phone),
    birthday: state.birthday,
    email: state.email,
    address: state.address,
    tier: state.tier,
    joined_on: state.joinedOn,
    note: state.note,
    blocked: Number(state.blocked),
    on_line: Number(state.onLine),
    spent: state.spent,
    recent: JSON.stringify(state.recent),
    seq,
    root: state.root,
  }
}

/**
 * What an acquire answers with: members and lots, ahead of the pull. What a member has spent stays as the last pull has
 * said it, with the events that the pull's `ack` says are in it; the next one tells it anew.
 *
 * A lot's row may contain a hand-back that the pull's `ack` does not, and then it must not count twice. So with the lot
 * stays this answer's `ack`: of this lot, what was handed back counts when it is later than both. That is right in every
 * order, because a lot's row says by its seq which own events are in it. The answer's row and `ack` are of one moment:
 * that row, and any of a higher seq, contains all own events on the lot up to `ack`; one of a lower seq is not taken. So
 * a page that was made before the answer and comes after it leaves the lot alone and, with the lower `ack`, changes
 * nothing of what counts; a page made after it brings a row that contains no less. Once a whole state contains as much,
 * the note says nothing more and goes (`caughtUp`); and with the numbers it was made by, where they begin anew.
 */
export async function applyAcquired(trx: Db, rows: readonly SyncRow[], ack: number): Promise<void> {
  const members = only(rows, 'member').map(({ seq, state: { id } }) => ({ id, seq, spent: 0 }))
  const known = await trx
    .selectFrom('member')
    .select(['id', 'seq', 'spent'])
    .where(
      'id',
      'in',
      members.map(({ id }) => id),
    )
    .execute()
  await applyHoldings(trx, rows)
  const before = new Map(known.map((one) => [one.id, one]))
  for (const { id, ...unknown } of members) {
    const { seq, spent } = before.get(id) ?? unknown
    await trx.updateTable('member').set({ seq, spent }).where('id', '=', id).execute()
  }
  for (const { state } of only(rows, 'lot')) {
    await trx
      .insertInto('lot_ahead')
      .values({ lot: state.lot.id, ack })
      .onConflict((conflict) => conflict.column('lot').doUpdateSet({ ack: sql`max(lot_ahead.ack, excluded.ack)` }))
      .execute()
  }
}

/** What members owe; nothing is known of it any more of a server that does not say. */
export async function applyOwed(trx: Db, owed: Owed | null): Promise<void> {
  if (owed === null || owed.all) await trx.deleteFrom('owed').execute()
  for (const { member, asset, amount } of owed?.of ?? []) {
    await trx
      .insertInto('owed')
      .values({ member, asset, amount })
      .onConflict((conflict) => conflict.columns(['member', 'asset']).doUpdateSet({ amount }))
      .execute()
  }
}

/** The state is whole, and contains own events up to `ack`. */
export async function caughtUp(trx: Db, ack: number): Promise<void> {
  await trx.deleteFrom('lot_ahead').where('ack', '<=', ack).execute()
}

/** Only members and lots. */
async function applyHoldings(trx: Db, rows: readonly SyncRow[]): Promise<void> {
  await upsertMembers(
    trx.$pickTables<LedgerName>(),
    only(rows, 'member').map(({ seq, state }) => memberRow(state, seq)),
  )
  const states = only(rows, 'lot').map(({ seq, state }) => ({ ...state, seq }))
  await saveLots(trx.$pickTables<LedgerName>(), states)
}

async function applyCatalogue(trx: Db, rows: readonly SyncRow[]): Promise<void> {
  for (const { state } of only(rows, 'store')) {
    const { id, shop, name, cutOffHour } = state
    const zone = isZone(state.zone) ? state.zone : await zoneInstead(trx, id)
    await replace(trx, 'store', { id, shop, name, zone, cut_off_hour: cutOffHour })
  }
  for (const { state } of only(rows, 'programme')) {
    // The last one heard is the shop's: a server that was put back has forgotten later ones (R12).
    await trx.deleteFrom('programme').execute()
    await replace(trx, 'programme', { version: state.version, document: JSON.stringify(state) })
  }
  for (const { state } of only(rows, 'staff')) await replace(trx, 'staff', { ...state, active: Number(state.active) })
  for (const { state } of only(rows, 'product'))
    await replace(trx, 'product', { ...state, active: Number(state.active) })
  for (const { state } of only(rows, 'terminal')) {
    await replace(trx, 'terminal_name', { id: state.id, store: state.store, name: state.name })
  }
}

/** For a zone that this machine does not know, which would stop its sales: the last good one, else where it stands itself. */
async function zoneInstead(trx: Db, store: string): Promise<string> {
  const known = await trx.selectFrom('store').select('zone').where('id', '=', store).executeTakeFirst()
  return known && isZone(known.zone) ? known.zone : new Intl.DateTimeFormat().resolvedOptions().timeZone
}

type Replaceable = {
  store: CounterTables['store']
  programme: CounterTables['programme']
  staff: CounterTables['staff']
  product: CounterTables['product']
  terminal_name: CounterTables['terminal_name']
}

/** Small documents that change seldom: written whole. */
async function replace<T extends keyof Replaceable>(trx: Db, table: T, row: Replaceable[T]): Promise<void> {
  const columns = Object.keys(row)
  await sql`insert or replace into ${sql.table(table)} (${sql.join(columns.map((name) => sql.ref(name)))})
    values (${sql.join(Object.values(row))})`.execute(trx)
}

/** Kept until they are answered; by their ids, which come again when more is asked for. */
async function applyRecalls(trx: Db, rows: readonly RowOf<'recall'>[]): Promise<void> {
  for (const { seq, state } of rows) {
    const { id, lot, amount, deadline } = state
    await trx
      .insertInto('recall')
      .values({ id, lot, amount, deadline, seq })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ amount, deadline, seq }))
      .execute()
  }
}

async function applyOutcomes(trx: Db, rows: readonly RowOf<'outcome'>[]): Promise<void> {
  for (const { seq, state } of rows) {
    const row = { event_id: state.event, status: state.status, reason: state.reason, seq }
    await trx
      .insertInto('outcome')
      .values(row)
      .onConflict((conflict) => conflict.column('event_id').doUpdateSet(row))
      .execute()
  }
  const resolved = rows.filter(({ state }) => state.status === 'resolved').map(({ state }) => state.event)
  if (resolved.length > 0) await nameAgain(trx, resolved)
}

/** The server had no place for the personal data of enrolments that it could not read: it goes again once it can. */
async function nameAgain(trx: Db, places: readonly string[]): Promise<void> {
  const named = new Set(places)
  const enrolled = trx
    .selectFrom('personal')
    .crossJoin('event')
    .select(['personal.member', 'event.epoch', 'event.seq'])
    .whereRef('event.member', '=', 'personal.member')
    .where('event.kind', '=', 'member.enrolled')
  const again = (await enrolled.execute()).filter((event) => named.has(placeName(event))).map(({ member }) => member)
  if (again.length > 0) await trx.updateTable('personal').set({ sent: 0 }).where('member', 'in', again).execute()
}
