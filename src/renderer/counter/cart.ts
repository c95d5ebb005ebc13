/**
 * The sale being rung up, as one pure reducer. It knows no words, no network and no rule of money: prices come from
 * `quote`, earnings from the programme. What Enter will do is always derived, so that the button can say it beforehand.
 */
import { Amount, type LotId } from '#core/ids.ts'
import { COUPONS_LIMIT, LINES_LIMIT, type TenderInput } from '#core/contract/terminal.ts'
import type { CouponView, Done, MemberPanel, ProductView } from '#core/contract/views.ts'
import type { SaleLine } from '#core/ledger/event-body.ts'
import { couponTemplate, type Programme } from '#core/loyalty/programme.ts'
import { quote, type CartCoupon, type Quote } from '#core/loyalty/quote.ts'

/** What came of a finished piece of work; it stays on screen until the next scan or digit. */
export type Finished = {
  kind: 'sale' | 'topUp' | 'debit' | 'adjust' | 'coupon' | 'couponBack' | 'refund'
  result: Done
}

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
  done: null,
}

export type CartAction =
  | { do: 'digits'; digits: string }
  | { do: 'backspace' }
  /** One step back: the digits, then the chosen payment, then what was finished. */
  | { do: 'escape' }
  | { do: 'addTyped'; name: string }
  | { do: 'product'; product: ProductView }
  | { do: 'quantity'; index: number; by: 1 | -1 }
  | { do: 'removeLine'; index: number }
  | { do: 'member'; member: MemberPanel }
  /** The same member, known better. */
  | { do: 'refreshed'; member: MemberPanel }
  | { do: 'clearMember' }
  | { do: 'coupon'; coupon: CouponView }
  | { do: 'dropCoupon'; lot: LotId }
  | { do: 'receiving' }
  | { do: 'tender'; tender: TenderInput }
  | { do: 'dropTender'; kind: TenderInput['kind'] }
  | { do: 'dropTenders' }
  | { do: 'paying' }
  | { do: 'uncertain' }
  | { do: 'refused' }
  | { do: 'finished'; finished: Finished }
  /** A sale as it was to be paid, back in hand. */
  | ({ do: 'restored' } & Pick<Cart, 'member' | 'lines' | 'coupons' | 'tenders'>)
  | { do: 'clear' }

/** A whole phone number, since digits are also how members are searched for. */
const MAX_DIGITS = 10

/** Prices the cart with the coupons chosen. */
export function priceOf(programme: Programme, cart: Pick<Cart, 'lines' | 'coupons'>): Quote {
  const coupons = cart.coupons.flatMap(({ lot, template: id }): CartCoupon[] => {
    const template = couponTemplate(programme, id)
    return template ? [{ lot, template }] : []
  })
  return quote({ lines: cart.lines, coupons })
}

/** What one part of a payment pays, in money. */
export function worthOf(programme: Programme, tender: TenderInput): number {
  if (tender.kind === 'cash') return tender.received
  return tender.kind === 'points' ? tender.points * (programme.pointWorth ?? 0) : tender.amount
}

export const paidBy = (programme: Programme, tenders: readonly TenderInput[]): number =>
  tenders.reduce((sum, tender) => sum + worthOf(programme, tender), 0)

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

/** The cart after an action. Anything begun after a finished sale begins the next one; what would overfill it is not done. */
export function reduceCart(programme: Programme, cart: Cart, action: CartAction): Cart {
  if (cart.phase !== 'open' && !ANSWERS.has(action.do)) return cart
  const next = advanced(cart, action)
  return isOverfull(next) ? cart : fitTenders(programme, next)
}

/** Whether it has more than one checkout carries, and so could not be paid. */
export const isOverfull = ({ lines, coupons }: Pick<Cart, 'lines' | 'coupons'>): boolean =>
  lines.length > LINES_LIMIT || coupons.length > COUPONS_LIMIT

/** Whether an action is not done because the cart is full. */
export const overfills = (cart: Cart, action: CartAction): boolean =>
  cart.phase === 'open' && isOverfull(advanced(cart, action))

const advanced = (cart: Cart, action: CartAction): Cart =>
  step(STARTS.has(action.do) ? begun(cart, action) : cart, action)

const ANSWERS = new Set<CartAction['do']>(['finished', 'refused', 'uncertain', 'paying', 'refreshed'])
const STARTS = new Set<CartAction['do']>(['digits', 'product', 'member', 'coupon', 'receiving'])

/** The same member, or one who turned out to be them. */
export const isKnownAs = (known: MemberPanel, member: MemberPanel): boolean =>
  known.id === member.id || member.mergedCards.includes(known.card)

/**
 * After a sale everything goes, but for the member whose coupon it is that begins the next one; after a top-up and the
 * like the member stays for what comes next.
 */
function begun(cart: Cart, action?: CartAction): Cart {
  if (!cart.done) return cart
  if (cart.done.kind !== 'sale' && cart.done.kind !== 'refund') return { ...cart, done: null }
  return action?.do === 'coupon' ? { ...EMPTY, member: cart.member } : EMPTY
}

