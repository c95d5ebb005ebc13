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
  const at = (key: BookKey) => trial.get(key) ?? book.get(key) ?? 0
  for (const transfer of transfers) {
    const from = bookKey(transfer.from, transfer.asset)
    const to = bookKey(transfer.to, transfer.asset)
    trial.set(from, at(from) - transfer.amount)
    trial.set(to, at(to) + transfer.amount)
    if (isBounded(transfer.from) && at(from) < 0) return transfer
  }
  return null
}

/** Posts transfers to the book. Throws when a bounded account would go below zero, and then posts nothing. */
export function post(book: Book, transfers: readonly Transfer[]): void {
  const bad = overdrawn(book, transfers)
  if (bad) throw new Error(`overdrawn: ${bad.from} has less than ${bad.amount} ${bad.asset}`)
  for (const { asset, from, to, amount } of transfers) {
    book.set(bookKey(from, asset), balanceIn(book, from, asset) - amount)
    book.set(bookKey(to, asset), balanceIn(book, to, asset) + amount)
  }
}
