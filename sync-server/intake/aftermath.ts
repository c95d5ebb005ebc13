/** What follows once a batch's events are posted: dues, expiry and debts on what came home, and full stamp cards (R6, R10). */
import { sql } from 'kysely'
import type { EventId, MemberId } from '#core/ids.ts'
import { isFree, lotOf, type Account } from '#core/ledger/account.ts'
import { stampAsset } from '#core/ledger/asset.ts'
import { enter, freeIn, lotIn, rootOf, usableLots, type Due, type Facts } from '#core/ledger/consequence/facts.ts'
import { stampReward } from '#core/ledger/consequence/reward.ts'
import { overdue, settleLot, takeBack } from '#core/ledger/consequence/settle.ts'
import type { Lot } from '#core/ledger/lot.ts'
import type { StampCard } from '#core/loyalty/programme.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { chunks } from '#storage/bulk.ts'
import { freeSums, loadMembersLots } from '#server/ledger/facts.repository.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import { repay } from '#server/rights/lot-loans.ts'
import { saveDues, saveOnce } from './once.ts'

export type Moved = { id: EventId; store: string; transfers: readonly Transfer[] }

/** Settles the lots that these transfers have freed or spent; their member's lots are in the facts. */
export function settleMoved(unit: Unit, moved: Moved): void {
  settleLots(unit, { cause: moved.id, store: moved.store }, concerned(unit.facts, moved.transfers))
}

/** Settles these lots, by an event for each member; `cause` is null when it is the day alone. */
export function settleLots(
  unit: Unit,
  { cause, store }: { cause: EventId | null; store: string },
  lots: Iterable<Lot>,
): void {
  const byMember = new Map<MemberId, Transfer[]>()
  for (const lot of lots) {
    const transfers = settle(unit, lot)
    if (transfers.length > 0) byMember.set(lot.member, [...(byMember.get(lot.member) ?? []), ...transfers])
  }
  for (const [member, transfers] of byMember) {
    const body = { cause, member }
    unit.noteDecided({ id: unit.mint.event(), draft: { kind: 'lot.settled', body, lots: [], transfers } }, store)
  }
}

function settle(unit: Unit, lot: Lot): Transfer[] {
  const { facts } = unit
  const { transfers, taken, repaid } = settleLot(facts, lot)
  enter(facts, { transfers, lots: [] })
  lessen(unit, taken)
  repay(unit, repaid)
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
  saveDues(unit, taken)
}

/** The lots that these transfers left something free of, and those that something is due from or lent on. */
function concerned(facts: Facts, transfers: readonly Transfer[]): Set<Lot> {
  const lots = new Set<Lot>()
  const meet = (account: Account) => {
    const lot = lotIn(facts, lotOf(account) ?? '')
    if (lot) lots.add(lot)
  }
  const isAnythingDue = facts.dues.size + facts.loans.size > 0
  for (const { from, to } of transfers) {
    if (isFree(to)) meet(to)
    if (isAnythingDue) meet(from)
  }
  return lots
}

type Card = { pair: string; card: StampCard; member: MemberId; by: Moved }

/** Turns every full stamp card into its reward: of the members and cards whose stamps these transfers have freed. */
export function rewardStamps(unit: Unit, moved: readonly Moved[]): Promise<void> {
  return rewardFull(unit, cardsMoved(unit, moved))
}

/** The same, of all the cards of one person, whose stamps may have come together without moving. */
export function rewardPerson(unit: Unit, member: MemberId, by: Moved): Promise<void> {
  const cards = unit.programme.stampCards.map((card) => ({ pair: `${member}:${card.id}`, card, member, by }))
  return rewardFull(unit, cards)
}

async function rewardFull(unit: Unit, cards: readonly Card[]): Promise<void> {
  const { trx, facts, today } = unit
  if (cards.length === 0) return
  const members = cards.map(({ member }) => member)
  const assets = [...new Set(cards.map(({ card }) => stampAsset(card.id)))]
  const stored = await freeSums(trx, facts, members, assets, today)
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
  const filled = await cardsFilled(unit, full)
  for (const one of full) rewardCard(unit, one, filled.get(one.pair) ?? 0)
}

function cardsMoved({ facts, programme }: Unit, moved: readonly Moved[]): Card[] {
  const cardOf = new Map(programme.stampCards.map((card) => [stampAsset(card.id), card]))
  const cards = new Map<string, Card>()
  for (const by of moved) {
    for (const { asset, to } of by.transfers) {
      const card = cardOf.get(asset)
      const lot = card && isFree(to) ? lotIn(facts, lotOf(to) ?? '') : undefined
      if (!card || !lot) continue
      const member = rootOf(facts, lot.member)
      const pair = `${member}:${card.id}`
      cards.set(pair, { pair, card, member, by })
    }
  }
  return [...cards.values()]
}

const inHand = (facts: Facts, member: MemberId, card: StampCard): number =>
  usableLots(facts, member, stampAsset(card.id)).reduce((sum, lot) => sum + freeIn(facts, lot), 0)

function rewardCard(unit: Unit, { pair, card, member, by }: Card, filled: number): void {
  const { facts, mint, now, today, programme } = unit
  for (let nth = filled + 1; ; nth++) {
    const reward = stampReward(facts, card, nth, { cause: by.id, member, now, today, programme, mint })
    if (!reward) return
    unit.decide(reward, by.store)
    saveOnce(unit, `stampCard:${pair}:${nth}`, reward.id)
  }
}

/** How many cards each of these members has filled so far. */
async function cardsFilled({ trx }: Unit, cards: readonly Card[]): Promise<Map<string, number>> {
  const filled = new Map<string, number>()
  for (const part of chunks(cards, 2)) {
    const pairs = sql.join(part.map(({ pair }) => sql`(${`stampCard:${pair}:`}, ${`stampCard:${pair};`})`))
    const { rows } = await sql<{ first: string; count: number }>`
      with wanted (first, beyond) as (values ${pairs})
      select first, (select count(*) from consequence where key >= first and key < beyond) as count from wanted
    `.execute(trx)
    for (const { first, count } of rows) filled.set(first.slice('stampCard:'.length, -1), Number(count))
  }
  return filled
}
