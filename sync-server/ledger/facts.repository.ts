/** Loads the facts that rules look at, in a few statements however many events there are, and stores what became of lots. */
import { EventId, LotId, MemberId } from '#core/ids.ts'
import { Account, heldBy, lotOf, parseAccount } from '#core/ledger/account.ts'
import { isEarned } from '#core/ledger/asset.ts'
import { entriesOf, setBalance } from '#core/ledger/book.ts'
import { addDue, debtIn, learnLot, rootOf, type Facts, type KnownLot } from '#core/ledger/consequence/facts.ts'
import type { Lot } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { chunks } from '#storage/bulk.ts'
import {
  balancesOf,
  bearLots,
  heldFromText,
  lotFromRow,
  moveLots,
  somethingLeft,
  type LotAndState,
} from '#storage/ledger.repository.ts'
import type { LotTable } from '#storage/schema.ts'
import { ledgerOf, type Db } from './database.ts'

function learn(facts: Facts, row: LotTable): void {
  const lot = lotFromRow(row)
  const held = heldFromText(row.held).map((one) => ({ account: heldBy(lot.id, one), amount: one.amount }))
  learnLot(facts, lot, row.free, held, row.seq)
}

/** Learns these lots, and what is free and held of them. Call it under their members' locks. */
export async function loadLots(db: Db, facts: Facts, ids: readonly string[]): Promise<void> {
  learnLots(facts, await readLots(db, ids))
}

export async function readLots(db: Db, ids: readonly string[]): Promise<LotTable[]> {
  const found: LotTable[] = []
  for (const part of chunks([...new Set(ids)], 1)) {
    for (const row of await db.selectFrom('lot').selectAll().where('id', 'in', part).execute()) found.push(row)
  }
  return found
}

export function learnLots(facts: Facts, rows: readonly LotTable[]): void {
  for (const row of rows) learn(facts, row)
}

/** Learns all lots of these people with something left, of these assets or (null) of all. */
export async function loadMembersLots(
  db: Db,
  facts: Facts,
  members: readonly string[],
  assets: readonly string[] | null,
): Promise<void> {
  for (const part of chunks(everyId(facts, members), 1)) {
    let query = db.selectFrom('lot').selectAll().where('member', 'in', part).where(somethingLeft)
    if (assets !== null) query = query.where('asset', 'in', assets)
    for (const row of await query.execute()) {
      if (!facts.lots.has(row.id)) learn(facts, row)
    }
  }
}

/** Learns all that these people have, what of it is due, and what they owe. */
export async function loadHoldings(db: Db, facts: Facts, members: readonly string[]): Promise<void> {
  await loadMembersLots(db, facts, members, null)
  await loadDues(db, facts)
  await loadBalances(db, facts, debtAccounts(facts))
}

/** All ids that these members have been known by. */
function everyId(facts: Facts, members: readonly string[]): string[] {
  const ids = new Set(members)
  if (facts.roots.size === 0) return [...ids]
  const roots = new Set([...ids].map((id) => facts.roots.get(id)))
  for (const [id, root] of facts.roots) if (roots.has(root)) ids.add(id)
  return [...ids]
}

/** What is free of these people's lots of these assets and can be used today, by `<root>:<asset's own name>`. */
export async function freeSums(
  db: Db,
  facts: Facts,
  members: readonly string[],
  assets: readonly string[],
  today: string,
): Promise<Map<string, number>> {
  const sums = new Map<string, number>()
  for (const part of chunks(everyId(facts, members), 1)) {
    const rows = await db
      .selectFrom('lot')
      .select(['member', 'asset'])
      .select(({ fn }) => fn.sum<number>('free').as('free'))
      .where('member', 'in', part)
      .where('asset', 'in', assets)
      .where(somethingLeft)
      .where((eb) => eb.or([eb('expires_on', 'is', null), eb('expires_on', '>=', today)]))
      .groupBy(['member', 'asset'])
      .execute()
    for (const { member, asset, free } of rows) {
      const key = `${rootOf(facts, MemberId.parse(member))}:${asset.slice(asset.indexOf(':') + 1)}`
      sums.set(key, (sums.get(key) ?? 0) + Number(free))
    }
  }
  return sums
}

