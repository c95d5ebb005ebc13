/**
 * Late events of a closed epoch are still facts (R11). Its accounts have been handed out already: the store lends what they
 * lack for an event, and what an event leaves in them goes to the lots' free part, which pays back first.
 */
import { freeOf, heldBy, lotOf, ownedBy, type Account, type Holder } from '#core/ledger/account.ts'
import { balanceOf, lotIn, type Facts } from '#core/ledger/consequence/facts.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import type { Lot } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import type { Moved } from '#server/intake/aftermath.ts'
import { lendLacking } from './lot-loans.ts'

/** Before the event is posted: lends its writer's closed accounts what they lack. */
export function lendToClosed(unit: Unit, event: LedgerEvent, holder: Holder): void {
  const short = Array.from(shortages(unit.facts, event, holder), ([lot, amount]) => {
    return { lot, to: heldBy(lot.id, holder), amount }
  })
  lendLacking(unit, event, 'closedEpoch', holder, short)
}

/** How far the event would take each of the writer's lots below nothing. */
function shortages(facts: Facts, event: LedgerEvent, holder: Holder): Map<Lot, number> {
  const balances = new Map<Account, number>()
  const short = new Map<Lot, number>()
  for (const { asset, from, to, amount } of event.transfers) {
    for (const [account, moved] of [
      [from, -amount],
      [to, amount],
    ] as const) {
      const lot = lotHeldBy(facts, account, holder)
      if (!lot) continue
      const balance = (balances.get(account) ?? balanceOf(facts, account, asset)) + moved
      balances.set(account, balance)
      if (balance < 0) short.set(lot, Math.max(short.get(lot) ?? 0, -balance))
    }
  }
  return short
}

const lotHeldBy = (facts: Facts, account: Account, holder: Holder): Lot | undefined =>
  ownedBy(account, holder) ? lotIn(facts, lotOf(account) ?? '') : undefined

/** After the event: frees what it left in its writer's closed accounts. Null when that is nothing. */
export function freeFromClosed(unit: Unit, event: LedgerEvent, holder: Holder): Moved | null {
  const { facts } = unit
  const lots = new Set(
    event.transfers.flatMap(({ from, to }) => [from, to].flatMap((account) => lotHeldBy(facts, account, holder) ?? [])),
  )
  const byMember = Map.groupBy(lots, (lot) => lot.member)
  const freed: Transfer[] = []
  for (const [member, theirs] of byMember) {
    const transfers = theirs.flatMap((lot) => takeHome(facts, lot, holder))
    if (transfers.length === 0) continue
    const body = { cause: event.id, member }
    unit.decide({ id: unit.mint.event(), draft: { kind: 'lot.settled', body, lots: [], transfers } }, event.store)
    freed.push(...transfers)
  }
  return freed.length === 0 ? null : { id: event.id, store: event.store, transfers: freed }
}

/** All that a holder has of a lot, to its free part. */
export function takeHome(facts: Facts, lot: Lot, holder: Holder): Transfer[] {
  const from = heldBy(lot.id, holder)
  const amount = balanceOf(facts, from, lot.asset)
  return amount > 0 ? [{ asset: lot.asset, from, to: freeOf(lot.id), amount }] : []
}
