/** The sale being rung up, and what can be asked of it. */
import { Amount, type LotId, type MemberId } from '#core/ids.ts'
import { COUPONS_LIMIT, LINES_LIMIT, type TenderInput } from '#core/contract/terminal.ts'
import type { CouponView, Done, MemberPanel } from '#core/contract/views.ts'
import type { SaleLine } from '#core/ledger/event-body.ts'
import { couponTemplate, type Programme } from '#core/loyalty/programme.ts'
import { quote, type CartCoupon, type Quote } from '#core/loyalty/quote.ts'

/** What came of a finished piece of work; it stays on screen until the next scan or digit. */
export type Finished = {
  kind: 'sale' | 'topUp' | 'debit' | 'adjust' | 'coupon' | 'couponBack' | 'refund'
  result: Done
}

export type Awaited = { member: MemberId; coupons: LotId[]; tenders: TenderInput[] }

export type Cart = {
  member: MemberPanel | null
  lines: SaleLine[]
  coupons: CouponView[]
  /** Chosen parts of the payment, at most one of a kind. What they leave is cash. */
  tenders: TenderInput[]
  /** Digits keyed and not yet used, as keyed: a phone's tail may begin with zeros. */
  typed: string
  /** What those digits stand for: the price of something, or a part of the payment. */
  entry: 'amount' | 'received'
  phase: 'open' | 'paying' | 'uncertain'
  /** What came back in hand without its member, who is still to be found, and what goes with them. */
  awaited: Awaited | null
  done: Finished | null
}

export const EMPTY: Cart = {
  member: null,
  lines: [],
  coupons: [],
  tenders: [],
  typed: '',
  entry: 'amount',
  phase: 'open',
  awaited: null,
  done: null,
}

/** Prices the cart with the coupons chosen. */
export function priceOf(programme: Programme, cart: Pick<Cart, 'lines' | 'coupons'>): Quote {
  const coupons = cart.coupons.flatMap(({ lot, template: id }): CartCoupon[] => {
    const template = couponTemplate(programme, id)
    return template ? [{ lot, template }] : []
  })
  return quote({ lines: cart.lines, coupons })
}

/** What is keyed may also be a phone or its tail, to find a member by: no price begins with zero, or is this large. */
const MOST = 9_999_999

export const isAmount = ({ typed }: Pick<Cart, 'typed'>): boolean => !typed.startsWith('0') && Number(typed) <= MOST

/** What is keyed, as an amount; zero when it is none. */
export const typedAmount = (cart: Pick<Cart, 'typed'>): number => (isAmount(cart) ? Number(cart.typed) : 0)

/** A line keyed by hand. */
export const manualLine = (name: string, amount: number): SaleLine => ({
  name,
  product: null,
  unitPrice: Amount.parse(amount),
  quantity: 1,
  amount: Amount.parse(amount),
})

/** Whether it has more than one checkout carries, and so could not be paid. */
export const isOverfull = ({ lines, coupons }: Pick<Cart, 'lines' | 'coupons'>): boolean =>
  lines.length > LINES_LIMIT || coupons.length > COUPONS_LIMIT

/** The same member, or one who turned out to be them. */
export const isKnownAs = (known: MemberPanel, member: MemberPanel): boolean =>
  known.id === member.id || member.mergedCards.includes(known.card)

/** Whether what was done was done for somebody else than who is served now; who has been served already is not. */
export const isForAnother = ({ member, done }: Pick<Cart, 'member' | 'done'>, { result }: Finished): boolean =>
  member !== null && done === null && result.member !== null && !isKnownAs(member, result.member)

/** Whether there is a sale in hand, if only a price being typed. */
export const isRinging = ({ lines, typed }: Pick<Cart, 'lines' | 'typed'>): boolean => lines.length > 0 || typed !== ''
