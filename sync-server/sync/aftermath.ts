/** What follows once a batch's events are posted: dues, expiry and debts on what came home, and full stamp cards (R6, R10). */
import type { EventId, MemberId } from '#core/ids.ts'
import { isFree, lotOf } from '#core/ledger/account.ts'
import { stampAsset, stampCardOf } from '#core/ledger/asset.ts'
import { enter, freeIn, usableLots, type Due, type Facts } from '#core/ledger/consequence/facts.ts'
import { stampReward } from '#core/ledger/consequence/reward.ts'
import { overdue, settleLot, takeBack } from '#core/ledger/consequence/settle.ts'
import type { Lot } from '#core/ledger/lot.ts'
import type { StampCard } from '#core/loyalty/programme.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { freeSums, loadMembersLots } from '#server/ledger/facts.repository.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import { saveDues, saveOnce } from './interpret.ts'

type Moved = { id: EventId; store: string; transfers: readonly Transfer[] }

/** Settles the lots that these transfers have freed or spent; their member's lots are in the facts. */
export function settleMoved(unit: Unit, moved: Moved): void {
  const { facts } = unit
  const byMember = new Map<MemberId, Transfer[]>()
  for (const lot of concerned(facts, moved.transfers)) {
    const transfers = settle(unit, lot)
    if (transfers.length > 0) byMember.set(lot.member, [...(byMember.get(lot.member) ?? []), ...transfers])
  }
  for (const [member, transfers] of byMember) {
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

/** The lots that these transfers left something free of, and those that something is due from. */
function* concerned(facts: Facts, transfers: readonly Transfer[]): Generator<Lot> {
  const seen = new Set<string>()
  for (const { from, to } of transfers) {
    const freed = isFree(to) ? lotOf(to) : null
    const spent = facts.dues.size > 0 ? lotOf(from) : null
    for (const id of [freed, spent]) {
      const lot = id === null || seen.has(id) ? undefined : facts.lots.get(id)
      if (!lot) continue
      seen.add(lot.id)
      yield lot
    }
  }
}

type Card = { pair: string; card: StampCard; member: MemberId; by: Moved }

/** Turns every full stamp card into its reward: of the members and cards whose stamps these transfers have freed. */
export async function rewardStamps(unit: Unit, moved: readonly Moved[]): Promise<void> {
  const { trx, facts, today } = unit
  const cards = cardsMoved(unit, moved)
  if (cards.length === 0) return
  const members = cards.map(({ member }) => member)
  const assets = [...new Set(cards.map(({ card }) => stampAsset(card.id)))]
  const stored = await freeSums(trx, members, assets, today)
  // What is stored and what is in hand may be the same stamps: too many are looked at, never too few.
  const full = cards.filter(
    ({ pair, card, member }) => (stored.get(pair) ?? 0) + inHand(facts, member, card) >= card.size,
  )
  if (full.length === 0) return
  await loadMembersLots(
    trx,
    facts,
    full.map(({ member }) => member),
    assets,
  )
  for (const one of full) await rewardCard(unit, one)
}

function cardsMoved({ facts, programme }: Unit, moved: readonly Moved[]): Card[] {
  const cards = new Map<string, Card>()
  for (const by of moved) {
    for (const { asset, to } of by.transfers) {
      const lot = asset.startsWith('stamp:') && isFree(to) ? facts.lots.get(lotOf(to) ?? '') : undefined
      const card = lot && programme.stampCards.find((one) => one.id === stampCardOf(asset))
      if (!card) continue
      const pair = `${lot.member}:${card.id}`
      cards.set(pair, { pair, card, member: lot.member, by })
    }
  }
  return [...cards.values()]
}

const inHand = (facts: Facts, member: MemberId, card: StampCard): number =>
  usableLots(facts, member, stampAsset(card.id)).reduce((sum, lot) => sum + freeIn(facts, lot), 0)

async function rewardCard(unit: Unit, { pair, card, member, by }: Card): Promise<void> {
  const { facts, mint, now, today, programme } = unit
  if (inHand(facts, member, card) < card.size) return
  for (let nth = (await cardsFilled(unit, pair)) + 1; ; nth++) {
    const reward = stampReward(facts, card, nth, { cause: by.id, member, now, today, programme, mint })
    if (!reward) return
    unit.decide(reward, by.store)
    saveOnce({ unit }, `stampCard:${pair}:${nth}`, reward.id)
  }
}

async function cardsFilled({ trx }: Unit, pair: string): Promise<number> {
  const row = await trx
    .selectFrom('consequence')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('key', '>=', `stampCard:${pair}:`)
    .where('key', '<', `stampCard:${pair};`)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
