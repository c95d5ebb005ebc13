/** What the next Enter does, and what the sale will earn. Pure; the screen only shows it. */
import type { CheckoutInput, Command } from '#core/contract/terminal.ts'
import { tierOf, type Programme } from '#core/loyalty/programme.ts'
import { claimableFrom, earnedBy, type Earning, type Quote } from '#core/loyalty/quote.ts'
import { isAmount, isOverfull, manualLine, priceOf, typedAmount, type Cart } from './cart.ts'
import { paidBy, withCash, worthOf } from './tenders.ts'

export type Sums = {
  quote: Quote
  /** What the chosen payments leave; below zero, what of the cash received goes back. */
  due: number
  earning: Earning
}

/** The figures beside the lines. */
export function sumsOf(programme: Programme, cart: Cart): Sums {
  const quote = priceOf(programme, cart)
  const byPoints = cart.tenders.find((tender) => tender.kind === 'points')
  const paid = quote.total - (byPoints ? worthOf(programme, byPoints) : 0)
  const earning = cart.member
    ? earnedBy(programme, tierOf(programme, cart.member.tier), paid)
    : claimableFrom(programme, paid)
  return { quote, due: quote.total - paidBy(programme, cart.tenders), earning }
}

export type Payment = Pick<CheckoutInput, 'lines' | 'tenders'> & { total: number; change: number }

export type NextStep =
  | { do: 'nothing' }
  | { do: 'pay'; payment: Payment }
  /** Cash that does not cover what is due: kept as a part of the payment. */
  | { do: 'partCash'; received: number }

/**
 * The cart with the typed price as its last line: what the screen shows and what every way to pay acts on. One that has no
 * room any more is no part of the sale.
 */
export function withTypedLine(cart: Cart, manualName: string): Cart {
  const typed = typedAmount(cart)
  if (typed === 0 || cart.entry === 'received') return cart
  const next = { ...cart, lines: [...cart.lines, manualLine(manualName, typed)], typed: '' }
  return isOverfull(next) ? { ...cart, typed: '' } : next
}

/**
 * What Enter does now: typed prices become a line; whatever no other payment covers is cash. `handed`: what a tap on a
 * note does, the cash being that much.
 */
export function nextStep(programme: Programme, cart: Cart, manualName: string, handed = 0): NextStep {
  const { lines, typed } = withTypedLine(cart, manualName)
  if (lines.length === 0 || !isAmount({ typed })) return { do: 'nothing' }
  const { total } = priceOf(programme, { lines, coupons: cart.coupons })
  const due = total - paidBy(programme, cart.tenders)
  const received = handed || typedAmount({ typed }) || Math.max(0, due)
  if (received < due) return { do: 'partCash', received }
  return { do: 'pay', payment: { lines, tenders: withCash(cart.tenders, received), total, change: received - due } }
}

/** What pays, the same command for all its tries. */
export function checkoutInput(command: Command, cart: Cart, payment: Payment): CheckoutInput {
  return {
    ...command,
    member: cart.member?.id ?? null,
    lines: payment.lines,
    coupons: cart.coupons.map((coupon) => coupon.lot),
    tenders: payment.tenders,
    note: '',
  }
}

/** Whether paying has to ask other counters first (R7): the parts chosen take more than is usable here. */
export function asksElsewhere({ member, tenders, coupons }: Cart): boolean {
  if (member === null) return false
  const lacking = tenders.some(
    (tender) =>
      (tender.kind === 'points' && tender.points > member.points.usableHere) ||
      (tender.kind === 'storedValue' && tender.amount > member.storedValue.usableHere),
  )
  return lacking || coupons.some((coupon) => !coupon.usableHere)
}
