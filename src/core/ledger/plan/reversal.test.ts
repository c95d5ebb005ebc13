import { describe, expect, it } from 'vitest'
import {
  contextOf,
  couponOf,
  holder,
  holding,
  line,
  lotId,
  otherHolder,
  part,
  reversibleOf,
  TWD,
  uuid,
  VALUE,
} from '#test/support/programme.ts'
import { BusinessDate, EventId } from '#core/ids.ts'
import { drawerOf, heldBy, inKeepingOf, outsideCash, redeemed } from '#core/ledger/account.ts'
import { cashAsset, POINTS } from '#core/ledger/asset.ts'
import { bookOf, entriesOf, post, setBalance, type Book } from '#core/ledger/book.ts'
import { inverse } from '#core/ledger/transfer.ts'
import { planCheckout } from './checkout.ts'
import { planReversal, type ReversalState, type Reversible } from './reversal.ts'
import { planDebit, planTopUp } from './value.ts'

const context = contextOf(2)
const member = holding([part(1, POINTS, 100), part(2, VALUE, 500)])

const sale = reversibleOf(
  planCheckout(
    contextOf(1),
    {
      lines: [line(400)],
      coupons: [],
      tenders: [
        { kind: 'points', points: 50 },
        { kind: 'cash', received: 500 },
      ],
      note: '',
    },
    member,
    () => '',
  ),
)
const topUp = reversibleOf(planTopUp(contextOf(1), { amount: 1_000, tender: 'cash', received: 1_000 }, member))
const debit = reversibleOf(planDebit(contextOf(1), { amount: 200, note: '' }, member))

const before = (): Book =>
  bookOf([
    [heldBy(lotId(1), holder), POINTS, 100],
    [heldBy(lotId(2), holder), VALUE, 500],
    [heldBy(lotId(3), holder), couponOf('gift'), 1],
  ])

/** Balances once the event has happened. */
function after(event: Reversible): Book {
  const book = before()
  post(book, event.transfers)
  return book
}

const state = (event: Reversible, over: Partial<ReversalState> = {}): ReversalState => ({
  sent: false,
  reversed: false,
  offline: false,
  elsewhere: [],
  own: after(event),
  ...over,
})
const cashBack = (amount: number) => ({
  asset: cashAsset(TWD),
  from: drawerOf(holder.terminal),
  to: outsideCash(TWD),
  amount,
})

