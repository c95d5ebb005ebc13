/** Invariants 2, 5 and 12 over a whole shop: balances prove, chains verify, and all agree on what every member has. */
import type { Kysely } from 'kysely'
import { expect } from 'vitest'
import { somethingLeft } from '#storage/ledger.repository.ts'
import type { LedgerName, LedgerTables } from '#storage/schema.ts'
import { proveBalances, verifyChains } from '#storage/prove.ts'
import type { CounterAtWork, Shop } from './shop.ts'

type Ledger = Kysely<LedgerTables>

/** A counter's own accounts: what it keeps balances of. */
const ownAccounts = ({ engine }: CounterAtWork): string[] => {
  const { terminal, epoch } = engine.counter.ledger.holder
  return [`lot:%@${terminal}.${epoch}`, `drawer:${terminal}`]
}

/** A counter's own books are in order, whatever the server thinks. */
export async function expectProved(counter: CounterAtWork): Promise<void> {
  const db = counter.db.$pickTables<LedgerName>()
  expect(await proveBalances(db, ownAccounts(counter))).toEqual([])
  expect(await verifyChains(db)).toEqual([])
}

/** Brings everyone up to date, and then expects them to agree on everything. */
export async function expectAgreement(shop: Shop): Promise<void> {
  for (const counter of shop.counters) await counter.sync()
  for (const counter of shop.counters) await counter.sync()
  const { db } = shop.server.database
  const ledger = db.$pickTables<LedgerName>()
  expect(await proveBalances(ledger)).toEqual([])
  expect(await verifyChains(ledger)).toEqual([])
  const negative = await db
    .selectFrom('balance')
    .selectAll()
    .where('account', 'like', 'lot:%')
    .where('amount', '<', 0)
    .execute()
  expect(negative).toEqual([])
  for (const counter of shop.counters) {
    await expectProved(counter)
    expect(await lotsKnownTo(counter)).toEqual(await lotsAtServer(shop))
    const here = counter.db.$pickTables<LedgerName>()
    expect(await membersIn(here)).toEqual(await membersIn(ledger))
    expect(await chainOf(counter, here)).toEqual(await chainOf(counter, ledger))
    expect(await ownBalances(counter, here)).toEqual(await ownBalances(counter, ledger))
  }
}

async function lotsAtServer({ server }: Shop) {
  const rows = await server.database.db
    .selectFrom('lot')
    .select(['id', 'free', 'held'])
    .where(somethingLeft)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({ ...row, held: JSON.parse(row.held) as unknown }))
}

async function lotsKnownTo({ db }: CounterAtWork) {
  const rows = await db.selectFrom('lot').select(['id', 'free', 'held']).orderBy('id').execute()
  return rows
    .filter((row) => row.free > 0 || row.held !== '[]')
    .map((row) => ({ ...row, held: JSON.parse(row.held) as unknown }))
}

const membersIn = (db: Ledger) =>
  db
    .selectFrom('member')
    .select(['id', 'card', 'name', 'phone', 'birthday', 'email', 'address', 'tier', 'joined_on', 'spent'])
    .orderBy('id')
    .execute()

const chainOf = ({ engine }: CounterAtWork, db: Ledger) =>
  db
    .selectFrom('event')
    .select(['seq', 'hash'])
    .where('terminal', '=', engine.counter.ledger.holder.terminal)
    .orderBy('seq')
    .execute()

const ownBalances = (counter: CounterAtWork, db: Ledger) =>
  db
    .selectFrom('balance')
    .selectAll()
    .where((eb) => eb.or(ownAccounts(counter).map((like) => eb('account', 'like', like))))
    .where('amount', '<>', 0)
    .orderBy('account')
    .execute()
