/**
 * What a member has, as this counter knows it (R3): the server's word on what is free and held elsewhere, this counter's
 * own escrow by its own chain, and what it has handed back since that word was given (`applyAcquired` says when that was).
 */
import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { EpochId, TerminalId } from '#core/ids.ts'
import { lotOf, ownedBy, type Account, type Holder } from '#core/ledger/account.ts'
import type { Asset } from '#core/ledger/asset.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { byUse, type Lot, type Part } from '#core/ledger/lot.ts'
import { lotFromRow } from '#storage/ledger.repository.ts'
import type { CounterTables } from '#storage/schema.ts'
import { eventsOf } from './chain.ts'

/** One lot of the member's, and where its amounts are. */
export type LotHere = {
  lot: Lot
  /** In this counter's keeping: spendable whatever the network does. */
  own: number
  /** Free at the server: spendable while connected. */
  free: number
  elsewhere: { terminal: TerminalId; amount: number }[]
}

const HeldJson = z.array(z.object({ terminal: TerminalId, epoch: EpochId, amount: z.number().int() }))

/**
 * Lots that may have something left: the server's word says so, or it has not told of them yet. What this counter holds
 * is among them: the server's word has it as held until it has heard the event that took it. Written out rather than
 * bound, so that SQLite sees that the index on them answers it: a regular has hundreds that are used up.
 */
export const mayBeLeft = sql<boolean>`(lot.free > 0 or lot.held <> '[]' or lot.seq = 0)`

/** The lots with something left of them, here or elsewhere, of a person known by these ids. */
export async function lotsOfMember(
  db: Kysely<CounterTables>,
  holder: Holder,
  ack: number,
  members: readonly string[],
): Promise<LotHere[]> {
  const rows = await lotsWithOwn(db, holder).where('lot.member', 'in', members).where(mayBeLeft).execute()
  if (rows.length === 0) return []
  const returned = await returnedSince(db, holder, ack)
  return somethingLeft(rows.map((row) => lotHere(row, holder, returned.get(`lot:${row.id}`) ?? 0)))
}

const lotsWithOwn = (db: Kysely<CounterTables>, holder: Holder) =>
  db
    .selectFrom('lot')
    .leftJoin('balance', (join) =>
      join
        .on('balance.account', '=', sql<string>`'lot:' || lot.id || ${`@${holder.terminal}.${holder.epoch}`}`)
        .onRef('balance.asset', '=', 'lot.asset'),
    )
    .selectAll('lot')
    .select('balance.amount as own')

const lotHere = (row: CounterTables['lot'] & { own: number | null }, holder: Holder, returned: number): LotHere => ({
  lot: lotFromRow(row),
  own: row.own ?? 0,
  free: row.free + returned,
  elsewhere: othersHolding(row.held, holder),
})

const somethingLeft = (lots: readonly LotHere[]): LotHere[] =>
  lots.filter(({ own, free, elsewhere }) => own > 0 || free > 0 || elsewhere.length > 0)

/**
 * A member's lots as an event of this counter leaves them: it moves only what is in its keeping. One that undoes a sale
 * may fill lots again that were used up, and so are not among those known.
 */
export async function lotsAfter(
  db: Kysely<CounterTables>,
  lots: readonly LotHere[],
  event: LedgerEvent,
  holder: Holder,
): Promise<LotHere[]> {
  const moved = new Map<string, number>()
  const move = (account: Account, by: number) => {
    const lot = ownedBy(account, holder) ? lotOf(account) : null
    if (lot !== null) moved.set(lot, (moved.get(lot) ?? 0) + by)
  }
  for (const { from, to, amount } of event.transfers) {
    move(from, -amount)
    move(to, amount)
  }
  const born = event.lots.map((lot): LotHere => ({ lot, own: 0, free: 0, elsewhere: [] }))
  const known = [...lots, ...born]
  const ids = new Set<string>(known.map(({ lot }) => lot.id))
  const filled = await usedUp(
    db,
    [...moved.keys()].filter((id) => !ids.has(id)),
  )
  return somethingLeft(
    [...known, ...filled].map((here) => ({ ...here, own: here.own + (moved.get(here.lot.id) ?? 0) })),
  )
}

