/** Balances as a fold over transfers, in memory: what the databases cache, and what tests check them against. */
import { isBounded, type Account } from './account.ts'
import type { Asset } from './asset.ts'
import type { Transfer } from './transfer.ts'

/** A page for each asset, of what each account has of it. */
export type Book = Map<Asset, Map<Account, number>>

export type BookEntry = readonly [Account, Asset, number]

export function bookOf(entries: Iterable<BookEntry>): Book {
  const book: Book = new Map()
  for (const [account, asset, amount] of entries) setBalance(book, account, asset, amount)
  return book
}

export function* entriesOf(book: Book): Generator<BookEntry> {
  for (const [asset, page] of book) for (const [account, amount] of page) yield [account, asset, amount]
}

export const balanceIn = (book: Book, account: Account, asset: Asset): number => book.get(asset)?.get(account) ?? 0

export function setBalance(book: Book, account: Account, asset: Asset, amount: number): void {
  pageOf(book, asset).set(account, amount)
}

function pageOf(book: Book, asset: Asset): Map<Account, number> {
  let page = book.get(asset)
  if (!page) book.set(asset, (page = new Map()))
  return page
}

/** Adds to what an account has, and says what it has now. */
export function addTo(book: Book, account: Account, asset: Asset, by: number): number {
  const page = pageOf(book, asset)
  const has = (page.get(account) ?? 0) + by
  page.set(account, has)
  return has
}

/** Moves an amount from one account to another, whatever they have; says what the first has left. */
function move(book: Book, { asset, from, to, amount }: Transfer): number {
  const left = addTo(book, from, asset, -amount)
  addTo(book, to, asset, amount)
  // What an account pays itself moves nothing.
  return from === to ? left + amount : left
}

/**
 * Posts transfers to the book, in order, all or none; answers the first that would take a bounded account below zero, or null
 * when all are posted.
 */
function postIfCovered(book: Book, transfers: readonly Transfer[]): Transfer | null {
  let posted = 0
  for (const transfer of transfers) {
    const left = move(book, transfer)
    posted += 1
    if (left >= 0 || !isBounded(transfer.from)) continue
    undo(book, transfers.slice(0, posted))
    return transfer
  }
  return null
}

function undo(book: Book, posted: readonly Transfer[]): void {
  for (const { asset, from, to, amount } of posted.toReversed()) move(book, { asset, from: to, to: from, amount })
}

/** The first transfer that would take a bounded account below zero, or null when all fit, in order. */
export function overdrawn(book: Book, transfers: readonly Transfer[]): Transfer | null {
  const bad = postIfCovered(book, transfers)
  if (!bad) undo(book, transfers)
  return bad
}

/** Posts transfers to the book. Throws when a bounded account would go below zero, and then posts nothing. */
export function post(book: Book, transfers: readonly Transfer[]): void {
  const bad = postIfCovered(book, transfers)
  if (bad) throw new Error(`overdrawn: ${bad.from} has less than ${bad.amount} ${bad.asset}`)
}
