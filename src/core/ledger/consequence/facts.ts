/**
 * What the server's rules look at, loaded for one unit of work and kept in step with everything it decides: lots, what of
 * them is free and held, what is due, what is owed. The rules are pure: they read facts and return transfers.
 */
import type { BusinessDate, CouponCode, EventId, LotId, MemberId, StoreId } from '#core/ids.ts'
import {
  debtOf,
  heldBy,
  isExpiry,
  isFree,
  isSameHolder,
  lotOf,
  parseAccount,
  type Account,
  type Holder,
} from '#core/ledger/account.ts'
import type { Asset } from '#core/ledger/asset.ts'
import { addTo, balanceIn, postIfCovered, type Book } from '#core/ledger/book.ts'
import type { Draft } from '#core/ledger/event.ts'
import { byUse, isExpired, type Lot } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'

/** What is left of what a store has lent on a lot from its `risk:` account, and what it was lent for. */
export type OpenLoan = { cause: EventId; lot: LotId; store: StoreId; amount: number }

/** What must still be taken from a lot as it comes home, and the event it follows from (R6). */
export type Due = { cause: EventId; lot: LotId; amount: number }

/** What a counter holds of a lot, by its escrow account. */
type Held = { account: Account; amount: number }

/** A lot and what has become of it. */
export type KnownLot = {
  readonly lot: Lot
  free: number
  held: Held[]
  /** The commit that this was read of; null where nothing is stored. */
  asOf: number | null
  /** Whether anything was posted to it. */
  moved: boolean
}

export type Facts = {
  today: BusinessDate
  /** Of all accounts that are no lot's. */
  book: Book
  lots: Map<string, KnownLot>
  /** Whom merged members are one person with: the group's root, for all of the group (R10). */
  roots: Map<string, MemberId>
  /** The lots of each person and asset, by the root's id. */
  owned: Map<string, KnownLot[]>
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
  roots: new Map(),
  owned: new Map(),
  dues: new Map(),
  loans: new Map(),
  expired: new Map(),
})

/** The member whose name all that concerns the person goes under: locks, limits, gifts, debts. Known before any lot is. */
export const rootOf = (facts: Facts, member: MemberId): MemberId => facts.roots.get(member) ?? member

/** Where it is kept what a person owes of an asset. */
export const debtIn = (facts: Facts, member: MemberId, asset: Asset): Account => debtOf(rootOf(facts, member), asset)

/** Puts a lot into the facts: what is free and held of it, and the commit that is of; null for one that is not stored. */
export function learnLot(facts: Facts, lot: Lot, free: number, held: Held[], asOf: number | null = null): void {
  const state = facts.lots.get(lot.id) ?? addLot(facts, lot)
  state.free = free
  state.asOf = asOf
  state.held = held
}

/** A lot of which nothing is known yet, nor moved. */
function addLot(facts: Facts, lot: Lot): KnownLot {
  const state: KnownLot = { lot, free: 0, held: [], asOf: null, moved: false }
  facts.lots.set(lot.id, state)
  const key = ownerKey(facts, lot.member, lot.asset)
  const owned = facts.owned.get(key)
  if (owned) owned.push(state)
  else facts.owned.set(key, [state])
  return state
}

const ownerKey = (facts: Facts, member: MemberId, asset: Asset): string => `${rootOf(facts, member)} ${asset}`

export const lotIn = (facts: Facts, id: string): Lot | undefined => facts.lots.get(id)?.lot

export const lotsIn = (facts: Facts): Lot[] => Array.from(facts.lots.values(), ({ lot }) => lot)

type Entry = { transfers: readonly Transfer[]; lots: readonly Lot[] }

/** Posts transfers to the facts, with the lots born by them. Throws, and then changes nothing, when one overdraws. */
export function enter(facts: Facts, entry: Entry): void {
  const bad = enterIfCovered(facts, entry)
  if (bad) throw new Error(`overdrawn: ${bad.from} has less than ${bad.amount} ${bad.asset}`)
}

/** The same, but answers the transfer that would overdraw, or null when all is posted. */
export function enterIfCovered(facts: Facts, { transfers, lots }: Entry): Transfer | null {
  const born = lots.filter(({ id }) => !facts.lots.has(id))
  for (const lot of born) addLot(facts, lot)
  const bad = postIfCovered((account, asset, by) => add(facts, account, asset, by), transfers)
  if (bad) for (const lot of born) forget(facts, lot)
  else for (const transfer of transfers) noteRunOut(facts, transfer)
  return bad
}

