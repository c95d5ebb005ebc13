import { describe, expect, it } from 'vitest'
import {
  BEANS,
  COFFEE,
  contextOf,
  couponOf,
  eventId,
  holder,
  holding,
  line,
  lotId,
  memberId,
  part,
  programme,
  TWD,
  VALUE,
} from '#test/support/programme.ts'
import { Amount, BusinessDate, ClaimId } from '#core/ids.ts'
import { claimAccount, drawerOf, heldBy, issued, outsideCash, redeemed } from '#core/ledger/account.ts'
import { cashAsset, POINTS } from '#core/ledger/asset.ts'
import type { Draft } from '#core/ledger/event.ts'
import type { Planned } from '#core/ledger/refusal.ts'
import { checkoutWants, planCheckout, type Checkout, type ClaimPromise } from './checkout.ts'

const checkout = (over: Partial<Checkout> = {}): Checkout => ({
  lines: [line(300)],
  coupons: [],
  tenders: [{ kind: 'cash', received: 300 }],
  note: '',
  ...over,
})
const context = contextOf(1)
const unsigned = () => 'token'
const NOBODY = null
const nothingHeld = holding([])

function sale(plan: Planned<Draft>) {
  if (!plan.ok || plan.value.kind !== 'sale.completed') throw new Error('no sale')
  return plan.value
}
const plan = (over: Partial<Checkout>, member: Parameters<typeof planCheckout>[2] = nothingHeld, at = context) =>
  planCheckout(at, checkout(over), member, unsigned)
const cash = (amount: number) => ({
  asset: cashAsset(TWD),
  from: outsideCash(TWD),
  to: drawerOf(holder.terminal),
  amount,
})

