/** The parts of a payment: what each pays, what fits, and what each way to pay would take. */
import { Amount } from '#core/ids.ts'
import type { TenderInput } from '#core/contract/terminal.ts'
import type { MemberPanel } from '#core/contract/views.ts'
import type { Programme } from '#core/loyalty/programme.ts'
import { pointsWithin, worthOfPoints } from '#core/loyalty/quote.ts'
import { priceOf, typedAmount, type Cart } from './cart.ts'

/** What one part of a payment pays, in money. */
export function worthOf(programme: Programme, tender: TenderInput): number {
  if (tender.kind === 'cash') return tender.received
  return tender.kind === 'points' ? worthOfPoints(programme, tender.points) : tender.amount
}

export const paidBy = (programme: Programme, tenders: readonly TenderInput[]): number =>
  tenders.reduce((sum, tender) => sum + worthOf(programme, tender), 0)

/** Out of what the member has. */
export const isMembers = (tender: TenderInput): boolean => tender.kind === 'storedValue' || tender.kind === 'points'

/** What of a part the store lends (R9): what is beyond use here, while nobody else can be asked for it. */
export function lentTowards(tender: TenderInput, member: MemberPanel | null, line: { open: boolean }): number {
  if (!member || line.open) return 0
  if (tender.kind === 'points') return Math.max(0, tender.points - member.points.usableHere)
  return tender.kind === 'storedValue' ? Math.max(0, tender.amount - member.storedValue.usableHere) : 0
}

/** These payments and this much more cash. */
export function withCash(tenders: readonly TenderInput[], received: number): TenderInput[] {
  const before = tenders.find((tender) => tender.kind === 'cash')?.received ?? 0
  const others = tenders.filter((tender) => tender.kind !== 'cash')
  const all = before + received
  return all > 0 ? [...others, { kind: 'cash', received: Amount.parse(all) }] : others
}

/** What a tap on card, stored value or points chooses: the part typed or all that is due, and never more than can be had here. */
export function tenderFor(
  programme: Programme,
  cart: Cart,
  kind: 'card' | 'storedValue' | 'points',
): TenderInput | null {
  const others = cart.tenders.filter((tender) => tender.kind !== kind)
  const due = priceOf(programme, cart).total - paidBy(programme, others)
  const typed = typedAmount(cart) || Infinity
  if (kind === 'points') {
    const points = Math.min(typed, pointsWithin(programme, due), cart.member?.points.reachable ?? 0)
    return points > 0 ? { kind, points: Amount.parse(points) } : null
  }
  const usable = kind === 'storedValue' ? (cart.member?.storedValue.reachable ?? 0) : Infinity
  const amount = Math.min(typed, due, usable)
  return amount > 0 ? { kind, amount: Amount.parse(amount) } : null
}

/** The notes a customer is likely to hand over: exact, then the next hundred, five hundred and thousand. */
export function quickCash(due: number, decimals: number): number[] {
  if (due <= 0) return []
  const unit = 10 ** decimals
  const notes = [100, 500, 1000].map((note) => Math.ceil(due / (note * unit)) * note * unit)
  return [...new Set([due, ...notes])]
}

/**
 * What a coupon or a removed line made too much is taken off the last payments chosen. Cash stays what was received, and
 * makes change.
 */
export function fitTenders(programme: Programme, cart: Cart): Cart {
  if (cart.tenders.length === 0 || cart.phase !== 'open') return cart
  let left = priceOf(programme, cart).total
  const tenders = cart.tenders.flatMap((tender): TenderInput[] => {
    if (tender.kind === 'cash') return [tender]
    const fitted = capped(programme, tender, left)
    left -= fitted ? worthOf(programme, fitted) : 0
    return fitted ? [fitted] : []
  })
  return { ...cart, tenders }
}

function capped(
  programme: Programme,
  tender: Exclude<TenderInput, { kind: 'cash' }>,
  left: number,
): TenderInput | null {
  if (tender.kind === 'points') {
    const points = Math.min(tender.points, pointsWithin(programme, left))
    return points > 0 ? { kind: 'points', points: Amount.parse(points) } : null
  }
  if (left <= 0) return null
  return { kind: tender.kind, amount: Amount.parse(Math.min(tender.amount, left)) }
}