/** What runs out of a lot in this very unit, or is brought back, counts too when the lot's origin is undone after it. */
function noteRunOut({ expired }: Facts, { from, to, amount }: Transfer): void {
  const [lot, by] = isExpiry(to) ? [lotOf(from), amount] : [lotOf(to), -amount]
  const runsOut = isExpiry(to) || isExpiry(from)
  if (runsOut && lot !== null) expired.set(lot, (expired.get(lot) ?? 0) + by)
}

function forget(facts: Facts, lot: Lot): void {
  const key = ownerKey(facts, lot.member, lot.asset)
  const others = (facts.owned.get(key) ?? []).filter((one) => one.lot.id !== lot.id)
  facts.lots.delete(lot.id)
  facts.owned.set(key, others)
}

/** Adds to what an account has, and says what it has now. */
function add(facts: Facts, account: Account, asset: Asset, by: number): number {
  const id = lotOf(account)
  if (id === null) return addTo(facts.book, account, asset, by)
  const state = facts.lots.get(id)
  if (state?.lot.asset !== asset) throw new Error(`no lot among the facts has ${account} for ${asset}`)
  state.moved = true
  if (isFree(account)) return (state.free += by)
  const part = state.held.find((one) => one.account === account)
  if (part) return (part.amount += by)
  state.held.push({ account, amount: by })
  return by
}

/** What an account has of an asset, as far as it has been learned. */
export function balanceOf(facts: Facts, account: Account, asset: Asset): number {
  const id = lotOf(account)
  if (id === null) return balanceIn(facts.book, account, asset)
  const state = facts.lots.get(id)
  if (!state) return 0
  return isFree(account) ? state.free : (state.held.find((one) => one.account === account)?.amount ?? 0)
}

export const freeIn = (facts: Facts, lot: Lot): number => facts.lots.get(lot.id)?.free ?? 0

/** What counters hold of a lot; empty escrows left out. */
const holdingsOf = (facts: Facts, lot: Lot): Held[] =>
  (facts.lots.get(lot.id)?.held ?? []).filter(({ amount }) => amount > 0)

/** What others than this counter hold of a lot, and who they are. */
export const heldByOthers = (facts: Facts, lot: Lot, holder: Holder | null) =>
  holdingsOf(facts, lot).flatMap(({ account, amount }) => {
    const at = parseAccount(account)
    if (at.kind !== 'held' || (holder && isSameHolder(at, holder))) return []
    return [{ terminal: at.terminal, epoch: at.epoch, amount }]
  })

/** What one counter holds of a lot. */
export const heldAt = (facts: Facts, lot: Lot, holder: Holder): number =>
  balanceOf(facts, heldBy(lot.id, holder), lot.asset)

export const heldIn = (facts: Facts, lot: Lot): number =>
  holdingsOf(facts, lot).reduce((sum, { amount }) => sum + amount, 0)

export const dueOf = (facts: Facts, lot: string): number =>
  (facts.dues.get(lot) ?? []).reduce((sum, due) => sum + due.amount, 0)

/** What is free of a lot and not due from it. */
export const spareIn = (facts: Facts, lot: Lot): number => Math.max(0, freeIn(facts, lot) - dueOf(facts, lot.id))

/** What stores have lent on a lot and not got back. */
export const lentOn = (facts: Facts, lot: string): number =>
  (facts.loans.get(lot) ?? []).reduce((sum, loan) => sum + loan.amount, 0)

export const addDue = (facts: Facts, due: Due): void =>
  void facts.dues.set(due.lot, [...(facts.dues.get(due.lot) ?? []), due])

/** What a person owes of an asset, as a positive amount. */
export const owedBy = (facts: Facts, member: MemberId, asset: Asset): number =>
  Math.max(0, -balanceIn(facts.book, debtIn(facts, member, asset), asset))

/** A person's lots of one asset that something is free of today, in R2's order of use. */
export function usableLots(facts: Facts, member: MemberId, asset: Asset): Lot[] {
  return (facts.owned.get(ownerKey(facts, member, asset)) ?? [])
    .filter(({ lot, free }) => free > 0 && !isExpired(lot, facts.today))
    .map(({ lot }) => lot)
    .toSorted(byUse)
}
