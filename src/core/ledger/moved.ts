/** What an event moves, added up. */
import { Amount } from '#core/ids.ts'
import { isClaim, isIssued, isLot, isRisk } from './account.ts'
import { assetKind, type AssetKind } from './asset.ts'
import type { LedgerEvent } from './event.ts'
import type { StampsEarned } from './event-body.ts'
import type { Transfer } from './transfer.ts'

type Moves = Pick<LedgerEvent, 'transfers'>

/** What the store has lent, of points and of stored value. */
export function lentIn({ transfers }: Moves): { points: Amount; value: Amount } {
  const lent = transfers.filter(({ from }) => isRisk(from))
  return { points: sumOf(lent, 'points'), value: sumOf(lent, 'value') }
}

/** What a printed claim promises. */
export function promisedIn({ transfers }: Moves): { points: Amount; stamps: Amount } {
  const promised = transfers.filter(({ to }) => isClaim(to))
  return { points: sumOf(promised, 'points'), stamps: sumOf(promised, 'stamp') }
}

/** The same of any event; null where none was printed. */
export const promiseOf = (event: LedgerEvent): { points: Amount; stamps: Amount } | null =>
  event.kind === 'sale.completed' && event.body.claim ? promisedIn(event) : null

/** What goes back, out of what the member has, to where points and stamps come from. */
export function takenBackIn({ transfers }: Moves): { points: Amount; stamps: Amount } {
  const back = transfers.filter(({ from, to }) => isLot(from) && isIssued(to))
  return { points: sumOf(back, 'points'), stamps: sumOf(back, 'stamp') }
}

/** On whatever card. */
export const stampsIn = ({ stamps }: { stamps: readonly StampsEarned[] }): Amount =>
  Amount.parse(stamps.reduce((sum, { count }) => sum + count, 0))

const sumOf = (transfers: readonly Transfer[], kind: AssetKind): Amount =>
  Amount.parse(transfers.reduce((sum, { asset, amount }) => sum + (assetKind(asset) === kind ? amount : 0), 0))
