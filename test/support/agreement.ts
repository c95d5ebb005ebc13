/** Invariants 2, 5 and 12 over a whole shop: balances prove, chains verify, and all agree on what every member has. */
import { sql, type Kysely } from 'kysely'
import { expect } from 'vitest'
import { Account, drawerOf, lotOf } from '#core/ledger/account.ts'
import { allHeld } from '#main/counter/holdings.ts'
import { readCursor } from '#server/ledger/cursor.ts'
import { chainsIn } from '#server/sync/inbox-rows.ts'
import { heldFromText, somethingLeft } from '#storage/ledger.repository.ts'
import type { LedgerName, LedgerTables } from '#storage/schema.ts'
import { proveBalances, verifyChains } from '#storage/prove.ts'
import type { ServerDatabase } from '#server/ledger/database.ts'
import { sound } from './books.ts'
import type { CounterAtWork } from './counter-at-work.ts'

type Ledger = Kysely<LedgerTables>

const MOST_ROUNDS = 20

/** Any server's database, and the counters that speak to it. */
export type OpenShop = { server: { database: ServerDatabase }; counters: readonly CounterAtWork[] }

/** A counter's own accounts: what it keeps balances of. */
const ownAccounts = ({ engine }: CounterAtWork): string[] => {
  const { terminal, epoch } = engine.counter.ledger.holder
  return [`lot:%@${terminal}.${epoch}`, `drawer:${terminal}`]
}

/** A counter's own books are in order, whatever the server thinks. */
export async function expectProved(counter: CounterAtWork): Promise<void> {
  const db = counter.db.$pickTables<LedgerName>()
  expect(await proveBalances(db, { like: ownAccounts(counter) })).toEqual([])
  expect(await verifyChains(db)).toEqual([])
}

/** Brings everyone up to date, and then expects them to agree on everything. */
export async function expectAgreement(shop: OpenShop): Promise<void> {
  await untilAtRest(shop)
  const { db } = shop.server.database
  const ledger = db.$pickTables<LedgerName>()
  await sound(shop.server)
  for (const counter of shop.counters) {
    await expectProved(counter)
    expect(await lotsKnownTo(counter)).toEqual(await lotsAtServer(shop))
    const here = counter.db.$pickTables<LedgerName>()
    expect(await membersIn(here)).toEqual(await membersIn(ledger))
    expect(await owedKnownTo(counter)).toEqual(await owedAtServer(shop))
    expect(await chainOf(counter, here)).toEqual(await chainOf(counter, ledger))
    expect(await heldHere(counter)).toEqual(await heldAtServer(shop, counter))
    // One put back from a backup does not know all that its drawer has seen.
    if (counter.engine.counter.identity.before === null)
      expect(await drawerIn(counter, here)).toEqual(await drawerIn(counter, ledger))
  }
}

/** Rounds until one brings nothing new: what a counter is granted, or gives back, is news to the others. */
async function untilAtRest({ server, counters }: OpenShop): Promise<void> {
  const { db } = server.database
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const before = await readCursor(db)
    for (const counter of counters) await counter.sync()
    const after = await readCursor(db)
    if (after.seq === before.seq && (await chainsIn(db)).length === 0) return
  }
  throw new Error(`still news after ${MOST_ROUNDS} rounds`)
}

async function lotsAtServer({ server }: OpenShop) {
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
    .select(['id', 'card', 'name', 'phone', 'birthday', 'email', 'address', 'tier', 'joined_on', 'spent', 'root'])
    .orderBy('id')
    .execute()

const owedKnownTo = ({ db }: CounterAtWork) =>
  db.selectFrom('owed').selectAll().where('amount', '>', 0).orderBy('member').orderBy('asset').execute()

async function owedAtServer({ server }: OpenShop) {
  const { rows } = await sql<{ member: string; asset: string; amount: number }>`
    select substr(account, 6, 36) as member, asset, -amount as amount from balance
    where account like 'debt:%' and amount < 0 order by 1, 2`.execute(server.database.db)
  return rows
}

const chainOf = ({ engine }: CounterAtWork, db: Ledger) =>
  db
    .selectFrom('event')
    .select(['seq', 'hash'])
    .where('terminal', '=', engine.counter.ledger.holder.terminal)
    .where('epoch', '=', engine.counter.ledger.holder.epoch)
    .orderBy('seq')
    .execute()

/** What this counter holds of lots, by its own books. */
async function heldHere({ engine }: CounterAtWork) {
  const { db, ledger } = engine.counter
  const rows = await allHeld(db, ledger.holder)
  return rows.map(({ account, amount }) => ({ lot: lotOf(Account.parse(account)), amount })).toSorted(byLot)
}

/** The same, by the server's. */
async function heldAtServer({ server }: OpenShop, { engine }: CounterAtWork) {
  const { terminal, epoch } = engine.counter.ledger.holder
  const rows = await server.database.db.selectFrom('lot').select(['id', 'held']).where(somethingLeft).execute()
  return rows
    .flatMap(({ id, held }) => heldFromText(held).map((one) => ({ ...one, lot: id })))
    .filter((one) => one.terminal === terminal && one.epoch === epoch)
    .map(({ lot, amount }) => ({ lot, amount }))
    .toSorted(byLot)
}

const byLot = (a: { lot: string | null }, b: { lot: string | null }) => ((a.lot ?? '') < (b.lot ?? '') ? -1 : 1)

const drawerIn = ({ engine }: CounterAtWork, db: Ledger) =>
  db
    .selectFrom('balance')
    .selectAll()
    .where('account', '=', drawerOf(engine.counter.ledger.holder.terminal))
    .where('amount', '<>', 0)
    .execute()
