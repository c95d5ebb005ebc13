import { describe, expect, it } from 'vitest'
import { Amount } from '#core/ids.ts'
import { CheckoutInput, LINES_LIMIT } from '#core/contract/terminal.ts'
import { Done, MemberPanel, type CouponView } from '#core/contract/views.ts'
import { EMPTY, priceOf, typedAmount, type Cart } from './cart.ts'
import { overfills, reduceCart, type CartAction } from './cart-reducer.ts'
import { checkoutInput, nextStep, sumsOf, withTypedLine } from './payment.ts'
import { lentTowards, quickCash, tenderFor } from './tenders.ts'
import { coffee, gift, halfOff, member, otherMember, programme, fiftyOff } from '#test/support/counter-shop.ts'
import { eventId } from '#test/support/programme.ts'

const MANUAL = 'Keyed amount'

const after = (...actions: CartAction[]): Cart =>
  actions.reduce((cart, action) => reduceCart(programme, cart, action), EMPTY)

const digits = (typed: string): CartAction => ({ do: 'digits', digits: typed })
const add: CartAction = { do: 'addTyped', name: MANUAL }
const scanned: CartAction = { do: 'product', product: coffee }
const serve: CartAction = { do: 'member', member }
const use = (coupon: CouponView): CartAction => ({ do: 'coupon', coupon })

const paid = (change = 0): CartAction => ({
  do: 'finished',
  finished: {
    kind: 'sale',
    result: Done.parse({
      event: eventId(1),
      receipt: null,
      total: 380,
      change,
      earned: { points: 3, stamps: 1 },
      claim: null,
      returned: [],
      moved: null,
      lent: { points: 0, value: 0 },
      ended: [],
      bonus: 0,
      withSync: false,
      printJob: null,
      member,
    }),
  },
})

describe('keying', () => {
  it('keeps digits as keyed, up to a phone number, and reads them as an amount', () => {
    const cart = after(digits('3'), digits('80'))
    expect([cart.typed, typedAmount(cart)]).toEqual(['380', 380])
    expect(after(digits('09123456789')).typed).toBe('0912345678')
    expect(after(digits('380'), { do: 'backspace' }).typed).toBe('38')
  })

  it.each(['0912345678', '00380', '0', '10000000'])('never takes %s for an amount', (keyed) => {
    const typed = after(digits(keyed))
    expect(reduceCart(programme, typed, add)).toEqual(typed)
    expect(withTypedLine(typed, MANUAL).lines).toEqual([])
    for (const cart of [typed, after(scanned, digits(keyed))]) {
      expect(nextStep(programme, cart, MANUAL)).toEqual({ do: 'nothing' })
    }
  })

  it('adds the typed amount as a line with +', () => {
    const cart = after(digits('380'), add, add, digits('120'), add)
    expect(cart.lines.map((line) => line.amount)).toEqual([380, 120])
    expect(cart.typed).toBe('')
  })

  it('counts the same product on one line', () => {
    const cart = after(scanned, scanned)
    expect(cart.lines).toMatchObject([{ quantity: 2, unitPrice: 60, amount: 120 }])
    expect(reduceCart(programme, cart, { do: 'quantity', index: 0, by: -1 }).lines).toMatchObject([{ amount: 60 }])
    expect(after(scanned, { do: 'quantity', index: 0, by: -1 }).lines).toEqual([])
  })

  it('shows the price being typed as a line, but not a part of the payment', () => {
    expect(withTypedLine(after(digits('380')), MANUAL).lines).toMatchObject([{ amount: 380 }])
    expect(withTypedLine(after(scanned, digits('100')), MANUAL).lines).toHaveLength(1)
  })
})