describe('tenders', () => {
  it('takes cash into the drawer and gives change', () => {
    const { body, transfers } = sale(plan({ tenders: [{ kind: 'cash', received: 1_000 }] }, NOBODY))
    expect(body.tenders).toEqual([{ kind: 'cash', amount: 300, received: 1_000, change: 700 }])
    expect(transfers).toContainEqual(cash(300))
  })

  it('adds cash handed over in parts', () => {
    const parts = [100, 150, 100].map((received) => ({ kind: 'cash' as const, received }))
    expect(sale(plan({ tenders: parts }, NOBODY)).body.tenders).toEqual([
      { kind: 'cash', amount: 300, received: 350, change: 50 },
    ])
  })

  it('moves nothing for a card', () => {
    const { body, transfers } = sale(plan({ tenders: [{ kind: 'card', amount: 300 }] }))
    expect(body.tenders).toEqual([{ kind: 'card', amount: 300 }])
    expect(transfers.filter(({ asset }) => asset.startsWith('cash:'))).toEqual([])
  })

  it('takes stored value from what this counter holds, soonest expiry first', () => {
    const soon = part(1, VALUE, 50, { expiresOn: BusinessDate.parse('2025-12-01') })
    const { transfers } = sale(
      plan({ tenders: [{ kind: 'storedValue', amount: 300 }] }, holding([part(2, VALUE, 900), soon])),
    )
    expect(transfers.slice(0, 2)).toEqual([
      { asset: VALUE, from: heldBy(lotId(1), holder), to: redeemed(VALUE), amount: 50 },
      { asset: VALUE, from: heldBy(lotId(2), holder), to: redeemed(VALUE), amount: 250 },
    ])
  })

  it('counts points at their worth, and earns only on what was really paid', () => {
    const tenders: Checkout['tenders'] = [
      { kind: 'points', points: 60 },
      { kind: 'cash', received: 200 },
    ]
    const { body } = sale(plan({ lines: [line(300)], tenders }, holding([part(1, POINTS, 100)])))
    expect(body.tenders).toEqual([
      { kind: 'points', points: 60, amount: 120 },
      { kind: 'cash', amount: 180, received: 200, change: 20 },
    ])
    expect(body.earned).toEqual({ points: 1, stamps: [{ card: 'coffee', count: 1 }] })
  })

  it('splits over every kind of tender', () => {
    const tenders: Checkout['tenders'] = [
      { kind: 'points', points: 10 },
      { kind: 'storedValue', amount: 100 },
      { kind: 'card', amount: 80 },
      { kind: 'cash', received: 100 },
    ]
    const { body, transfers } = sale(plan({ tenders }, holding([part(1, POINTS, 10), part(2, VALUE, 100)])))
    expect(body.tenders.reduce((sum, { amount }) => sum + amount, 0)).toBe(body.total)
    expect(transfers).toEqual(expect.arrayContaining([cash(100)]))
  })

  it('spends the same lot once when a kind of tender is given twice', () => {
    const twice: Checkout['tenders'] = [
      { kind: 'storedValue', amount: 150 },
      { kind: 'storedValue', amount: 150 },
    ]
    expect(plan({ tenders: twice }, holding([part(1, VALUE, 200)]))).toMatchObject({
      refusal: { code: 'insufficient', wanted: 300 },
    })
    const { transfers } = sale(plan({ tenders: twice }, holding([part(1, VALUE, 300)])))
    expect(transfers[0]).toMatchObject({ from: heldBy(lotId(1), holder), amount: 300 })
  })

  it('needs no tender for a sale that comes to nothing', () => {
    const free = holding([part(1, couponOf('hundred-off'), 1)])
    const { body, lots } = sale(plan({ lines: [line(80)], coupons: [lotId(1)], tenders: [] }, free))
    expect(body).toMatchObject({ total: 0, tenders: [], earned: { points: 0, stamps: [] } })
    expect(lots).toEqual([])
  })

  it('gives cash back whole that was taken before a coupon left nothing to pay', () => {
    const free = holding([part(1, couponOf('hundred-off'), 1)])
    const tenders: Checkout['tenders'] = [{ kind: 'cash', received: 100 }]
    const { body, transfers } = sale(plan({ lines: [line(80)], coupons: [lotId(1)], tenders }, free))
    expect(body.tenders).toEqual([{ kind: 'cash', amount: 0, received: 100, change: 100 }])
    expect(transfers.filter(({ asset }) => asset === cash(1).asset)).toEqual([])
  })

  it.each<[string, Checkout['tenders'], object]>([
    ['nothing', [], { code: 'notPaidInFull', due: 300, paid: 0 }],
    ['too little cash', [{ kind: 'cash', received: 299 }], { code: 'notPaidInFull', due: 300, paid: 299 }],
    [
      'too little in all',
      [
        { kind: 'card', amount: 100 },
        { kind: 'cash', received: 50 },
      ],
      { code: 'notPaidInFull', due: 300, paid: 150 },
    ],
    ['too much by card', [{ kind: 'card', amount: 301 }], { code: 'overpaid', due: 300, paid: 301 }],
    ['points worth more than is due', [{ kind: 'points', points: 151 }], { code: 'overpaid', due: 300, paid: 302 }],
  ])('refuses %s', (_, tenders, refusal) => {
    expect(plan({ tenders }, holding([part(1, POINTS, 500)]))).toEqual({ ok: false, refusal })
  })

  it('takes no points where points are worth nothing', () => {
    const at = contextOf(1, { programme: { ...programme, pointWorth: null } })
    expect(plan({ tenders: [{ kind: 'points', points: 150 }] }, holding([part(1, POINTS, 500)]), at).ok).toBe(false)
  })

  it('takes holdings of a member alone', () => {
    expect(plan({ tenders: [{ kind: 'points', points: 150 }] }, NOBODY)).toEqual({
      ok: false,
      refusal: { code: 'memberNeeded' },
    })
    expect(plan({ tenders: [{ kind: 'storedValue', amount: 300 }] }, NOBODY)).toEqual({
      ok: false,
      refusal: { code: 'memberNeeded' },
    })
    expect(plan({ coupons: [lotId(1)] }, NOBODY)).toEqual({ ok: false, refusal: { code: 'memberNeeded' } })
  })

  it('leaves lots past their last day, and says what could be had', () => {
    const yesterday = part(1, VALUE, 500, { expiresOn: BusinessDate.parse('2025-11-21') })
    const lastDay = part(2, VALUE, 299, { expiresOn: BusinessDate.parse('2025-11-22') })
    const elsewhere = [{ counter: '櫃台 2', amount: Amount.parse(70) }]
    const member = holding([yesterday, lastDay], {
      outlook: () => ({ total: 869, usableHere: 299, elsewhere, offline: true }),
    })
    expect(plan({ tenders: [{ kind: 'storedValue', amount: 300 }] }, member)).toEqual({
      ok: false,
      refusal: {
        code: 'insufficient',
        asset: VALUE,
        wanted: 300,
        usableHere: 299,
        total: 869,
        elsewhere,
        offline: true,
      },
    })
    expect(
      plan(
        {
          tenders: [
            { kind: 'storedValue', amount: 299 },
            { kind: 'cash', received: 1 },
          ],
        },
        member,
      ).ok,
    ).toBe(true)
  })
})

describe('lines', () => {
  it.each([
    ['none', []],
    ['one whose amount is not price times quantity', [{ ...line(100, 2), amount: line(100).amount }]],
  ])('refuses %s', (_, lines) => {
    expect(plan({ lines })).toEqual({ ok: false, refusal: { code: 'nothingToSell' } })
  })
})

