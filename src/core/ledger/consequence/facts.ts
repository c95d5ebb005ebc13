/**
 * What the server's rules look at, loaded for one unit of work and kept in step with everything it decides: lots, what of
 * them is free and held, what is due, what is owed. The rules are pure: they read facts and return transfers.
 */
import type { BusinessDate, CouponCode, EventId, LotId, MemberId, StoreId } from '#core/ids.ts'
import { debtOf, freeOf, isFree, lotOf, type Account } from '#core/ledger/account.ts'
import { assetKind, type Asset } from '#core/ledger/asset.ts'
import { balanceIn, postIfCovered, setBalance, type Book } from '#core/ledger/book.ts'
import type { Draft } from '#core/ledger/event.ts'
import { byUse, isExpired, type Lot } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'

/** What is left of what a store has lent on a lot from its `risk:` account, and what it was lent for. */
export type OpenLoan = { cause: EventId; lot: LotId; store: StoreId; amount: number }

/** What must still be taken from a lot as it comes home, and the event it follows from (R6). */
export type Due = { cause: EventId; lot: LotId; amount: number }

export type Facts = {
  today: BusinessDate
  book: Book
  lots: Map<string, Lot>
  /** The commit that what is known of a stored lot is of. */
  asOf: Map<string, number>
  /** Whom merged members are one person with: the group's root, for all of the group (R10). */
  roots: Map<string, MemberId>
  /** The lots of each person and asset, by the root's id. */
  owned: Map<string, Set<Lot>>
  /** The escrow accounts in which counters hold some of a lot. */
  held: Map<string, Set<Account>>
  dues: Map<string, Due[]>
  /** What stores have lent on a lot and not got back (R11, R12). */
  loans: Map<string, OpenLoan[]>
  /** How much of a lot has run out, for lots whose origin is being undone. */
  expired: Map<string, number>
}

/** Something the server has decided: an event to be, with the id that the lots born in it are named after. */
export type Decision = { id: EventId; draft: Draft }

/** Where fresh ids and coupon codes come from. */
export type Mint = { event(): EventId; couponCode(): CouponCode }

export const noFacts = (today: BusinessDate): Facts => ({
  today,
  book: new Map(),
  lots: new Map(),
  asOf: new Map(),
  roots: new Map(),
  owned: new Map(),
  held: new Map(),
  dues: new Map(),
  loans: new Map(),
  expired: new Map(),
})

/** The member whose name all that concerns the person goes under: locks, limits, gifts, debts. Known before any lot is. */
export const rootOf = (facts: Facts, member: MemberId): MemberId => facts.roots.get(member) ?? member

/** Where it is kept what a person owes of an asset. */
export const debtIn = (facts: Facts, member: MemberId, asset: Asset): Account => debtOf(rootOf(facts, member), asset)

/** Puts what is free and held of a lot into the facts. */
export function learnLot(facts: Facts, lot: Lot, free: number, held: Iterable<readonly [Account, number]>): void {
  addLot(facts, lot)
  setBalance(facts.book, freeOf(lot.id), lot.asset, free)
  for (const [account, amount] of held) {
    setBalance(facts.book, account, lot.asset, amount)
    holdersOf(facts, lot.id).add(account)
  }
}

function addLot(facts: Facts, lot: Lot): void {
  if (facts.lots.has(lot.id)) return
  facts.lots.set(lot.id, lot)
  const key = `${rootOf(facts, lot.member)} ${lot.asset}`
  const owned = facts.owned.get(key)
  if (owned) owned.add(lot)
  else facts.owned.set(key, new Set([lot]))
}

function holdersOf(facts: Facts, lot: string): Set<Account> {
  let holders = facts.held.get(lot)
  if (!holders) facts.held.set(lot, (holders = new Set()))
  return holders
}

type Entry = { transfers: readonly Transfer[]; lots: readonly Lot[] }

/** Posts transfers to the facts, with the lots born by them. Throws, and then changes nothing, when one overdraws. */
export function enter(facts: Facts, entry: Entry): void {
  const bad = enterIfCovered(facts, entry)
  if (bad) throw new Error(`overdrawn: ${bad.from} has less than ${bad.amount} ${bad.asset}`)
}

/** The same, but answers the transfer that would overdraw, or null when all is posted. */
export function enterIfCovered(facts: Facts, { transfers, lots }: Entry): Transfer | null {
  const bad = postIfCovered(facts.book, transfers)
  if (bad) return bad
  for (const lot of lots) addLot(facts, lot)
  for (const { to } of transfers) {
    const lot = lotOf(to)
    if (lot !== null && !isFree(to)) holdersOf(facts, lot).add(to)
  }
  return null
}

export const freeIn = (facts: Facts, lot: Lot): number => balanceIn(facts.book, freeOf(lot.id), lot.asset)

/** What counters hold of a lot, by their escrow accounts; empty ones left out. */
export function holdingsOf(facts: Facts, lot: Lot): [Account, number][] {
  return [...(facts.held.get(lot.id) ?? [])]
    .map((account): [Account, number] => [account, balanceIn(facts.book, account, lot.asset)])
    .filter(([, amount]) => amount > 0)
}

export const heldIn = (facts: Facts, lot: Lot): number =>
  holdingsOf(facts, lot).reduce((sum, [, amount]) => sum + amount, 0)

export const dueOf = (facts: Facts, lot: string): number =>
  (facts.dues.get(lot) ?? []).reduce((sum, due) => sum + due.amount, 0)

/** What a person owes of an asset, as a positive amount. */
export const owedBy = (facts: Facts, member: MemberId, asset: Asset): number =>
  Math.max(0, -balanceIn(facts.book, debtIn(facts, member, asset), asset))

/** Debt is only for what was earned (R6). */
export function canBeOwed(asset: Asset): boolean {
  const kind = assetKind(asset)
  return kind === 'points' || kind === 'stamp'
}

/** A person's lots of one asset that something is free of today, in R2's order of use. */
export function usableLots(facts: Facts, member: MemberId, asset: Asset): Lot[] {
  return [...(facts.owned.get(`${rootOf(facts, member)} ${asset}`) ?? [])]
    .filter((lot) => !isExpired(lot, facts.today) && freeIn(facts, lot) > 0)
    .toSorted(byUse)
}