describe('Enter', () => {
  it('completes a cash sale from digits alone', () => {
    expect(nextStep(programme, after(digits('380')), MANUAL)).toMatchObject({
      do: 'pay',
      payment: { total: 380, change: 0, tenders: [{ kind: 'cash', received: 380 }], lines: [{ amount: 380 }] },
    })
  })

  it('does nothing with nothing to sell', () => {
    expect(nextStep(programme, EMPTY, MANUAL)).toEqual({ do: 'nothing' })
  })

  it('makes change once a product was scanned, and after Cash', () => {
    const change = { do: 'pay', payment: { total: 60, change: 40 } }
    expect(nextStep(programme, after(scanned, digits('100')), MANUAL)).toMatchObject(change)
    const cash = after(digits('60'), add, { do: 'receiving' }, digits('100'))
    expect(nextStep(programme, cash, MANUAL)).toMatchObject(change)
  })

  it('keeps cash that is not enough as a part', () => {
    expect(nextStep(programme, after(scanned, digits('50')), MANUAL)).toEqual({ do: 'partCash', received: 50 })
  })

  it('takes as cash what the chosen payments leave, and adds it to cash already taken', () => {
    const card = after(digits('380'), add, { do: 'tender', tender: { kind: 'card', amount: amount(200) } })
    expect(nextStep(programme, card, MANUAL)).toMatchObject({
      payment: {
        tenders: [
          { kind: 'card', amount: 200 },
          { kind: 'cash', received: 180 },
        ],
      },
    })
    const part = after(scanned, { do: 'tender', tender: { kind: 'cash', received: amount(50) } }, digits('20'))
    expect(nextStep(programme, part, MANUAL)).toMatchObject({
      payment: { change: 10, tenders: [{ kind: 'cash', received: 70 }] },
    })
  })

  it('needs no payment when a coupon covers all', () => {
    const free = after(serve, digits('40'), add, use(fiftyOff))
    expect(nextStep(programme, free, MANUAL)).toMatchObject({ payment: { total: 0, tenders: [] } })
  })
})

describe('a full cart', () => {
  const keyed = [digits('10'), add]
  const full = after(...Array.from({ length: LINES_LIMIT }, () => keyed).flat())

  it('can be paid', () => {
    const step = nextStep(programme, full, MANUAL)
    if (step.do !== 'pay') throw new Error('the sale can be paid')
    expect(CheckoutInput.safeParse(checkoutInput({ id: eventId(7) }, full, step.payment)).success).toBe(true)
  })

  it('takes no line more, says so, and is paid without it', () => {
    const typing = reduceCart(programme, full, digits('10'))
    for (const [cart, action] of [
      [full, scanned],
      [typing, add],
    ] as const) {
      expect(overfills(cart, action)).toBe(true)
      expect(reduceCart(programme, cart, action)).toBe(cart)
    }
    expect(withTypedLine(typing, MANUAL).lines).toBe(full.lines)
    expect(nextStep(programme, typing, MANUAL)).toEqual(nextStep(programme, full, MANUAL))
  })

  it('takes one more of what it has, and a line where one was taken off', () => {
    const room = reduceCart(programme, full, { do: 'removeLine', index: 0 })
    const withCoffee = reduceCart(programme, room, scanned)
    expect(withCoffee.lines).toHaveLength(LINES_LIMIT)
    expect(overfills(withCoffee, scanned)).toBe(false)
    expect(reduceCart(programme, withCoffee, scanned).lines.at(-1)?.quantity).toBe(2)
  })

  it('is done with once it is paid', () => {
    const next = reduceCart(programme, reduceCart(programme, full, paid()), scanned)
    expect(next.lines).toHaveLength(1)
  })
})

describe('ways to pay', () => {
  it('chooses all that is due, the typed part, or what is usable here', () => {
    const cart = after(serve, digits('500'), add)
    expect(tenderFor(programme, cart, 'card')).toEqual({ kind: 'card', amount: 500 })
    expect(tenderFor(programme, cart, 'storedValue')).toEqual({ kind: 'storedValue', amount: 300 })
    const typed = reduceCart(programme, reduceCart(programme, cart, { do: 'receiving' }), digits('80'))
    expect(tenderFor(programme, typed, 'card')).toEqual({ kind: 'card', amount: 80 })
    expect(tenderFor(programme, typed, 'points')).toEqual({ kind: 'points', points: 80 })
  })

  it('has no points or stored value without a member', () => {
    const cart = after(scanned)
    expect(tenderFor(programme, cart, 'points')).toBeNull()
    expect(tenderFor(programme, cart, 'storedValue')).toBeNull()
  })

  it('never keeps more payment than is due', () => {
    const cart = after(serve, scanned, scanned, { do: 'tender', tender: { kind: 'card', amount: amount(120) } })
    expect(reduceCart(programme, cart, use(halfOff)).tenders).toEqual([{ kind: 'card', amount: 60 }])
    expect(reduceCart(programme, cart, { do: 'removeLine', index: 0 }).tenders).toEqual([])
  })

  it('keeps cash as it was received when there is less to pay, and says what goes back', () => {
    const cart = after(
      digits('450'),
      add,
      digits('100'),
      add,
      { do: 'tender', tender: { kind: 'cash', received: amount(500) } },
      { do: 'removeLine', index: 1 },
    )
    const received = [{ kind: 'cash', received: 500 }]
    expect(sumsOf(programme, cart).due).toBe(-50)
    expect(nextStep(programme, cart, MANUAL)).toMatchObject({ payment: { total: 450, tenders: received, change: 50 } })
    const none = reduceCart(programme, cart, { do: 'removeLine', index: 0 })
    expect([none.tenders, sumsOf(programme, none).due]).toEqual([received, -500])
  })

  it('takes what is too much off what is not in the drawer yet', () => {
    const cart = after(
      digits('450'),
      add,
      digits('100'),
      add,
      { do: 'tender', tender: { kind: 'cash', received: amount(50) } },
      { do: 'tender', tender: { kind: 'card', amount: amount(500) } },
      { do: 'removeLine', index: 1 },
    )
    expect(nextStep(programme, cart, MANUAL)).toMatchObject({
      payment: {
        change: 50,
        tenders: [
          { kind: 'card', amount: 450 },
          { kind: 'cash', received: 50 },
        ],
      },
    })
  })

  it('offers the notes a customer may hand over', () => {
    expect(quickCash(450, 0)).toEqual([450, 500, 1000])
    expect(quickCash(1000, 0)).toEqual([1000])
    expect(quickCash(12_345, 2)).toEqual([12_345, 20_000, 50_000, 100_000])
    expect(quickCash(0, 0)).toEqual([])
  })
})

