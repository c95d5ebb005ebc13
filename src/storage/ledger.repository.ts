/** The ledger's rows: the balances that transfers add up to, and lots. */
import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { Amount, EpochId, TerminalId } from '#core/ids.ts'
import { Account, isBounded } from '#core/ledger/account.ts'
import { Asset } from '#core/ledger/asset.ts'
import { addTo, entriesOf, setBalance, type Book } from '#core/ledger/book.ts'
import { Lot } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { chunks, insertRows, runOverRows } from './bulk.ts'
import type { BalanceTable, LedgerTables, LotTable } from './schema.ts'

type Db = Kysely<LedgerTables>

/**
 * Adds what these transfers move to the stored balances, in one sorted statement a chunk. `owned` says which accounts are
 * kept here (a counter keeps its own alone). The CHECK of both databases refuses a bounded account below zero.
 */
export async function postBalances(
  db: Db,
  transfers: readonly Transfer[],
  owned: (account: Account) => boolean = () => true,
): Promise<void> {
  const moved: Book = new Map()
  for (const { asset, from, to, amount } of transfers) {
    if (owned(from)) addTo(moved, from, asset, -amount)
    if (owned(to)) addTo(moved, to, asset, amount)
  }
  const rows = Array.from(entriesOf(moved), ([account, asset, amount]) => ({ account, asset, amount }))
  await addToBalances(
    db,
    rows.filter(({ amount }) => amount !== 0),
  )
}

async function addToBalances(db: Db, rows: (BalanceTable & { account: Account })[]): Promise<void> {
  rows.sort((a, b) => (a.account < b.account ? -1 : a.account > b.account ? 1 : a.asset < b.asset ? -1 : 1))
  // A new row's CHECK is tested before its conflict is found, so what lowers a balance is an update, not an upsert.
  const lower = rows.filter((row) => row.amount < 0 && isBounded(row.account))
  const raise = rows.filter((row) => row.amount > 0 || !isBounded(row.account))
  await insertRows(
    db,
    'balance',
    ['account', 'asset', 'amount'],
    raise,
    'on conflict (account, asset) do update set amount = balance.amount + excluded.amount',
  )
  await lowerBalances(db, lower)
}

async function lowerBalances(db: Db, rows: readonly BalanceTable[]): Promise<void> {
  const lowered = await runOverRows(
    db,
    (places) => `with moved (account, asset, amount) as (values ${places})
      update balance set amount = balance.amount + moved.amount from moved
      where balance.account = moved.account and balance.asset = moved.asset`,
    rows.map(({ account, asset, amount }) => [account, asset, amount]),
    ['text', 'text', 'bigint'],
  )
  if (lowered !== rows.length) throw new Error('overdrawn: an account has never held this')
}

/** The balances of these accounts, in all their assets. */
export async function balancesOf(db: Db, accounts: readonly string[]): Promise<Book> {
  const book: Book = new Map()
  for (const part of chunks([...new Set(accounts)], 1)) {
    const rows = await db.selectFrom('balance').selectAll().where('account', 'in', part).execute()
    for (const { account, asset, amount } of rows) {
      setBalance(book, Account.parse(account), Asset.parse(asset), amount)
    }
  }
  return book
}

const LOT_COLUMNS = ['id', 'member', 'asset', 'quantity', 'issued_at', 'expires_on', 'terms', 'code'] as const
const STATE_COLUMNS = ['free', 'held', 'seq'] as const

/** Stores lots; one that is there already stays as it is, for a lot never changes. */
export async function insertLots(db: Db, lots: readonly Lot[]): Promise<void> {
  await insertRows(db, 'lot', LOT_COLUMNS, lots.map(lotColumns), 'on conflict (id) do nothing')
}

/** Stores lots that are new, with what is free and held of them. Throws when one is there already. */
export async function bearLots(db: Db, states: readonly LotAndState[], onConflict = ''): Promise<void> {
  const rows = states.map(({ lot, ...state }) => ({ ...lotColumns(lot), ...stateColumns(state) }))
  await insertRows<LotTable>(db, 'lot', [...LOT_COLUMNS, ...STATE_COLUMNS], rows, onConflict)
}

/** Stores lots with what is free and held of them; of a lot that is there already, unless it is of a later commit. */
export async function saveLots(db: Db, states: readonly LotAndState[]): Promise<void> {
  await bearLots(
    db,
    states,
    `on conflict (id) do update set free = excluded.free, held = excluded.held, seq = excluded.seq
      where lot.seq <= excluded.seq`,
  )
}

/** In the order of the file a large update takes half as long. */
const byLot = (a: LotAndState, b: LotAndState): number => (a.lot.id < b.lot.id ? -1 : 1)

/** Moves lots on to a new state. Throws when one is no longer as it was at commit `was`. */
export async function moveLots(db: Db, states: readonly (LotAndState & { was: number })[]): Promise<void> {
  const moved = await runOverRows(
    db,
    (places) => `with moved (id, free, held, seq, was) as (values ${places})
      update lot set free = moved.free, held = moved.held, seq = moved.seq
      from moved where lot.id = moved.id and lot.seq = moved.was`,
    states.toSorted(byLot).map(({ lot, free, held, seq, was }) => [lot.id, free, JSON.stringify(held), seq, was]),
    ['text', 'bigint', 'text', 'bigint', 'bigint'],
  )
  if (moved !== states.length) throw new LotChangedError('a lot has changed since it was read')
}

/** Someone else wrote a lot between its reading and its writing: whoever holds the members' locks never meets it. */
export class LotChangedError extends Error {
  readonly code = 'lotChanged'
}

export type LotAndState = { lot: Lot; free: number; held: readonly HeldPart[]; seq: number }
type HeldPart = { terminal: string; epoch: string; amount: number }

const stateColumns = ({ free, held, seq }: Omit<LotAndState, 'lot'>) => ({ free, held: JSON.stringify(held), seq })

function lotColumns(lot: Lot): Omit<LotTable, (typeof STATE_COLUMNS)[number]> {
  return {
    id: lot.id,
    member: lot.member,
    asset: lot.asset,
    quantity: lot.quantity,
    issued_at: lot.issuedAt,
    expires_on: lot.expiresOn,
    terms: JSON.stringify(lot.terms),
    code: lot.code,
  }
}

const Held = z.compile(z.array(z.object({ terminal: TerminalId, epoch: EpochId, amount: Amount.min(1) })))
export type Held = z.infer<typeof Held>

/** What counters hold of a lot, read back from its row. */
export const heldFromText = (text: string): Held => (text === '[]' ? [] : Held.parse(JSON.parse(text)))

/** What all counters together hold of a lot. */
export const heldTotal = (text: string): number => heldFromText(text).reduce((sum, { amount }) => sum + amount, 0)

/** Lots that are not used up. Written out rather than bound, so that both engines see that the index on them answers it. */
export const somethingLeft = sql<boolean>`(lot.free > 0 or lot.held <> '[]')`

const CompiledLot = z.compile(Lot)

/** A lot's row, read back as the lot. */
export function lotFromRow(row: LotTable): Lot {
  return CompiledLot.parse({
    id: row.id,
    member: row.member,
    asset: row.asset,
    quantity: row.quantity,
    issuedAt: row.issued_at,
    expiresOn: row.expires_on,
    terms: JSON.parse(row.terms),
    code: row.code,
  })
}
