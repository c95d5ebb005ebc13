/**
 * A hand-back that cannot be taken whole, as when a lot it names was born in an event that is itself put aside. Other members'
 * lots are in it too, and quarantine never cascades (docs/rules.md, sync): the event stays aside as it was sent, so that the chain is
 * what its counter says, and what it frees of every lot that is here the server frees by events of its own, as it does for a
 * closed epoch. Once per hand-back and lot; the rest follows when what was missing has come.
 */
import type { EventId } from '#core/ids.ts'
import { freeOf, heldBy, lotOf, type Holder } from '#core/ledger/account.ts'
import { balanceOf, lotIn, type Facts } from '#core/ledger/consequence/facts.ts'
import type { EventOf } from '#core/ledger/event.ts'
import type { Lot } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { chunks } from '#storage/bulk.ts'
import type { Db } from '#server/ledger/database.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import type { Moved } from '#server/intake/aftermath.ts'
import type { Arrival } from '#server/intake/chain.ts'
import { saveOnce } from '#server/intake/once.ts'
import type { AsideReason } from '#server/intake/judge.ts'
import { markAnswered } from './recall.ts'

/** The faults of a hand-back that are only some of its lots'. */
const PARTLY: ReadonlySet<string> = new Set<AsideReason>(['unknownLot', 'overdrawn'])

/** The hand-back that this is, if it can be taken in part. */
export function partlyReturned({ read }: Arrival, reason: string): EventOf<'rights.returned'> | null {
  return read.ok && read.event.kind === 'rights.returned' && PARTLY.has(reason) ? read.event : null
}

/** Lots of one member, and the event that has freed them. */
type Freed = { by: EventId; moved: Moved }
/** `whole`: the event that took the last of it, once nothing is left; the hand-back itself, where that was nothing of it. */
type Part = { freed: Freed[]; whole: EventId | null }

/** Frees what there is of a hand-back beyond what was `freed` before, and answers its recalls. */
export function returnPart(
  unit: Unit,
  event: EventOf<'rights.returned'>,
  { hash, holder, closed, freed }: { hash: string; holder: Holder; closed: boolean; freed: ReadonlySet<string> },
): Part {
  const { store, id: cause, transfers } = event
  const done = new Set(freed)
  const takes: { lot: Lot; transfer: Transfer }[] = []
  for (const transfer of transfers) {
    const lot = lotReturned(unit.facts, transfer, holder)
    // A closed epoch holds nothing of any lot that is here: it was freed with it, or as it came.
    if (!lot && closed && isHere(unit.facts, transfer)) done.add(keyOf(hash, lotOf(transfer.from) ?? ''))
    if (!lot || done.has(keyOf(hash, lot.id))) continue
    done.add(keyOf(hash, lot.id))
    takes.push({ lot, transfer })
  }
  markAnswered(unit, holder.terminal, event.body.recalls)

  const parts: Freed[] = []
  for (const [member, theirs] of Map.groupBy(takes, ({ lot }) => lot.member)) {
    const id = unit.mint.event()
    const freeing = theirs.map(({ transfer }) => transfer)
    unit.decide({ id, draft: { kind: 'lot.settled', body: { cause, member }, lots: [], transfers: freeing } }, store)
    for (const { lot } of theirs) saveOnce(unit, keyOf(hash, lot.id), id)
    parts.push({ by: id, moved: { id: cause, store, transfers: freeing } })
  }
  const last = parts.at(-1)?.by ?? (closed ? cause : null)
  return { freed: parts, whole: done.size === transfers.length ? last : null }
}

/** By the event's hash, which is its place's alone; an id may come again. */
const keyOf = (hash: string, lot: string): string => `returned:${hash}:${lot}`

/** The lot whose free part this hands so much of to; null where its counter does not hold that much, or it is no such thing. */
function lotReturned(facts: Facts, { asset, from, to, amount }: Transfer, holder: Holder): Lot | null {
  const lot = lotIn(facts, lotOf(from) ?? '')
  const isReturn = lot && lot.asset === asset && from === heldBy(lot.id, holder) && to === freeOf(lot.id)
  return isReturn && amount <= balanceOf(facts, from, asset) ? lot : null
}

const isHere = (facts: Facts, { from }: Transfer): boolean => lotIn(facts, lotOf(from) ?? '') !== undefined

/** What was freed before of a hand-back. */
export async function freedBefore(db: Db, { hash }: Arrival, event: EventOf<'rights.returned'>): Promise<Set<string>> {
  const keys = event.transfers.map(({ from }) => keyOf(hash, lotOf(from) ?? ''))
  const freed = new Set<string>()
  for (const part of chunks(keys, 1)) {
    const rows = await db.selectFrom('consequence').select('key').where('key', 'in', part).execute()
    for (const { key } of rows) freed.add(key)
  }
  return freed
}