describe('coupons', () => {
  const member = (over = {}) => holding([part(1, couponOf('fifty-off'), 1, over), part(2, couponOf('third'), 1)])

  it('redeems them in the sale, each once however often it is scanned', () => {
    const coupons = [lotId(1), lotId(2), lotId(1)]
    const { body, transfers } = sale(
      plan({ lines: [line(500)], coupons, tenders: [{ kind: 'card', amount: 285 }] }, member()),
    )
    expect(body.discounts.map(({ name, amount }) => [name, amount])).toEqual([
      ['third', 165],
      ['fifty-off', 50],
    ])
    expect(transfers.filter(({ to }) => to.startsWith('redeemed:coupon'))).toEqual(
      [1, 2].map((n) => {
        const asset = couponOf(n === 1 ? 'fifty-off' : 'third')
        return { asset, from: heldBy(lotId(n), holder), to: redeemed(asset), amount: 1 }
      }),
    )
  })

  it.each([
    [
      'one past its last day',
      [lotId(1)],
      { expiresOn: BusinessDate.parse('2025-11-21') },
      { code: 'couponExpired', lot: lotId(1), expiredOn: '2025-11-21' },
    ],
    [
      'one that is not in hand',
      [lotId(9)],
      {},
      { code: 'couponUnavailable', lot: lotId(9), elsewhere: [], offline: true },
    ],
    [
      'one whose template is gone',
      [lotId(1)],
      { asset: couponOf('gone') },
      { code: 'couponNotApplicable', lot: lotId(1), reason: 'notForSale', needed: 0 },
    ],
    [
      'one below its least spend',
      [lotId(1)],
      {},
      { code: 'couponNotApplicable', lot: lotId(1), reason: 'minimumSpend', needed: 500 },
    ],
    [
      'points for a coupon',
      [lotId(1)],
      { asset: POINTS },
      { code: 'couponNotApplicable', lot: lotId(1), reason: 'notForSale', needed: 0 },
    ],
  ])('refuses %s', (_, coupons, over, refusal) => {
    expect(plan({ lines: [line(300)], coupons }, member(over))).toEqual({ ok: false, refusal })
  })

  it('asks the server for each coupon once', () => {
    const tenders: Checkout['tenders'] = [
      { kind: 'points', points: 30 },
      { kind: 'points', points: 5 },
      { kind: 'storedValue', amount: 40 },
      { kind: 'cash', received: 7 },
    ]
    const wants = { points: 35, value: 40, coupons: [lotId(1), lotId(2)] }
    expect(checkoutWants(programme, checkout({ coupons: [lotId(1), lotId(2), lotId(1)], tenders }))).toEqual(wants)
    expect(checkoutWants({ ...programme, pointWorth: null }, checkout({ tenders })).points).toBe(0)
  })
})

describe('what a sale gives', () => {
  it('bears lots named after the event, in this counter’s keeping', () => {
    const { lots, transfers, body } = sale(plan({ lines: [line(600)], tenders: [{ kind: 'card', amount: 600 }] }))
    expect(body).toMatchObject({ member: memberId(1), claim: null, programme: 3 })
    expect(lots.map(({ id, asset, quantity, expiresOn, code }) => [id, asset, quantity, expiresOn, code])).toEqual([
      [`${eventId(1)}.0`, POINTS, 6, '2026-11-22', null],
      [`${eventId(1)}.1`, COFFEE, 1, '2026-02-20', null],
      [`${eventId(1)}.2`, BEANS, 2, null, null],
    ])
    expect(transfers).toEqual(
      lots.map(({ id, asset, quantity }) => ({ asset, from: issued(asset), to: heldBy(id, holder), amount: quantity })),
    )
  })

  it('earns by the member’s tier', () => {
    const { body } = sale(plan({}, holding([], { tier: 'gold' })))
    expect(body.earned.points).toBe(18)
  })

  it('promises a claim to a customer without a card, signed into the event', () => {
    const promises: ClaimPromise[] = []
    const signed = planCheckout(
      context,
      checkout({ lines: [line(640)], tenders: [{ kind: 'card', amount: 640 }] }),
      NOBODY,
      (promise) => {
        promises.push(promise)
        return 'signed'
      },
    )
    const { body, transfers, lots } = sale(signed)
    const stamps = [
      { card: 'coffee', count: 1 },
      { card: 'beans', count: 2 },
    ]
    expect(promises).toEqual([{ points: 12, stamps, amount: 640, expiresOn: '2025-12-06' }])
    expect(body).toMatchObject({
      member: null,
      earned: { points: 0, stamps: [] },
      claim: { token: 'signed', expiresOn: '2025-12-06' },
    })
    expect(lots).toEqual([])
    const to = claimAccount(ClaimId.parse(eventId(1)))
    expect(transfers).toEqual([
      { asset: POINTS, from: issued(POINTS), to, amount: 12 },
      { asset: COFFEE, from: issued(COFFEE), to, amount: 1 },
      { asset: BEANS, from: issued(BEANS), to, amount: 2 },
    ])
  })

  it('promises stamps alone below the least spend for points, and signs nothing for nothing', () => {
    const stampsOnly = sale(plan({ lines: [line(60)], tenders: [{ kind: 'cash', received: 60 }] }, NOBODY))
    expect(stampsOnly.transfers.map(({ asset }) => asset)).toEqual([cashAsset(TWD), COFFEE])
    const nothing = sale(plan({ lines: [line(30)], tenders: [{ kind: 'cash', received: 30 }] }, NOBODY))
    expect(nothing.body.claim).toBeNull()
    expect(nothing.transfers).toEqual([cash(30)])
  })
})
