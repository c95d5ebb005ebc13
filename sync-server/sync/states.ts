/** The latest state of things, by kind, as rows of a pull. Each kind is one statement a page, however many rows. */
import {
  MemberState,
  OutcomeState,
  ProductState,
  RecallState,
  StaffState,
  StoreState,
  TerminalState,
  type SyncRow,
} from '#core/contract/sync-rows.ts'
import { Amount } from '#core/ids.ts'
import { Programme } from '#core/loyalty/programme.ts'
import { chunks } from '#storage/bulk.ts'
import { heldFromText, lotFromRow } from '#storage/ledger.repository.ts'
import type { LotTable, MemberTable, OutcomeTable, ProductTable, StaffTable, StoreTable } from '#storage/schema.ts'
import type { Trx } from '#server/ledger/database.ts'
import { everyoneOf } from '#server/ledger/people.ts'
import { visitsFromText } from '#server/intake/members.ts'

export type Changed = { kind: string; id: string; seq: number }

/** The rows of what changed and is neither a member nor a lot, in the order of their commits. */
export async function statesOf(trx: Trx, changed: readonly Changed[]): Promise<SyncRow[]> {
  const rows: SyncRow[] = []
  for (const [kind, load] of Object.entries(LOADERS)) {
    const seqs = new Map(changed.filter((one) => one.kind === kind).map((one) => [one.id, one.seq]))
    for (const part of chunks([...seqs.keys()], 1)) rows.push(...(await load(trx, part, (id) => seqs.get(id) ?? 0)))
  }
  return rows.toSorted((a, b) => a.seq - b.seq)
}

/** The present rows of these lots. */
export async function lotRows(trx: Trx, ids: readonly string[]): Promise<SyncRow[]> {
  if (ids.length === 0) return []
  const rows = await trx.selectFrom('lot').selectAll().where('id', 'in', ids).execute()
  return rows.map(lotRow)
}

/** All rows of someone who has been merged; none for who is known by one id alone. */
export async function personRows(trx: Trx, member: string): Promise<SyncRow[]> {
  const ids = [...(await everyoneOf(trx, [member]))]
  if (ids.length === 1) return []
  const rows = await trx.selectFrom('member').selectAll().where('id', 'in', ids).execute()
  return rows.map(memberRow)
}

type Load = (trx: Trx, ids: readonly string[], seqOf: (id: string) => number) => Promise<SyncRow[]>

const LOADERS: Record<Exclude<SyncRow['kind'], 'member' | 'lot'>, Load> = {
  programme: async (trx, _ids, seqOf) => {
    const state = await latestProgramme(trx)
    return state ? [{ kind: 'programme', seq: seqOf('programme'), state }] : []
  },
  store: async (trx, ids, seqOf) => {
    const rows = await trx.selectFrom('store').selectAll().where('id', 'in', ids).execute()
    return rows.map((row) => ({ kind: 'store', seq: seqOf(row.id), state: storeState(row) }))
  },
  terminal: async (trx, ids, seqOf) => {
    const rows = await trx.selectFrom('terminal').select(['id', 'store', 'name']).where('id', 'in', ids).execute()
    return rows.map((row) => ({ kind: 'terminal', seq: seqOf(row.id), state: TerminalState.parse(row) }))
  },
  staff: async (trx, ids, seqOf) => {
    const rows = await trx.selectFrom('staff').selectAll().where('id', 'in', ids).execute()
    return rows.map((row) => ({ kind: 'staff', seq: seqOf(row.id), state: staffState(row) }))
  },
  product: async (trx, ids, seqOf) => {
    const rows = await trx.selectFrom('product').selectAll().where('code', 'in', ids).execute()
    return rows.map((row) => ({ kind: 'product', seq: seqOf(row.code), state: productState(row) }))
  },
  outcome: async (trx, ids, seqOf) => {
    const rows = await trx.selectFrom('outcome').selectAll().where('event_id', 'in', ids).execute()
    return rows.map((row) => ({ kind: 'outcome', seq: seqOf(row.event_id), state: outcomeState(row) }))
  },
  recall: async (trx, ids, seqOf) => {
    const rows = await trx.selectFrom('recall').selectAll().where('id', 'in', ids).where('answered', '=', 0).execute()
    return rows.map((row) => ({ kind: 'recall', seq: seqOf(row.id), state: RecallState.parse(row) }))
  },
}

export const outcomeState = ({ event_id, status, reason }: OutcomeTable): OutcomeState =>
  OutcomeState.parse({ event: event_id, status, reason })

export async function latestProgramme(trx: Trx): Promise<Programme | null> {
  const latest = trx.selectFrom('programme').select('document').orderBy('version', 'desc').limit(1)
  const row = await latest.executeTakeFirst()
  return row ? Programme.parse(JSON.parse(row.document)) : null
}

export const storeState = ({ cut_off_hour, ...row }: StoreTable): StoreState =>
  StoreState.parse({ ...row, cutOffHour: cut_off_hour })

export const staffState = ({ active, ...row }: StaffTable): StaffState =>
  StaffState.parse({ ...row, active: active === 1 })

export const productState = ({ active, ...row }: ProductTable): ProductState =>
  ProductState.parse({ ...row, active: active === 1 })

const lotRow = (row: LotTable): SyncRow => {
  const state = { lot: lotFromRow(row), free: Amount.parse(row.free), held: heldFromText(row.held) }
  return { kind: 'lot', seq: row.seq, state }
}

const memberRow = (row: MemberTable): SyncRow => ({ kind: 'member', seq: row.seq, state: memberState(row) })

const memberState = (row: MemberTable): MemberState =>
  MemberState.parse({
    id: row.id,
    card: row.card,
    name: row.name,
    phone: row.phone,
    birthday: row.birthday,
    email: row.email,
    address: row.address,
    tier: row.tier,
    joinedOn: row.joined_on,
    note: row.note,
    blocked: row.blocked === 1,
    onLine: row.on_line === 1,
    spent: row.spent,
    recent: visitsFromText(row.recent),
    root: row.root,
  })
