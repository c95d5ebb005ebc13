/** Balances as a fold over transfers, in memory: what the databases cache, and what tests check them against. */
import { isBounded, type Account } from './account.ts'
import type { Asset } from './asset.ts'
import type { Transfer } from './transfer.ts'

export type BookKey = `${Account} ${Asset}`
export type Book = Map<BookKey, number>

export const bookKey = (account: Account, asset: Asset): BookKey => `${account} ${asset}`

export const balanceIn = (book: Book, account: Account, asset: Asset): number => book.get(bookKey(account, asset)) ?? 0

/** The first transfer that would take a bounded account below zero, or null when all fit, in order. */
export function overdrawn(book: Book, transfers: readonly Transfer[]): Transfer | null {
  const trial = new Map<BookKey, number>()
  const add = (account: Account, asset: Asset, amount: number): number => {
    if (!isBounded(account)) return 0
    const key = bookKey(account, asset)
    const balance = (trial.get(key) ?? book.get(key) ?? 0) + amount
    trial.set(key, balance)
    return balance
  }
  for (const transfer of transfers) {
    const { asset, from, to, amount } = transfer
    const left = add(from, asset, -amount)
    add(to, asset, amount)
    // What an account pays itself moves nothing.
    if (left < 0 && from !== to) return transfer
  }
  return null
}

/** Posts transfers to the book, all or none; answers the one that would overdraw a bounded account, or null. */
export function postIfCovered(book: Book, transfers: readonly Transfer[]): Transfer | null {
  const bad = overdrawn(book, transfers)
  if (bad) return bad
  const add = (account: Account, asset: Asset, amount: number) => {
    const key = bookKey(account, asset)
    book.set(key, (book.get(key) ?? 0) + amount)
  }
  for (const { asset, from, to, amount } of transfers) {
    add(from, asset, -amount)
    add(to, asset, amount)
  }
  return null
}

/** Posts transfers to the book. Throws when a bounded account would go below zero, and then posts nothing. */
export function post(book: Book, transfers: readonly Transfer[]): void {
  const bad = postIfCovered(book, transfers)
  if (bad) throw new Error(`overdrawn: ${bad.from} has less than ${bad.amount} ${bad.asset}`)
}
