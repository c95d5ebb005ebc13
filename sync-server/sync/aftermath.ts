/** What follows once a batch's events are posted: dues, expiry and debts on what came home, and full stamp cards (R6, R10). */
import type { EventId, MemberId } from '#core/ids.ts'
import { parseAccount } from '#core/ledger/account.ts'
import { stampAsset, stampCardOf } from '#core/ledger/asset.ts'
import { enter, freeIn, usableLots, type Due, type Facts } from '#core/ledger/consequence/facts.ts'
import { stampReward } from '#core/ledger/consequence/reward.ts'
import { overdue, settleLot, takeBack } from '#core/ledger/consequence/settle.ts'
import type { Lot } from '#core/ledger/lot.ts'
import type { StampCard } from '#core/loyalty/programme.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import { saveDues, saveOnce } from './interpret.ts'

type Moved = { id: EventId; store: string; transfers: readonly Transfer[] }

/** Settles the lots that these transfers have freed or spent; their member's lots are in the facts. */
export function settleMoved(unit: Unit, moved: Moved): void {
  const { facts } = unit
  const byMember = new Map<MemberId, Transfer[]>()
  for (const lot of lotsOf(facts, moved.transfers)) {
    if (freeIn(facts, lot) === 0 && !facts.dues.has(lot.id)) continue
    const before = byMember.get(lot.member) ?? []
    byMember.set(lot.member, [...before, ...settle(unit, lot)])
  }
  for (const [member, transfers] of byMember) {
    if (transfers.length === 0) continue
    const body = { cause: moved.id, member }
    unit.noteDecided({ id: unit.mint.event(), draft: { kind: 'lot.settled', body, lots: [], transfers } }, moved.store)
  }
}

function settle(unit: Unit, lot: Lot): Transfer[] {
  const { facts } = unit
  const { transfers, taken } = settleLot(facts, lot)
  enter(facts, { transfers, lots: [] })
  lessen(unit, taken)
  const elsewhere = overdue(facts, lot)
  lessen(unit, elsewhere)
  for (const due of elsewhere) {
    const taking = takeBack(facts, lot.member, lot.asset, due.amount)
    enter(facts, { transfers: taking.transfers, lots: [] })
    transfers.push(...taking.transfers)
  }
  return transfers
}

function lessen(unit: Unit, taken: readonly Due[]): void {
  if (taken.length === 0) return
  for (const { cause, lot, amount } of taken) {
    for (const due of unit.facts.dues.get(lot) ?? []) if (due.cause === cause) due.amount -= amount
  }
  saveDues({ unit }, taken)
}

function lotsOf(facts: Facts, transfers: readonly Transfer[]): Set<Lot> {
  const lots = new Set<Lot>()
  for (const { from, to } of transfers) {
    for (const account of [from, to]) {
      const parts = parseAccount(account)
      const lot = parts.kind === 'free' || parts.kind === 'held' ? facts.lots.get(parts.lot) : undefined
      if (lot) lots.add(lot)
    }
  }
  return lots
}

/** Turns every full stamp card into its reward: of the members and cards whose stamps these transfers moved. */
export async function rewardStamps(unit: Unit, moved: readonly Moved[]): Promise<void> {
  const pairs = new Map<string, { member: MemberId; asset: Lot['asset']; by: Moved }>()
  for (const by of moved) {
    for (const { member, asset } of lotsOf(unit.facts, by.transfers)) {
      if (asset.startsWith('stamp:')) pairs.set(`${member}:${asset.slice('stamp:'.length)}`, { member, asset, by })
    }
  }
  for (const [pair, { member, asset, by }] of pairs) {
    const card = unit.programme.stampCards.find((one) => one.id === stampCardOf(asset))
    if (!card) continue
    await rewardCards(unit, card, member, by, pair)
  }
}

async function rewardCards(unit: Unit, card: StampCard, member: MemberId, by: Moved, pair: string): Promise<void> {
  const { facts, mint, now, today, programme } = unit
  if (freeStamps(facts, member, card) < card.size) return
  for (let nth = (await cardsFilled(unit, pair)) + 1; ; nth++) {
    const reward = stampReward(facts, card, nth, { cause: by.id, member, now, today, programme, mint })
    if (!reward) return
    unit.decide(reward, by.store)
    saveOnce({ unit }, `stampCard:${pair}:${nth}`, reward.id)
  }
}

const freeStamps = (facts: Facts, member: MemberId, card: StampCard): number =>
  usableLots(facts, member, stampAsset(card.id)).reduce((sum, lot) => sum + freeIn(facts, lot), 0)

async function cardsFilled({ trx }: Unit, pair: string): Promise<number> {
  const prefix = `stampCard:${pair}:`
  const row = await trx
    .selectFrom('consequence')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('key', '>=', prefix)
    .where('key', '<', `stampCard:${pair};`)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
