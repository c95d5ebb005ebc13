/**
 * R9 on arrival: what a store has lent in a sale is met by whatever the member has free of the same asset now; the rest
 * stays the store's, and is listed. Undoing the sale gives each part back to where it came from.
 */
import { StoreId, type EventId, type MemberId } from '#core/ids.ts'
import { freeOf, redeemed, riskOf } from '#core/ledger/account.ts'
import type { Asset } from '#core/ledger/asset.ts'
import { dueOf, freeIn, usableLots } from '#core/ledger/consequence/facts.ts'
import { readEvent, type EventOf, type LedgerEvent } from '#core/ledger/event.ts'
import { lentBy } from '#core/ledger/floor.ts'
import { pick } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { chunks } from '#storage/bulk.ts'
import type { Db } from '#server/ledger/database.ts'
import { noteLoan, noteRepaid } from '#server/ledger/loans.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'

/** What the members' lots have paid of sales' loans (`lot → risk`), by sale. */
export type FloorSettled = Map<string, Transfer[]>

export const lends = (event: LedgerEvent): boolean => event.transfers.some(({ from }) => from.startsWith('risk:'))

const assetsLent = (sale: LedgerEvent): Asset[] => [
  ...new Set(sale.transfers.flatMap(({ asset, from }) => (from.startsWith('risk:') ? [asset] : []))),
]

/** Notes what a sale was lent, and has the member's free lots meet it. Gives the transfers, and the event they are in. */
export function settleFloor(
  unit: Unit,
  sale: EventOf<'sale.completed'>,
  member: MemberId,
): { id: EventId; transfers: Transfer[] } | null {
  const { facts } = unit
  const { id: cause, terminal, epoch } = sale
  const store = StoreId.parse(sale.store)
  const transfers: Transfer[] = []
  for (const asset of assetsLent(sale)) {
    const amount = lentBy(sale, asset)
    noteLoan(unit, { cause, thing: asset, reason: 'floor', store, asset, member, terminal, epoch, amount })
    const free = usableLots(facts, member, asset).map((lot) => ({
      lot,
      amount: Math.max(0, freeIn(facts, lot) - dueOf(facts, lot.id)),
    }))
    const { parts, short } = pick(free, amount)
    if (parts.length === 0) continue
    transfers.push(
      ...parts.map((part): Transfer => {
        return { asset, from: freeOf(part.lot.id), to: riskOf(store, asset), amount: part.amount }
      }),
    )
    noteRepaid(unit, cause, asset, amount - short)
  }
  if (transfers.length === 0) return null
  const id = unit.mint.event()
  unit.decide({ id, draft: { kind: 'risk.settled', body: { cause, store, member }, lots: [], transfers } }, store)
  return { id, transfers }
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
  const byServer = 'mode' in reversal.body && reversal.body.mode === 'consequence'
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

/** The sale's key under which its settling is kept. */
export const floorKey = (sale: string): string => `floor:${sale}`

/** What has been settled of these sales. */
export async function floorsSettled(db: Db, sales: readonly string[]): Promise<FloorSettled> {
  const settled: FloorSettled = new Map()
  for (const part of chunks(sales.map(floorKey), 1)) {
    const rows = await db
      .selectFrom('consequence')
      .innerJoin('event', 'event.id', 'consequence.event_id')
      .select(['consequence.key', 'event.text'])
      .where('consequence.key', 'in', part)
      .execute()
    for (const { key, text } of rows) {
      const read = readEvent(text)
      if (read.ok) settled.set(key.slice(floorKey('').length), read.event.transfers)
    }
  }
  return settled
}