function step(cart: Cart, action: CartAction): Cart {
  switch (action.do) {
    case 'digits':
      return { ...cart, typed: (cart.typed + action.digits).slice(0, MAX_DIGITS) }
    case 'backspace':
      return { ...cart, typed: cart.typed.slice(0, -1) }
    case 'escape':
      return escaped(cart)
    case 'addTyped':
      return withTyped(cart, action.name)
    case 'product':
      return { ...withProduct(cart, action.product), entry: 'received' }
    case 'quantity':
      return withQuantity(cart, action.index, action.by)
    case 'removeLine':
      return settled({ ...cart, lines: cart.lines.toSpliced(action.index, 1) })
    case 'member':
      return cart.member?.id === action.member.id
        ? { ...cart, member: action.member }
        : { ...cart, member: action.member, coupons: [], tenders: cart.tenders.filter((one) => !isMembers(one)) }
    case 'refreshed':
      return cart.member && isKnownAs(cart.member, action.member) ? { ...cart, member: action.member } : cart
    case 'clearMember':
      return { ...begun(cart), member: null, coupons: [], tenders: cart.tenders.filter((one) => !isMembers(one)) }
    case 'coupon':
      return cart.coupons.some((one) => one.lot === action.coupon.lot)
        ? cart
        : { ...cart, coupons: [...cart.coupons, action.coupon] }
    case 'dropCoupon':
      return { ...cart, coupons: cart.coupons.filter((one) => one.lot !== action.lot) }
    case 'receiving':
      return settled({ ...cart, entry: 'received' })
    case 'tender':
      return {
        ...cart,
        typed: '',
        entry: 'received',
        tenders: [...cart.tenders.filter((one) => one.kind !== action.tender.kind), action.tender],
      }
    case 'dropTender':
      return { ...cart, tenders: cart.tenders.filter((one) => one.kind !== action.kind) }
    case 'dropTenders':
      return { ...cart, tenders: [] }
    case 'paying':
      return { ...cart, phase: 'paying' }
    case 'uncertain':
      return { ...cart, phase: 'uncertain' }
    case 'refused':
      return { ...cart, phase: 'open' }
    case 'finished':
      return finished(cart, action.finished)
    case 'restored': {
      const { member, lines, coupons, tenders } = action
      return { ...EMPTY, member, lines, coupons, tenders, entry: 'received' }
    }
    case 'clear':
      return EMPTY
  }
}

const isMembers = (tender: TenderInput): boolean => tender.kind === 'storedValue' || tender.kind === 'points'

function escaped(cart: Cart): Cart {
  if (cart.typed) return { ...cart, typed: '' }
  if (cart.tenders.length > 0) return { ...cart, tenders: [] }
  if (cart.done) return begun(cart)
  return settled({ ...cart, entry: 'amount' })
}

function withTyped(cart: Cart, name: string): Cart {
  const amount = typedAmount(cart)
  return amount > 0 ? withLine({ ...cart, typed: '', entry: 'amount' }, manualLine(name, amount)) : cart
}

const withLine = (cart: Cart, line: SaleLine): Cart => ({ ...cart, lines: [...cart.lines, line] })

function withProduct(cart: Cart, product: ProductView): Cart {
  const index = cart.lines.findIndex((line) => line.product === product.code && line.unitPrice === product.price)
  if (index >= 0) return withQuantity(cart, index, 1)
  return withLine(cart, {
    name: product.name,
    product: product.code,
    unitPrice: product.price,
    quantity: 1,
    amount: product.price,
  })
}

function withQuantity(cart: Cart, index: number, by: 1 | -1): Cart {
  const line = cart.lines[index]
  if (!line) return cart
  const quantity = line.quantity + by
  if (quantity === 0) return settled({ ...cart, lines: cart.lines.toSpliced(index, 1) })
  return {
    ...cart,
    lines: cart.lines.with(index, { ...line, quantity, amount: Amount.parse(line.unitPrice * quantity) }),
  }
}

/** With nothing on it, a cart asks for amounts again. */
const settled = (cart: Cart): Cart => (cart.lines.length === 0 ? { ...cart, entry: 'amount' } : cart)

/** Whether what was done was done for somebody else than who is served now; who has been served already is not. */
export const isForAnother = ({ member, done }: Pick<Cart, 'member' | 'done'>, { result }: Finished): boolean =>
  member !== null && done === null && result.member !== null && !isKnownAs(member, result.member)

/** Whether there is a sale in hand, if only a price being typed. */
export const isRinging = ({ lines, typed }: Pick<Cart, 'lines' | 'typed'>): boolean => lines.length > 0 || typed !== ''

function finished(cart: Cart, done: Finished): Cart {
  if (done.kind === 'sale') return { ...EMPTY, member: done.result.member, done }
  if (isForAnother(cart, done)) return cart
  const member = done.result.member ?? cart.member
  if (done.kind === 'refund') return isRinging(cart) ? cart : { ...EMPTY, member, done }
  const coupons = cart.coupons.filter((one) => member?.coupons.some((has) => has.lot === one.lot))
  return isRinging(cart) ? { ...cart, member, coupons } : { ...cart, member, coupons, done }
}

/**
 * What a coupon or a removed line made too much is taken off the last payments chosen. Cash stays what was received, and
 * makes change.
 */
function fitTenders(programme: Programme, cart: Cart): Cart {
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
    const points = Math.min(tender.points, programme.pointWorth ? Math.floor(left / programme.pointWorth) : 0)
    return points > 0 ? { kind: 'points', points: Amount.parse(points) } : null
  }
  if (left <= 0) return null
  return { kind: tender.kind, amount: Amount.parse(Math.min(tender.amount, left)) }
}
