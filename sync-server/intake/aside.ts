/** What is put aside: kept under its place in the chain and the hash it was sent with, and told to its counter. */
import type { WireEvent } from '#core/contract/sync.ts'
import { placeName } from '#core/contract/sync-rows.ts'
import type { Holder } from '#core/ledger/account.ts'
import { chunks } from '#storage/bulk.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import type { Arrival } from './chain.ts'
import type { AsideReason } from './judge.ts'
import { saveOutcome } from './outcome.ts'

export type Aside<A extends Arrival = Arrival> = { arrival: A; reason: AsideReason }

export function putAside(unit: Unit, holder: Holder, aside: readonly Aside[]): void {
  for (const { arrival, reason } of aside) {
    const event = arrival.read.ok ? arrival.read.event.id : placeName({ ...holder, ...arrival })
    saveOutcome(unit, { event, terminal: holder.terminal, status: 'quarantined', reason })
  }
  for (const [reason, group] of Map.groupBy(aside, (one) => one.reason)) {
    keepAside(
      unit,
      holder,
      group.map(({ arrival }) => arrival),
      reason,
    )
  }
}

export function keepAside(
  unit: Unit,
  holder: Holder,
  events: readonly WireEvent[],
  reason: AsideReason | 'forked',
): void {
  if (events.length === 0) return
  const { terminal, epoch } = holder
  const rows = events.map(({ seq, hash, text }) => {
    return { terminal, epoch, seq, hash, text: storable(text), reason, at: unit.now, resolved_by: null }
  })
  unit.later(async (trx) => {
    for (const part of chunks(rows, 8)) {
      await trx
        .insertInto('quarantine')
        .values(part)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
  })
}

const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\u{FFFD}')
