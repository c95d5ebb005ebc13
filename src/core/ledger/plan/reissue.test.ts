import { describe, expect, it } from 'vitest'
import {
  contextOf,
  couponOf,
  eventId,
  holder,
  holding,
  line,
  lotId,
  lotOf,
  memberId,
  part,
  programme,
  reversibleOf,
  VALUE,
} from '#test/support/programme.ts'
import { Amount, BusinessDate, CouponCode, CouponTemplateId } from '#core/ids.ts'
import { heldBy, issued } from '#core/ledger/account.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { planCheckout } from './checkout.ts'
import { planDebit, planTopUp } from './value.ts'
import { endedOnReturn, planReissue, reissuedLot, reissueId, spentBy } from './reissue.ts'

const byLot = (a: { lot: string }, b: { lot: string }) => (a.lot < b.lot ? -1 : 1)
const day = (text: string) => BusinessDate.parse(text)
const hundredOff = CouponTemplateId.parse('hundred-off')
const ended = { lot: lotOf(1, couponOf('hundred-off'), { expiresOn: day('2025-11-22') }), amount: 1, name: '折 100' }

describe('spentBy', () => {
  const member = holding([
    part(1, POINTS, 30, { expiresOn: day('2025-11-23') }),
    part(2, POINTS, 100),
    part(3, couponOf('hundred-off'), 1),
    part(4, VALUE, 500),
  ])

  it('is what a sale took of each lot, and a coupon under the name it was sold under', () => {
    const tenders = [
      { kind: 'points' as const, points: 50 },
      { kind: 'cash' as const, received: 300 },
    ]
    const cart = { lines: [line(400)], coupons: [lotId(3)], tenders, note: '' }
    const named = { ...programme, coupons: programme.coupons.map((one) => ({ ...one, name: `昨天的 ${one.id}` })) }
    const sale = reversibleOf(planCheckout(contextOf(1, { programme: named }), cart, member, () => ''))
    expect(spentBy(sale, programme).toSorted(byLot)).toEqual([
      { lot: lotId(1), amount: 30, name: '' },
      { lot: lotId(2), amount: 20, name: '' },
      { lot: lotId(3), amount: 1, name: '昨天的 hundred-off' },
    ])
  })

  it('is the stored value of a debit, and nothing of a top-up', () => {
    const debit = reversibleOf(planDebit(contextOf(1), { amount: 200, note: '' }, member))
    expect(spentBy(debit, programme)).toEqual([{ lot: lotId(4), amount: 200, name: '' }])
    const topUp = reversibleOf(planTopUp(contextOf(1), { amount: 500, tender: 'cash', received: 500 }, member))
    expect(spentBy(topUp, programme)).toEqual([])
  })
})

describe('endedOnReturn', () => {
  const lots = [ended.lot, lotOf(2, couponOf('third')), lotOf(3, POINTS, { expiresOn: day('2025-01-01') })]
  const back = [
    { lot: lotId(1), amount: 1, name: '折 100' },
    { lot: lotId(2), amount: 1, name: '三分之一' },
    { lot: lotId(3), amount: 30, name: '' },
    { lot: lotId(4), amount: 1, name: '這裡不知道' },
  ]

  it('is all that had ended by the day of the refund', () => {
    expect(endedOnReturn(back, day('2025-11-23'), lots)).toEqual([ended, { lot: lots[2], amount: 30, name: '' }])
  })

  it('leaves out what could still be used on that day', () => {
    expect(endedOnReturn(back, day('2025-11-22'), lots)).toEqual([{ lot: lots[2], amount: 30, name: '' }])
  })
})

describe('reissueId', () => {
  it('is the same for the same refund and lot, and another for any other', () => {
    const id = reissueId(eventId(1), lotId(1))
    expect(id).toBe(reissueId(eventId(1), lotId(1)))
    expect(id).toMatch(/^.{8}-.{4}-8.{3}-8.{3}-.{12}$/)
    expect(new Set([id, reissueId(eventId(2), lotId(1)), reissueId(eventId(1), lotId(2))]).size).toBe(3)
    expect(reissuedLot(id)).toBe(`${id}.0`)
  })
})

describe('planReissue', () => {
  const given = { code: CouponCode.parse('ABCDEFGH12'), note: '退款 7 號' }
  const id = reissueId(eventId(1), lotId(1))

  it('gives one coupon, born in the counter’s keeping, that ends as its template says today', () => {
    const asset = couponOf('hundred-off')
    expect(planReissue(contextOf(9, { event: id }), memberId(1), ended, given)).toEqual({
      ok: true,
      value: {
        kind: 'member.adjusted',
        body: { member: memberId(1), asset, direction: 'grant', amount: 1, note: '退款 7 號' },
        lots: [
          {
            id: reissuedLot(id),
            member: memberId(1),
            asset,
            quantity: 1,
            issuedAt: contextOf(9).now,
            expiresOn: '2025-12-22',
            terms: { source: 'manual', paid: 0 },
            code: 'ABCDEFGH12',
          },
        ],
        transfers: [{ asset, from: issued(asset), to: heldBy(reissuedLot(id), holder), amount: 1 }],
      },
    })
  })

  it.each([
    ['points', POINTS, 'sale', '2026-11-22'],
    ['stored value that was paid for', VALUE, 'topUp', null],
    ['stored value that was a bonus', VALUE, 'bonus', '2026-05-21'],
  ] as const)('gives as much %s, that ends as such are given today', (_, asset, source, expiresOn) => {
    const lot = lotOf(1, asset, {
      quantity: 90,
      expiresOn: day('2025-11-01'),
      terms: { source, paid: Amount.parse(0) },
    })
    expect(planReissue(contextOf(9, { event: id }), memberId(1), { lot, amount: 40, name: '' }, given)).toMatchObject({
      value: {
        body: { asset, direction: 'grant', amount: 40 },
        lots: [{ asset, quantity: 40, expiresOn, terms: { source: 'manual' }, code: null }],
      },
    })
  })

  it('refuses what the programme has no more', () => {
    const coupons = programme.coupons.filter((one) => one.id !== hundredOff)
    const context = contextOf(9, { event: id, programme: { ...programme, coupons } })
    expect(planReissue(context, memberId(1), ended, given)).toEqual({
      ok: false,
      refusal: { code: 'couponWithdrawn', name: '折 100' },
    })
  })
})