/** Learns what is due from every lot in the facts. */
export async function loadDues(db: Db, facts: Facts): Promise<void> {
  for (const part of chunks([...facts.lots.keys()], 1)) {
    const rows = await db
      .selectFrom('due')
      .selectAll()
      .where('lot', 'in', part)
      .where('amount', '>', 0)
      .orderBy('cause')
      .execute()
    for (const { cause, lot, amount } of rows) {
      addDue(facts, { cause: EventId.parse(cause), lot: LotId.parse(lot), amount })
    }
  }
}

/** Learns balances of accounts that are no lot's: debts and claims. */
export async function loadBalances(db: Db, facts: Facts, accounts: Iterable<Account>): Promise<void> {
  const stored = await balancesOf(ledgerOf(db), [...accounts])
  for (const [account, asset, amount] of entriesOf(stored)) setBalance(facts.book, account, asset, amount)
}

/** The debt accounts of the members and assets of every lot in the facts. */
export function debtAccounts(facts: Facts): Set<Account> {
  const accounts = new Set<Account>()
  // One lot speaks for all that the person has of the asset.
  for (const [one] of facts.owned.values()) {
    if (!one) continue
    const { member, asset } = one.lot
    if (isEarned(asset)) accounts.add(debtIn(facts, member, asset))
  }
  return accounts
}

/** How much of each of these lots has run out so far, less what was brought back. */
export async function loadExpired(db: Db, facts: Facts, lots: readonly Lot[]): Promise<void> {
  for (const lot of lots) {
    const gone = `expired:${lot.asset}`
    const rows = await db
      .selectFrom('event')
      .innerJoin('transfer', 'transfer.event_id', 'event.id')
      .select(['transfer.from_account', 'transfer.to_account', 'transfer.amount'])
      .where('event.member', '=', lot.member)
      .where('event.kind', 'in', ['lot.settled', 'reversal.settled'])
      .where((eb) => eb.or([eb('transfer.to_account', '=', gone), eb('transfer.from_account', '=', gone)]))
      .execute()
    const sum = rows.reduce((total, { from_account: from, to_account: to, amount }) => {
      if (lotOf(Account.parse(from)) === lot.id) return total + amount
      return lotOf(Account.parse(to)) === lot.id ? total - amount : total
    }, 0)
    facts.expired.set(lot.id, sum)
  }
}

/** The lots that these transfers move something of. */
export function lotsTouched(transfers: Iterable<Transfer>): Set<string> {
  const lots = new Set<string>()
  for (const { from, to } of transfers) {
    const taken = lotOf(from)
    const given = lotOf(to)
    if (taken !== null) lots.add(taken)
    if (given !== null) lots.add(given)
  }
  return lots
}

/** Stores the lots that something was posted to as they are now: those born in this unit, and those that were read. */
export async function storeLots(db: Db, facts: Facts, seq: number): Promise<void> {
  const born: LotAndState[] = []
  const known: (LotAndState & { was: number })[] = []
  for (const { lot, free, held, asOf, moved } of facts.lots.values()) {
    if (!moved) continue
    const state = { lot, free, held: held.flatMap(heldNow), seq }
    if (asOf === null) born.push(state)
    else known.push({ ...state, was: asOf })
  }
  await bearLots(ledgerOf(db), born)
  await moveLots(ledgerOf(db), known)
}

function heldNow({ account, amount }: KnownLot['held'][number]): LotAndState['held'] {
  const parts = parseAccount(account)
  return parts.kind === 'held' && amount > 0 ? [{ terminal: parts.terminal, epoch: parts.epoch, amount }] : []
}
