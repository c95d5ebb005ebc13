/** The invariants (docs/rules.md), as checks of the shop in memory. Each throws what it has found. */
import { lotsIn } from '#core/ledger/consequence/facts.ts'
import { freeOf, heldBy, isBounded, ownedBy, parseAccount } from '#core/ledger/account.ts'
import { Asset, POINTS, stampAsset, valueAsset } from '#core/ledger/asset.ts'
import { balanceIn, bookOf, entriesOf, setBalance, type Book } from '#core/ledger/book.ts'
import { unseal, type LedgerEvent, type SealedEvent } from '#core/ledger/event.ts'
import { programme, VALUE } from '#test/support/programme.ts'
import type { Counter } from './counter.ts'
import type { World } from './world.ts'

function fail(what: string, details: unknown): never {
  throw new Error(`${what}: ${JSON.stringify(details)}`)
}

/** 2: nothing bounded is negative, at any counter or at the server. */
function checkBounds(book: Book): void {
  for (const [account, asset, amount] of entriesOf(book)) {
    if (amount < 0 && isBounded(account)) fail('negative', { account, asset, amount })
  }
}

/** 1: what was issued, and what is owed, is somewhere; cash is in a drawer or outside. */
function checkConservation(book: Book): void {
  for (const [asset, page] of book) {
    const sum = [...page.values()].reduce((total, amount) => total + amount, 0)
    if (sum !== 0) fail('not conserved', { asset, sum })
  }
}

/**
 * 3 and 5: what the server has of a counter's accounts is that counter's book as of the last event that has arrived, and
 * what was granted to it since: each event applied exactly once, each grant once.
 */
function checkAgreement(world: World, counter: Counter): void {
  const arrived = world.server.arrived.get(counter.holder.epoch)?.length ?? 0
  const expected = bookOf(entriesOf(counter.books[arrived] ?? new Map()))
  for (const grant of world.server.grants.values()) {
    if (grant.holder !== counter.holder || grant.accepted) continue
    for (const { lot, amount } of grant.parts) {
      const account = heldBy(lot.id, counter.holder)
      setBalance(expected, account, lot.asset, balanceIn(expected, account, lot.asset) + amount)
    }
  }
  for (const [account, asset, amount] of entriesOf(world.server.book())) {
    if (!ownedBy(account, counter.holder)) continue
    const here = balanceIn(expected, account, asset)
    if (amount !== here) fail('no agreement', { account, asset, server: amount, counter: here })
    setBalance(expected, account, asset, 0)
  }
  for (const [account, asset, amount] of entriesOf(expected))
    if (amount !== 0) fail('no agreement', { account, asset, server: 0, counter: amount })
}

export function checkAlways(world: World): void {
  checkBounds(world.server.book())
  checkConservation(world.server.book())
  for (const counter of world.counters) {
    checkBounds(counter.book)
    checkAgreement(world, counter)
  }
}

/** What an event gave (or took, below zero) by its own words, which no transfer of it has a say in. */
function saidBy(
  event: LedgerEvent,
  known: ReadonlyMap<string, LedgerEvent>,
  add: (asset: Asset, amount: number) => void,
): void {
  switch (event.kind) {
    case 'sale.completed': {
      const { earned, tenders, discounts, claim, member } = event.body
      for (const tender of tenders) {
        if (tender.kind === 'points') add(POINTS, -tender.points)
        if (tender.kind === 'storedValue') add(VALUE, -tender.amount)
      }
      for (const { name } of discounts) add(Asset.parse(`coupon:${name}`), -1)
      const given: { points: number; stamps: typeof earned.stamps } =
        member === null && claim ? JSON.parse(claim.token) : earned
      add(POINTS, given.points)
      for (const { card, count } of given.stamps) add(stampAsset(card), count)
      return
    }
    case 'value.toppedUp':
      add(valueAsset(programme.money.currency), event.body.paid + event.body.bonus)
      return
    case 'value.debited':
      add(event.body.asset, -event.body.amount)
      return
    case 'member.adjusted':
      add(event.body.asset, event.body.direction === 'grant' ? event.body.amount : -event.body.amount)
      return
    case 'coupon.redeemed':
      add(event.body.asset, -1)
      return
    case 'sale.refunded':
    case 'value.topUpRefunded':
    case 'value.debitRefunded':
    case 'coupon.unredeemed': {
      const original = known.get(event.body.reverses)
      if (original) saidBy(original, known, (asset, amount) => add(asset, -amount))
      return
    }
    case 'programme.issued':
      for (const { asset, quantity } of event.lots) add(asset, quantity)
      return
    default:
  }
}

/** 1 again, by the cashier's words: when all is home and no day has passed, members have what they were told. */
export function checkWords(world: World): void {
  const told = new Map<Asset, number>()
  const chains = [world.server.chain, ...world.counters.map(({ chain }) => chain)]
  for (const { event } of chains.flat()) {
    saidBy(event, world.server.known, (asset, amount) => told.set(asset, (told.get(asset) ?? 0) + amount))
  }
  for (const [account, asset, amount] of entriesOf(world.server.book())) {
    const { kind } = parseAccount(account)
    if (kind === 'held' && amount !== 0) fail('not home', { account, asset, amount })
    if (kind === 'free' || kind === 'claim' || kind === 'debt') told.set(asset, (told.get(asset) ?? 0) - amount)
  }
  for (const [asset, difference] of told) if (difference !== 0) fail('not what was told', { asset, difference })
}

/** What a member has and owes, lot by lot; what is empty left out. */
export function holdings(world: World): Map<string, number> {
  const has = new Map<string, number>()
  for (const lot of lotsIn(world.server.facts)) {
    const amount = world.server.balance(freeOf(lot.id), lot.asset)
    if (amount !== 0) has.set(lot.id, amount)
  }
  for (const [account, , amount] of entriesOf(world.server.book())) {
    if (amount !== 0 && parseAccount(account).kind === 'debt') has.set(account, amount)
  }
  return has
}

/** 12: every event reads back under its hash, stands in its place, and names the one before. */
export function verify(chain: readonly SealedEvent[]): boolean {
  return chain.every(({ text, hash }, n) => {
    const read = unseal(text, hash)
    return read.ok && read.event.seq === n + 1 && read.event.previous === (chain[n - 1]?.hash ?? null)
  })
}
