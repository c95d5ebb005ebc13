/**
 * What a counter has used of a lot in time may have run out here before its word came: its epoch was closed (R11), or the
 * server had forgotten the grant (R12). That is no loss: what ran out comes back for it before any store lends.
 */
import type { Account } from '#core/ledger/account.ts'
import { expired } from '#core/ledger/account.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import type { Lot } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'

export type Lacking = { lot: Lot; to: Account; amount: number }

/** Answers what is still lacking. */
export function bringBack(unit: Unit, event: LedgerEvent, lacking: readonly Lacking[]): Lacking[] {
  const { facts } = unit
  const covered = lacking.map((one) => ({ ...one, back: Math.min(one.amount, facts.expired.get(one.lot.id) ?? 0) }))
  const brought = covered.filter(({ back }) => back > 0)
  for (const [member, theirs] of Map.groupBy(brought, ({ lot }) => lot.member)) {
    const transfers = theirs.map(({ lot, to, back }): Transfer => {
      return { asset: lot.asset, from: expired(lot.asset), to, amount: back }
    })
    const body = { cause: event.id, member }
    unit.decide({ id: unit.mint.event(), draft: { kind: 'lot.settled', body, lots: [], transfers } }, event.store)
  }
  return covered
    .map(({ lot, to, amount, back }) => ({ lot, to, amount: amount - back }))
    .filter(({ amount }) => amount > 0)
}
