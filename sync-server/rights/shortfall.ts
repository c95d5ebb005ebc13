/** What a refused acquire says: what could be had here, and which counters hold the rest. */
import type { Want } from '#core/contract/sync.ts'
import { Amount } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import { Asset, assetKind } from '#core/ledger/asset.ts'
import { heldAt, heldByOthers } from '#core/ledger/consequence/facts.ts'
import { isExpired, type Lot, type Part } from '#core/ledger/lot.ts'
import type { HeldElsewhere, Refusal } from '#core/ledger/refusal.ts'
import type { Trx } from '#server/ledger/database.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'

/** `recalls`: whose answers could make it good. `provesRestore`: that the counter knows more than this server. */
export type Short = { ok: false; refusal: Refusal; recalls: string[]; provesRestore?: boolean }
export const short = (refusal: Refusal, recalls: string[] = []): Short => ({ ok: false, refusal, recalls })

/** What is free of the wanted lots, and of this what one grant can carry. */
type Free = { usable: readonly Part[]; within: readonly Part[] }

export async function refusalOf(
  unit: Unit,
  holder: Holder,
  want: Want,
  lots: readonly Lot[],
  free: Free,
): Promise<Refusal> {
  const [only] = lots
  if (want.kind === 'lot' && only && isExpired(only, unit.today)) {
    return { code: 'couponExpired', lot: want.lot, expiredOn: only.expiresOn ?? '' }
  }
  const live = lots.filter((lot) => !isExpired(lot, unit.today))
  const elsewhere = await heldElsewhere(unit, holder, live)
  if (want.kind === 'lot' && !(await isValue(unit.trx, want.lot))) {
    return { code: 'couponUnavailable', lot: want.lot, elsewhere, offline: false }
  }
  const own = live.reduce((sum, lot) => sum + heldAt(unit.facts, lot, holder), 0)
  const here = own + sumOf(free.within)
  if (want.kind === 'lot') {
    const missing = Amount.parse(want.amount - Math.min(here, want.amount))
    return { code: 'valueNotHere', missing, elsewhere, offline: false }
  }
  return insufficient(want.asset, want.amount, here, own + sumOf(free.usable) + sumOf(elsewhere), elsewhere)
}

/** Asked of the lot's row: the facts have only lots with something left. */
async function isValue(trx: Trx, lot: string): Promise<boolean> {
  const row = await trx.selectFrom('lot').select('asset').where('id', '=', lot).executeTakeFirst()
  return row !== undefined && assetKind(Asset.parse(row.asset)) === 'value'
}

const sumOf = (parts: readonly { amount: number }[]): number => parts.reduce((sum, { amount }) => sum + amount, 0)

function insufficient(asset: Asset, wanted: number, here: number, total: number, elsewhere: HeldElsewhere[]): Refusal {
  return {
    code: 'insufficient',
    asset,
    wanted: Amount.parse(wanted),
    usableHere: Amount.parse(here),
    total: Amount.parse(total),
    elsewhere,
    offline: false,
  }
}

/** What others hold of these lots, by the names of their counters. */
async function heldElsewhere({ trx, facts }: Unit, holder: Holder, lots: readonly Lot[]): Promise<HeldElsewhere[]> {
  const byTerminal = new Map<string, number>()
  for (const lot of lots) {
    for (const { terminal, amount } of heldByOthers(facts, lot, holder))
      byTerminal.set(terminal, (byTerminal.get(terminal) ?? 0) + amount)
  }
  const names = await namesOf(trx, [...byTerminal.keys()])
  return [...byTerminal].map(([terminal, amount]) => ({
    counter: names.get(terminal) ?? terminal,
    amount: Amount.parse(amount),
  }))
}

async function namesOf(trx: Trx, terminals: readonly string[]): Promise<Map<string, string>> {
  if (terminals.length === 0) return new Map()
  const rows = await trx.selectFrom('terminal').select(['id', 'name']).where('id', 'in', terminals).execute()
  return new Map(rows.map((row) => [row.id, row.name]))
}