/**
 * Lots less what the store has lent of their assets, which is spent, though the server does not know it yet: by what is
 * free it will be met, soonest to end first (R9). What is not free then is another counter's; it is not to be lent on twice.
 */
export function lessLent(lots: readonly LotHere[], lent: (asset: Asset) => number): LotHere[] {
  const owed = new Map<Asset, number>()
  const left = (asset: Asset, amount: number) => {
    const open = owed.get(asset) ?? Math.max(0, lent(asset))
    const met = Math.min(open, amount)
    owed.set(asset, open - met)
    return amount - met
  }
  return lots
    .toSorted((one, other) => byUse(one.lot, other.lot))
    .map((here) => ({ ...here, free: left(here.lot.asset, here.free) }))
    .map(({ elsewhere, ...here }) => ({
      ...here,
      elsewhere: elsewhere
        .map(({ terminal, amount }) => ({ terminal, amount: left(here.lot.asset, amount) }))
        .filter(({ amount }) => amount > 0),
    }))
}

async function usedUp(db: Kysely<CounterTables>, ids: readonly string[]): Promise<LotHere[]> {
  if (ids.length === 0) return []
  const rows = await db.selectFrom('lot').selectAll().where('id', 'in', ids).execute()
  return rows.map((row) => ({ lot: lotFromRow(row), own: 0, free: 0, elsewhere: [] }))
}

function othersHolding(held: string | null, holder: Holder): LotHere['elsewhere'] {
  if (held === null || held === '[]') return []
  return HeldJson.parse(JSON.parse(held)).filter(
    (one) => one.terminal !== holder.terminal || one.epoch !== holder.epoch,
  )
}

/** Written out rather than bound, so that SQLite sees that the index on returns answers it: a day offline has few of them. */
const isReturn = sql<boolean>`kind = 'rights.returned'`

/** What this counter has handed back that the server's last word does not contain yet: mostly nothing. */
async function returnedSince(db: Kysely<CounterTables>, holder: Holder, ack: number): Promise<Map<string, number>> {
  const returned = new Map<string, number>()
  const events = await eventsOf(db, holder).select(['id', 'seq']).where('seq', '>', ack).where(isReturn).execute()
  if (events.length === 0) return returned
  const seqs = new Map(events.map(({ id, seq }) => [id, seq]))
  const aheads = await db.selectFrom('lot_ahead').selectAll().execute()
  const ahead = new Map(aheads.map((one) => [`lot:${one.lot}`, one.ack]))
  const moved = db.selectFrom('transfer').select(['event_id as event', 'to_account as account', 'amount'])
  for (const { event, account, amount } of await moved.where('event_id', 'in', [...seqs.keys()]).execute()) {
    if ((seqs.get(event) ?? 0) > (ahead.get(account) ?? 0)) returned.set(account, (returned.get(account) ?? 0) + amount)
  }
  return returned
}

/** The part of these lots a plan may spend (R1). */
export const inKeeping = (lots: readonly LotHere[]): Part[] =>
  lots.filter(({ own }) => own > 0).map(({ lot, own }) => ({ lot, amount: own }))

/** The same lots where what this counter kept is the server's to give out again: their member's still, not in hand. */
export const outOfHand = (lots: readonly LotHere[]): LotHere[] =>
  lots.map((here) => ({ ...here, own: 0, free: here.free + here.own }))

/** Everything this counter holds of anyone, for handing back. */
export async function allHeld(db: Kysely<CounterTables>, holder: Holder) {
  return db
    .selectFrom('balance')
    .selectAll()
    .where('account', '>=', 'lot:')
    .where('account', '<', 'lot;')
    .where('account', 'like', `%@${holder.terminal}.${holder.epoch}`)
    .where('amount', '>', 0)
    .execute()
}