it('R9: of a part, the store lends what is beyond use here, while nobody can be asked', () => {
  const usable = member.storedValue.usableHere
  const part = { kind: 'storedValue' as const, amount: Amount.parse(usable + 50) }
  expect(lentTowards(part, member, { open: false })).toBe(50)
  expect(lentTowards(part, member, { open: true })).toBe(0)
  expect(lentTowards({ ...part, amount: Amount.parse(usable) }, member, { open: false })).toBe(0)
})

describe('members and coupons', () => {
  it('earns by the tier on what points did not pay, and promises a claim without a member', () => {
    const cart = after(serve, digits('380'), add)
    expect(sumsOf(programme, cart).earning.points).toBe(7)
    const points = reduceCart(programme, cart, { do: 'tender', tender: { kind: 'points', points: amount(300) } })
    expect(sumsOf(programme, points).earning.points).toBe(1)
    expect(sumsOf(programme, after(digits('380'), add)).earning.points).toBe(3)
  })

  it('applies a coupon once and gives it back', () => {
    const cart = after(serve, digits('500'), add, use(fiftyOff), use(fiftyOff))
    expect(priceOf(programme, cart).total).toBe(450)
    expect(priceOf(programme, reduceCart(programme, cart, { do: 'dropCoupon', lot: fiftyOff.lot })).total).toBe(500)
  })

  it("drops the first member's coupons and payments when another is served", () => {
    const cart = after(
      serve,
      scanned,
      use(fiftyOff),
      { do: 'tender', tender: { kind: 'storedValue', amount: amount(10) } },
      { do: 'member', member: otherMember },
    )
    expect(cart).toMatchObject({ coupons: [], tenders: [], lines: [{ amount: 60 }] })
  })

  it('ignores news of a member who is no longer served', () => {
    expect(after({ do: 'member', member: otherMember }, { do: 'refreshed', member }).member?.id).toBe(otherMember.id)
  })
})

