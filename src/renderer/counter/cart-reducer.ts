/**
 * What is done to the sale being rung up, as one pure reducer. It knows no words, no network and no rule of money. What Enter
 * will do is always derived, so that the button can say it beforehand.
 */
import { Amount, type LotId, type MemberId } from '#core/ids.ts'
import type { TenderInput } from '#core/contract/terminal.ts'
import type { CouponView, MemberPanel, ProductView } from '#core/contract/views.ts'
import type { SaleLine } from '#core/ledger/event-body.ts'
import type { Programme } from '#core/loyalty/programme.ts'
import {
  EMPTY,
  isForAnother,
  isKnownAs,
  isOverfull,
  isRinging,
  manualLine,
  typedAmount,
  type Awaited,
  type Cart,
  type Finished,
} from './cart.ts'
import { fitTenders, isMembers } from './tenders.ts'

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
  /** The sale is with its member again. */
  | { do: 'rejoined'; member: MemberPanel }
  /** What was scanned is nothing to sell; nobody is to read what was done before as if it were about that. */
  | { do: 'scanned' }
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
  | ({ do: 'restored' } & Pick<Cart, 'member' | 'lines' | 'coupons' | 'tenders' | 'awaited'>)
  | { do: 'clear' }

/** A whole phone number, since digits are also how members are searched for. */
const MAX_DIGITS = 10

/** The cart after an action. Anything begun after a finished sale begins the next one; what would overfill it is not done. */
export function reduceCart(programme: Programme, cart: Cart, action: CartAction): Cart {
  if (cart.phase !== 'open' && !ANSWERS.has(action.do)) return cart
  const next = advanced(cart, action)
  return isOverfull(next) ? cart : fitTenders(programme, stillAwaiting(next) ? next : { ...next, awaited: null })
}

/** Nobody is awaited who would take the place of who is served, or come to another sale. */
const stillAwaiting = ({ member, lines }: Cart): boolean => member === null && lines.length > 0

/** Brings a sale back in hand, without what only its member could pay where they are not known. */
export function restoring(
  member: MemberPanel | null,
  { lines, coupons, tenders }: { lines: SaleLine[]; coupons: LotId[]; tenders: TenderInput[] },
): CartAction {
  return {
    do: 'restored',
    member,
    lines,
    coupons: member?.coupons.filter(({ lot }) => coupons.includes(lot)) ?? [],
    tenders: member ? tenders : tenders.filter((one) => !isMembers(one)),
    awaited: null,
  }
}

/** The same at once, while its member is still to be looked up. */
export const bringingBack = ({ member, lines, coupons, tenders }: KeptSale): CartAction => ({
  do: 'restored',
  member: null,
  lines,
  coupons: [],
  tenders: tenders.filter((one) => !isMembers(one)),
  awaited: member && { member, coupons, tenders: tenders.filter(isMembers) },
})

type KeptSale = Pick<Cart, 'lines' | 'tenders'> & { member: MemberId | null; coupons: LotId[] }

/** Whether an action is not done because the cart is full. */
export const overfills = (cart: Cart, action: CartAction): boolean =>
  cart.phase === 'open' && isOverfull(advanced(cart, action))

const advanced = (cart: Cart, action: CartAction): Cart =>
  step(STARTS.has(action.do) ? begun(cart, action) : cart, action)

const ANSWERS = new Set<CartAction['do']>(['finished', 'refused', 'uncertain', 'paying', 'refreshed'])
const STARTS = new Set<CartAction['do']>(['digits', 'product', 'member', 'coupon', 'receiving', 'scanned'])

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
      return {
        ...begun(cart),
        member: null,
        awaited: null,
        coupons: [],
        tenders: cart.tenders.filter((one) => !isMembers(one)),
      }
    case 'rejoined':
      return cart.awaited ? rejoined(cart, cart.awaited, action.member) : cart
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
      const { member, lines, coupons, tenders, awaited } = action
      return { ...EMPTY, member, lines, coupons, tenders, awaited, entry: 'received' }
    }
    case 'scanned':
      return cart
    case 'clear':
      return EMPTY
  }
}

const rejoined = (cart: Cart, { coupons, tenders }: Awaited, member: MemberPanel): Cart => ({
  ...cart,
  member,
  coupons: member.coupons.filter(({ lot }) => coupons.includes(lot)),
  tenders: [...tenders, ...cart.tenders],
})

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

function finished(cart: Cart, done: Finished): Cart {
  if (done.kind === 'sale') return { ...EMPTY, member: done.result.member, done }
  if (isForAnother(cart, done)) return cart
  const member = done.result.member ?? cart.member
  if (done.kind === 'refund') return isRinging(cart) ? cart : { ...EMPTY, member, done }
  const coupons = cart.coupons.filter((one) => member?.coupons.some((has) => has.lot === one.lot))
  return isRinging(cart) ? { ...cart, member, coupons } : { ...cart, member, coupons, done }
}