describe('planReversal', () => {
  it.each([
    ['a sale', sale, 'sale.refunded', 400],
    ['a top-up', topUp, 'value.topUpRefunded', 1_000],
    ['a debit', debit, 'value.debitRefunded', 200],
  ])('undoes %s that was never sent, to the last transfer', (_, event, kind, total) => {
    const plan = planReversal(context, event, '重複', state(event))
    expect(plan).toMatchObject({
      value: { kind, lots: [], body: { mode: 'own', reverses: event.id, total, reason: '重複' } },
    })
    expect(plan.ok && plan.value.transfers).toEqual(inverse(event.transfers))
    const book = after(event)
    if (plan.ok) post(book, plan.value.transfers)
    expect(bookOf([...entriesOf(book)].filter(([, , amount]) => amount !== 0))).toEqual(before())
  })

  it.each([
    ['a sale', sale, [cashBack(300)]],
    ['a debit', debit, []],
  ])('moves only the drawer for %s that was sent: the rest is the server’s', (_, event, transfers) => {
    const plan = planReversal(context, event, '', state(event, { sent: true }))
    expect(plan).toMatchObject({ value: { body: { mode: 'consequence' } } })
    expect(plan.ok && plan.value.transfers).toEqual(transfers)
  })

  it.each([
    ['undoes', false, 'own', 1],
    ['leaves to the server', true, 'consequence', 0],
  ])('%s a coupon redeemed by itself, by no receipt', (_, sent, mode, moves) => {
    const account = heldBy(lotId(3), holder)
    const coupon = couponOf('gift')
    const gift = reversibleOf({
      ok: true,
      value: {
        kind: 'coupon.redeemed',
        body: { member: member.id, lot: lotId(3), asset: coupon, note: '' },
        lots: [],
        transfers: [{ asset: coupon, from: account, to: redeemed(coupon), amount: 1 }],
      },
    })
    const plan = planReversal(context, gift, '送錯', state(gift, { sent }))
    expect(plan).toMatchObject({
      value: { kind: 'coupon.unredeemed', body: { mode, reverses: gift.id, asset: coupon, reason: '送錯' } },
    })
    expect(plan.ok && plan.value.transfers).toEqual(inverse(gift.transfers).slice(0, moves))
    expect(plan.ok && 'receipt' in plan.value.body).toBe(false)
  })

  it('leaves the member’s side to the server when what the sale gave is here no more', () => {
    const own = after(sale)
    for (const [account, asset] of entriesOf(own))
      if (account.includes(`${sale.id}.0@`)) setBalance(own, account, asset, 2)
    const plan = planReversal(context, sale, '', state(sale, { own }))
    expect(plan).toMatchObject({ value: { body: { mode: 'consequence' }, transfers: [cashBack(300)] } })
  })

  it('gives back no cash where all that was taken was change', () => {
    const tenders: Parameters<typeof planCheckout>[1]['tenders'] = [
      { kind: 'points', points: 50 },
      { kind: 'cash', received: 100 },
    ]
    const paid = reversibleOf(
      planCheckout(contextOf(1), { lines: [line(100)], coupons: [], tenders, note: '' }, member, () => ''),
    )
    expect(paid).toMatchObject({ body: { tenders: [{ kind: 'points' }, { kind: 'cash', amount: 0, change: 100 }] } })
    expect(planReversal(context, paid, '', state(paid))).toMatchObject({
      value: { body: { total: 100, tenders: [{ kind: 'points', points: 50, amount: 100 }] } },
    })
  })

  it('gives back what was paid, tender by tender', () => {
    const plan = planReversal(context, sale, '', state(sale))
    expect(plan).toMatchObject({
      value: { body: { tenders: sale.kind === 'sale.completed' ? sale.body.tenders : [] } },
    })
    expect(planReversal(context, debit, '', state(debit))).toMatchObject({
      value: { body: { tenders: [{ kind: 'storedValue', amount: 200 }] } },
    })
  })

  it('gives money back only against value in hand, bonus too', () => {
    for (const sent of [false, true]) {
      const own = after(topUp)
      const [bonus, asset] = [...entriesOf(own)].find(([account]) => account.includes(`${topUp.id}.1@`))!
      expect(planReversal(context, topUp, '', state(topUp, { sent }))).toMatchObject({
        value: { body: { mode: 'own' } },
      })
      setBalance(own, bonus, asset, 49)
      expect(planReversal(context, topUp, '', state(topUp, { sent, own }))).toEqual({
        ok: false,
        refusal: { code: 'valueNotHere', missing: 1, elsewhere: [], offline: false },
      })
    }
    expect(planReversal(context, topUp, '', state(topUp, { own: new Map() }))).toMatchObject({
      refusal: { missing: 1_050 },
    })
  })

  it('asks for no bonus that has ended, but for all that was paid', () => {
    const later = { ...context, today: BusinessDate.parse('2027-06-01') }
    const own = after(topUp)
    for (const [account, asset] of entriesOf(own))
      if (account.includes(`${topUp.id}.1@`)) setBalance(own, account, asset, 0)
    const plan = planReversal(later, topUp, '', state(topUp, { own }))
    expect(plan.ok && plan.value.transfers).toEqual(
      inverse(topUp.transfers).filter(({ from }) => !from.includes(`${topUp.id}.1@`)),
    )
    expect(planReversal(later, topUp, '', state(topUp, { own: new Map() }))).toMatchObject({
      refusal: { missing: 1_000 },
    })
  })

  it('reverses once', () => {
    expect(planReversal(context, sale, '', state(sale, { reversed: true }))).toEqual({
      ok: false,
      refusal: { code: 'alreadyReversed' },
    })
  })

  it('undoes nothing of another chain by itself, be it this terminal’s epoch before', () => {
    for (const at of [otherHolder, { ...holder, epoch: otherHolder.epoch }]) {
      const foreign = { ...sale, ...at, id: EventId.parse(uuid(9)) }
      expect(planReversal(context, foreign, '', state(sale))).toMatchObject({
        value: { body: { mode: 'consequence' } },
      })
    }
  })

  it('undoes another chain’s top-up out of what is in hand here, and out of its own drawer', () => {
    const transfers = topUp.transfers.map((one) => ({
      ...one,
      from: inKeepingOf(otherHolder, one.from, holder),
      to: inKeepingOf(otherHolder, one.to, holder),
    }))
    const foreign = { ...topUp, ...otherHolder, transfers }
    expect(planReversal(context, foreign, '', state(foreign, { own: new Map() }))).toMatchObject({
      refusal: { code: 'valueNotHere', missing: 1_050, elsewhere: [], offline: false },
    })
    const plan = planReversal(context, foreign, '', state(topUp, { sent: true }))
    expect(plan).toMatchObject({ value: { body: { mode: 'own' } } })
    expect(plan.ok && plan.value.transfers).toEqual(inverse(topUp.transfers))
  })

  it('gives no cash back for a sale paid otherwise', () => {
    const paidByCard = reversibleOf(
      planCheckout(
        contextOf(1),
        { lines: [line(90)], coupons: [], tenders: [{ kind: 'card', amount: 90 }], note: '' },
        member,
        () => '',
      ),
    )
    const plan = planReversal(context, paidByCard, '', state(paidByCard, { sent: true }))
    expect(plan).toMatchObject({ value: { transfers: [], body: { total: 90 } } })
  })
})
