/**
 * A `rights.acquired` the server does not know is a grant it forgot when it was put back from a backup (R12): it grants
 * again, and the store lends what the lots lack. Lots it has forgotten too come from what the event carries.
 */
import { freeOf, heldBy, lotOf, type Holder } from '#core/ledger/account.ts'
import { balanceOf, learnLot, lotIn, spareIn, type Facts } from '#core/ledger/consequence/facts.ts'
import type { EventOf } from '#core/ledger/event.ts'
import { LARGEST } from '#core/ledger/limits.ts'
import type { Lot, Part } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { recordGrant } from '#server/rights/grants.ts'
import { lendLacking } from '#server/rights/lot-loans.ts'
import type { Batch } from '#server/intake/batch.ts'

type Acquired = EventOf<'rights.acquired'>

/** Whether the event says what a grant to this holder could have been. */
export function canGrantAgain(facts: Facts, event: Acquired, holder: Holder): boolean {
  const seen = new Set<string>()
  return event.transfers.every(({ asset, from, to, amount }) => {
    const lot = lotCarried(facts, event, from)
    if (!lot || seen.has(lot.id)) return false
    seen.add(lot.id)
    const isGrant = from === freeOf(lot.id) && to === heldBy(lot.id, holder) && asset === lot.asset
    return isGrant && amount <= lot.quantity && balanceOf(facts, to, asset) + amount <= LARGEST
  })
}

const lotCarried = (facts: Facts, event: Acquired, account: Transfer['from']): Lot | undefined => {
  const id = lotOf(account) ?? ''
  return lotIn(facts, id) ?? event.body.carried.find((lot) => lot.id === id)
}

export function grantAgain(batch: Batch, event: Acquired): void {
  const { unit } = batch
  const { facts } = unit
  const { store, terminal, epoch, transfers } = event
  const { grant, member } = event.body
  const parts = transfers.flatMap(({ from, amount }) => {
    const lot = lotCarried(facts, event, from)
    return lot ? [{ lot, amount }] : []
  })
  for (const { lot } of parts) if (!facts.lots.has(lot.id)) learnLot(facts, lot, 0, [])
  lend(batch, event, parts)
  const granted = recordGrant(unit, { holder: event, store, grant, member, parts }, { accepted: true })
  batch.grants.set(grant, { terminal, epoch, accepted: true, granted })
  batch.forgotten.push(event.seq)
}

function lend({ unit }: Batch, event: Acquired, parts: readonly Part[]): void {
  const { facts } = unit
  const short = parts
    .map(({ lot, amount }) => {
      return { lot, to: freeOf(lot.id), amount: amount - spareIn(facts, lot) }
    })
    .filter(({ amount }) => amount > 0)
  lendLacking(unit, event, 'restored', event, short)
}
