/**
 * R9 on arrival: what a store has lent in a sale is met by whatever the member has free of the same asset now, and by what
 * the counter that lent it had without knowing, as it comes home; the rest stays the store's, and is listed. Undoing the sale
 * gives each part back to where it came from.
 */
import { z } from 'zod'
import { EventId, LotId, MemberId, StoreId } from '#core/ids.ts'
import { freeOf, isRisk, lotOf, redeemed, riskOf, type Holder } from '#core/ledger/account.ts'
import { Asset } from '#core/ledger/asset.ts'
import { awaitedBy, type Awaited } from '#core/ledger/consequence/awaited.ts'
import { balanceOf, spareIn, usableLots } from '#core/ledger/consequence/facts.ts'
import type { EventOf, LedgerEvent } from '#core/ledger/event.ts'
import { isLeftToServer } from '#core/ledger/event-about.ts'
import { lentBy } from '#core/ledger/floor.ts'
import { pick, type Lot } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { chunks } from '#storage/bulk.ts'
import { eventsIn } from '#storage/event.repository.ts'
import type { Db } from '#server/ledger/database.ts'
import { noteAwaited, noteLoan, noteRepaid } from '#server/ledger/loans.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'

/** What the members' lots have paid of sales' loans (`lot → risk`), by sale. */
export type FloorSettled = Map<string, Transfer[]>

/** What is left open of a sale's loan, and what may still pay it. */
export type FloorLoan = {
  cause: EventId
  store: StoreId
  member: MemberId
  asset: Asset
  left: number
  awaited: Awaited[]
}

/** An event by which lots meet a loan, and what they pay in it. */
type Settling = { cause: EventId; id: EventId; transfers: Transfer[] }

const AwaitedSchema = z.array(z.object({ lot: LotId, amount: z.number().int().positive() }))

export const lends = (event: LedgerEvent): boolean => event.transfers.some(({ from }) => isRisk(from))

const assetsLent = (sale: LedgerEvent): Asset[] => [
  ...new Set(sale.transfers.flatMap(({ asset, from }) => (isRisk(from) ? [asset] : []))),
]

/**
 * Notes what a sale was lent. Where it has `waited` for its member, what its counter has of theirs by now it has earned
 * since: of someone unknown nothing had been granted.
 */
export function openFloors(
  unit: Unit,
  sale: EventOf<'sale.completed'>,
  member: MemberId,
  waited: boolean,
): FloorLoan[] {
  const { id: cause, terminal, epoch } = sale
  const store = StoreId.parse(sale.store)
  return assetsLent(sale).map((asset) => {
    const amount = lentBy(sale, asset)
    const awaited = waited ? [] : awaitedBy(unit.facts, sale, member, asset)
    noteLoan(unit, { cause, thing: asset, reason: 'floor', store, asset, member, terminal, epoch, amount }, awaited)
    return { cause, store, member, asset, left: amount, awaited }
  })
}

/** Has the member's free lots meet a sale's loans. */
export const settleFloors = (unit: Unit, loans: readonly FloorLoan[]): Settling | null =>
  settle(unit, loans, () => Number.POSITIVE_INFINITY)

/** Has what comes home from a counter meet the loans of its sales that await it. */
export function settleFromHome(unit: Unit, home: readonly Transfer[], loans: readonly FloorLoan[]): Settling[] {
  const came = new Map(home.map(({ to, amount }) => [lotOf(to), amount]))
  const meeting = loans.filter(({ left, awaited }) => left > 0 && awaited.some(({ lot }) => came.has(lot)))
  const settlings: Settling[] = []
  for (const open of Map.groupBy(meeting, ({ cause }) => cause).values()) {
    const settling = settle(unit, open, ({ awaited }, { id }) =>
      Math.min(came.get(id) ?? 0, awaited.find(({ lot }) => lot === id)?.amount ?? 0),
    )
    if (!settling) continue
    settlings.push(settling)
    for (const { from, amount } of settling.transfers) came.set(lotOf(from), (came.get(lotOf(from)) ?? 0) - amount)
  }
  for (const loan of meeting) awaitLess(unit, loan, home)
  return settlings
}

/** Of what has come home, whether or not it paid, no more is awaited than its counter has still. */
function awaitLess(unit: Unit, loan: FloorLoan, home: readonly Transfer[]): void {
  const came = new Map(home.map((transfer) => [lotOf(transfer.to), transfer]))
  const still = ({ lot, amount }: Awaited): number => {
    const of = came.get(lot)
    return of ? Math.min(amount - of.amount, balanceOf(unit.facts, of.from, of.asset)) : amount
  }
  loan.awaited = loan.awaited.map((one) => ({ ...one, amount: still(one) })).filter(({ amount }) => amount > 0)
  noteAwaited(unit, loan.cause, loan.asset, loan.awaited)
}