describe('paying', () => {
  const cart = after(serve, scanned)
  const step = nextStep(programme, cart, MANUAL)
  if (step.do !== 'pay') throw new Error('the sale can be paid')
  const attempt = checkoutInput({ id: eventId(7) }, cart, step.payment)
  const paying = reduceCart(programme, cart, { do: 'paying' })

  it('sends what the contract takes', () => {
    expect(CheckoutInput.safeParse(attempt).success).toBe(true)
    expect(attempt).toMatchObject({ member: member.id, coupons: [], tenders: [{ kind: 'cash', received: 60 }] })
  })

  it('lets nothing change while there is no answer', () => {
    expect(reduceCart(programme, paying, digits('5'))).toBe(paying)
    expect(reduceCart(programme, paying, scanned)).toBe(paying)
    const uncertain = reduceCart(programme, paying, { do: 'uncertain' })
    expect(reduceCart(programme, uncertain, { do: 'clear' })).toBe(uncertain)
  })

  it('keeps the sale as it was when refused', () => {
    const refused = reduceCart(programme, paying, { do: 'refused' })
    expect(refused).toMatchObject({ phase: 'open', lines: cart.lines })
  })

  it('shows the result until the next sale is begun by a digit or a scan', () => {
    const done = reduceCart(programme, paying, paid(40))
    expect(done).toMatchObject({
      lines: [],
      phase: 'open',
      done: { result: { change: 40 } },
      member: { id: member.id },
    })
    expect(reduceCart(programme, done, { do: 'refreshed', member }).done).not.toBeNull()
    expect(reduceCart(programme, done, digits('9'))).toMatchObject({ done: null, member: null, typed: '9' })
    expect(reduceCart(programme, done, scanned)).toMatchObject({ done: null, member: null, lines: [{ amount: 60 }] })
    expect(reduceCart(programme, done, serve)).toMatchObject({ done: null, member: { id: member.id }, lines: [] })
  })

  it('begins the next sale of the member whose coupon is tapped after one', () => {
    const done = reduceCart(programme, paying, paid())
    expect(reduceCart(programme, done, use(fiftyOff))).toMatchObject({
      done: null,
      member: { id: member.id },
      coupons: [fiftyOff],
    })
  })

  it('does not bring back whoever a top-up was for once another is served', () => {
    const result = doneOf(paid())
    const topUp: CartAction = { do: 'finished', finished: { kind: 'topUp', result } }
    const other = after({ do: 'member', member: otherMember }, scanned)
    expect(reduceCart(programme, other, topUp)).toEqual(other)
    const merged = MemberPanel.parse({ ...otherMember, mergedCards: [member.card] })
    const known = Done.parse({ ...result, member: merged })
    const joined = reduceCart(programme, cart, { do: 'finished', finished: { kind: 'topUp', result: known } })
    expect(joined.member?.id).toBe(otherMember.id)
  })

  it('keeps the sale in hand through a top-up, and forgets a coupon that was redeemed', () => {
    const ringing = after(serve, scanned, use(gift))
    const result = Done.parse({ ...doneOf(paid()), member: { ...member, coupons: [] } })
    const redeemed = reduceCart(programme, ringing, { do: 'finished', finished: { kind: 'coupon', result } })
    expect(redeemed).toMatchObject({ lines: [{ amount: 60 }], coupons: [], done: null })
  })
})

it('a sale that was to be paid is back in hand, to be paid as it was', () => {
  const cart = after(serve, scanned, use(fiftyOff), {
    do: 'tender',
    tender: { kind: 'card', amount: Amount.parse(10) },
  })
  const asked = (now: Cart): CheckoutInput => {
    const step = nextStep(programme, now, MANUAL)
    if (step.do !== 'pay') throw new Error('there is nothing to pay')
    return checkoutInput({ id: eventId(1) }, now, step.payment)
  }
  const { lines, tenders } = asked(cart)
  const again = after({ do: 'restored', member: cart.member, lines, coupons: cart.coupons, tenders, awaited: null })
  expect(again.phase).toBe('open')
  expect(asked(again)).toEqual(asked(cart))
})

describe('a refund', () => {
  const refunded = (): CartAction => ({
    do: 'finished',
    finished: { kind: 'refund', result: Done.parse({ ...doneOf(paid()), member: otherMember }) },
  })

  it('is shown with whose sale it was once the one before is done, and beside who is served now', () => {
    const served = reduceCart(programme, after(serve, scanned), paid())
    expect(reduceCart(programme, served, refunded())).toMatchObject({
      member: { id: otherMember.id },
      done: { kind: 'refund' },
    })
    const serving = after(serve)
    expect(reduceCart(programme, serving, refunded())).toMatchObject({ member: { id: member.id }, done: null })
  })

  it('is shown no more once anything is scanned, be it nothing that can be sold', () => {
    const shown = reduceCart(programme, after(), refunded())
    expect(shown.done).not.toBeNull()
    expect(reduceCart(programme, shown, { do: 'scanned' })).toEqual(EMPTY)
    expect(after(scanned, { do: 'scanned' }).lines).toHaveLength(1)
  })
})

describe('Escape', () => {
  it('goes back one step at a time', () => {
    const cart = after(scanned, { do: 'tender', tender: { kind: 'card', amount: amount(60) } }, digits('5'))
    const once = reduceCart(programme, cart, { do: 'escape' })
    expect(once).toMatchObject({ typed: '', tenders: [{ kind: 'card' }] })
    const twice = reduceCart(programme, once, { do: 'escape' })
    expect(twice).toMatchObject({ tenders: [], lines: [{ amount: 60 }] })
  })
})

function amount(value: number) {
  return Done.shape.total.parse(value)
}

function doneOf(action: CartAction): Done {
  if (action.do !== 'finished') throw new Error('not finished')
  return action.finished.result
}
