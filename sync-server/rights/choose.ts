/** R2: which lots serve a checkout's wants, in the order of use; all of the wants, or none. */
import type { Granted, Want } from '#core/contract/sync.ts'
import type { BusinessDate } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import { lotsIn, spareIn } from '#core/ledger/consequence/facts.ts'
import { byUse, isExpired, pick, type Lot, type Part } from '#core/ledger/lot.ts'
import type { Refusal } from '#core/ledger/refusal.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import { recallHeld } from './recall.ts'
import { refusalOf, short, type Short } from './shortfall.ts'

/** The event that takes a grant in carries its lots; with wants of single lots beside these, more would not fit the wire. */
const LOTS_MAX = 400

/** The wants less what is on its way to the counter already, and has not run out on it. */
export function stillWanted(wants: readonly Want[], pending: readonly Granted[], today: BusinessDate): Want[] {
  const coming = new Map<string, { lot: Lot; amount: number }>()
  const usable = pending.flatMap(({ parts }) => parts).filter(({ lot }) => !isExpired(lot, today))
  for (const { lot, amount } of usable) coming.set(lot.id, { lot, amount: (coming.get(lot.id)?.amount ?? 0) + amount })
  return wants.flatMap((want) => {
    let left = want.amount
    for (const part of coming.values()) {
      if (!isWanted(part.lot, want)) continue
      const taken = Math.min(left, part.amount)
      part.amount -= taken
      left -= taken
    }
    return left > 0 ? [{ ...want, amount: left }] : []
  })
}

type Picked = { ok: true; parts: Part[] } | Short

/** Serves each want from what is free, one after another; all of them, or none, and then what is missing of any is asked for. */
export async function pickAll(unit: Unit, holder: Holder, wants: readonly Want[]): Promise<Picked> {
  const left = new Map<string, number>()
  const available = (lot: Lot) => left.get(lot.id) ?? spareIn(unit.facts, lot)
  const chosen = new Map<string, Part>()
  const recalls: string[] = []
  let refused: Refusal | null = null
  for (const want of wants) {
    const lots = lotsIn(unit.facts).filter((lot) => isWanted(lot, want))
    const usable = lots.filter((lot) => !isExpired(lot, unit.today)).map((lot) => ({ lot, amount: available(lot) }))
    const within = want.kind === 'lot' ? usable : firstToUse(usable, LOTS_MAX - chosen.size)
    const { parts, short: missing } = pick(within, want.amount)
    if (missing > 0) {
      const live = usable.map(({ lot }) => lot)
      recalls.push(...(await recallHeld(unit, live, missing, 'missing', holder)))
      refused ??= await refusalOf(unit, holder, want, lots, { usable, within })
    }
    for (const { lot, amount } of parts) {
      left.set(lot.id, available(lot) - amount)
      chosen.set(lot.id, { lot, amount: (chosen.get(lot.id)?.amount ?? 0) + amount })
    }
  }
  return refused ? short(refused, recalls) : { ok: true, parts: [...chosen.values()] }
}

const firstToUse = (parts: readonly Part[], most: number): Part[] =>
  parts
    .filter(({ amount }) => amount > 0)
    .toSorted((a, b) => byUse(a.lot, b.lot))
    .slice(0, Math.max(0, most))

const isWanted = (lot: Lot, want: Want): boolean =>
  want.kind === 'lot' ? lot.id === want.lot : lot.asset === want.asset