/** Of one sale's loans; `most`: how much of a lot may pay. */
function settle(unit: Unit, loans: readonly FloorLoan[], most: (loan: FloorLoan, lot: Lot) => number): Settling | null {
  const { facts } = unit
  const transfers: Transfer[] = []
  for (const loan of loans) {
    const { cause, store, asset } = loan
    const free = usableLots(facts, loan.member, asset).map((lot) => ({
      lot,
      amount: Math.min(spareIn(facts, lot), most(loan, lot)),
    }))
    const { parts, short } = pick(free, loan.left)
    if (parts.length === 0) continue
    for (const { lot, amount } of parts)
      transfers.push({ asset, from: freeOf(lot.id), to: riskOf(store, asset), amount })
    noteRepaid(unit, cause, asset, loan.left - short)
    loan.left = short
  }
  const [first] = loans
  if (!first || transfers.length === 0) return null
  const { cause, store, member } = first
  const id = unit.mint.event()
  unit.decide({ id, draft: { kind: 'risk.settled', body: { cause, store, member }, lots: [], transfers } }, store)
  return { cause, id, transfers }
}

/** Undoes both: what lots had paid goes back into them, and the store has its own again. */
export function undoFloor(
  unit: Unit,
  reversal: LedgerEvent,
  sale: EventOf<'sale.completed'>,
  settled: readonly Transfer[],
): void {
  const { member } = sale.body
  const assets = assetsLent(sale)
  if (member === null || assets.length === 0) return
  const store = StoreId.parse(sale.store)
  // A counter's own reversal has put it back itself.
  const byServer = isLeftToServer(reversal)
  const back = assets.map((asset): Transfer => {
    return { asset, from: redeemed(asset), to: riskOf(store, asset), amount: lentBy(sale, asset) }
  })
  const home = settled.map(({ asset, from, to, amount }): Transfer => ({ asset, from: to, to: from, amount }))
  const transfers = [...(byServer ? back : []), ...home]
  if (transfers.length > 0) {
    const body = { cause: reversal.id, store, member }
    unit.decide({ id: unit.mint.event(), draft: { kind: 'risk.settled', body, lots: [], transfers } }, store)
  }
  for (const asset of assets) {
    const paid = settled.reduce((sum, transfer) => sum + (transfer.asset === asset ? transfer.amount : 0), 0)
    const left = lentBy(sale, asset) - paid
    if (left > 0) noteRepaid(unit, sale.id, asset, left)
  }
}

/** The key under which a settling of a sale is kept: the first, or what an event that came home has added. */
export const floorKey = (sale: string, home = ''): string => (home ? `floor:${sale}:${home}` : `floor:${sale}`)

/** The open loans of a counter's sales that something is still to come home for. */
export async function floorsOpen(db: Db, { terminal, epoch }: Holder): Promise<FloorLoan[]> {
  const rows = await db
    .selectFrom('loan')
    .selectAll()
    .whereRef('repaid', '<', 'amount')
    .where('reason', '=', 'floor')
    .where('terminal', '=', terminal)
    .where('epoch', '=', epoch)
    .where('awaited', '<>', '[]')
    .orderBy('at')
    .orderBy('cause')
    .execute()
  return rows.map(({ cause, store, member, asset, amount, repaid, awaited }) => ({
    cause: EventId.parse(cause),
    store: StoreId.parse(store),
    member: MemberId.parse(member),
    asset: Asset.parse(asset),
    left: amount - repaid,
    awaited: AwaitedSchema.parse(JSON.parse(awaited)),
  }))
}

/** What has been settled of these sales. */
export async function floorsSettled(db: Db, sales: readonly string[]): Promise<FloorSettled> {
  const settled: FloorSettled = new Map()
  for (const part of chunks(sales, 1)) {
    const lent = await db
      .selectFrom('loan')
      .select('cause')
      .distinct()
      .where('reason', '=', 'floor')
      .where('cause', 'in', part)
      .execute()
    for (const { cause } of lent) settled.set(cause, await settledOf(db, cause))
  }
  return settled
}

async function settledOf(db: Db, sale: string): Promise<Transfer[]> {
  const rows = await db
    .selectFrom('consequence')
    .innerJoin('event', 'event.id', 'consequence.event_id')
    .select('event.text')
    .where('consequence.key', '>=', floorKey(sale))
    .where('consequence.key', '<', `${floorKey(sale)};`)
    .execute()
  return eventsIn(rows).flatMap(({ transfers }) => transfers)
}
