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

/** Adds to what an account has, wherever that is kept, and says what it has now. */
export type Add = (account: Account, asset: Asset, by: number) => number

/**
 * Posts transfers by `add`, in order, all or none; answers the first that would take a bounded account below zero, or null
 * when all are posted.
 */
export function postIfCovered(add: Add, transfers: readonly Transfer[]): Transfer | null {
  let posted = 0
  for (const transfer of transfers) {
    const { asset, from, to, amount } = transfer
    const left = add(from, asset, -amount)
    add(to, asset, amount)
    posted += 1
    // What an account pays itself moves nothing.
    if (left >= 0 || from === to || !isBounded(from)) continue
    undo(add, transfers.slice(0, posted))
    return transfer
  }
  return null
}

function undo(add: Add, posted: readonly Transfer[]): void {
  for (const { asset, from, to, amount } of posted.toReversed()) {
    add(to, asset, -amount)
    add(from, asset, amount)
  }
}

const addingTo =
  (book: Book): Add =>
  (account, asset, by) =>
    addTo(book, account, asset, by)

/** The first transfer that would take a bounded account below zero, or null when all fit, in order. */
export function overdrawn(book: Book, transfers: readonly Transfer[]): Transfer | null {
  const bad = postIfCovered(addingTo(book), transfers)
  if (!bad) undo(addingTo(book), transfers)
  return bad
}

/** Posts transfers to the book. Throws when a bounded account would go below zero, and then posts nothing. */
export function post(book: Book, transfers: readonly Transfer[]): void {
  const bad = postIfCovered(addingTo(book), transfers)
  if (bad) throw new Error(`overdrawn: ${bad.from} has less than ${bad.amount} ${bad.asset}`)
}
