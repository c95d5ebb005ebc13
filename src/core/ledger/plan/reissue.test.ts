import { describe, expect, it } from 'vitest'
import { contextOf, couponOf, eventId, holder, lotId, lotOf, memberId, programme } from '#test/support/programme.ts'
import { Amount, BusinessDate, CouponCode, CouponTemplateId } from '#core/ids.ts'
import { heldBy, issued } from '#core/ledger/account.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { expiredOnReturn, planReissue, reissuedLot, reissueId } from './reissue.ts'

const day = (text: string) => BusinessDate.parse(text)
const hundredOff = CouponTemplateId.parse('hundred-off')
const expired = { lot: lotId(1), template: hundredOff, name: '折 100' }

describe('expiredOnReturn', () => {
  const discount = (n: number, name: string) => ({ lot: lotId(n), name, amount: Amount.parse(100) })
  const lots = [
    lotOf(1, couponOf('hundred-off'), { expiresOn: day('2025-11-22') }),
    lotOf(2, couponOf('third')),
    lotOf(3, POINTS, { expiresOn: day('2025-01-01') }),
  ]
  const discounts = [discount(1, '折 100'), discount(2, '三分之一'), discount(3, '不是券'), discount(4, '這裡不知道')]

  it('is every coupon that had ended by the day of the refund', () => {
    expect(expiredOnReturn(discounts, day('2025-11-23'), lots)).toEqual([expired])
  })

  it('leaves out what could still be used on that day', () => {
    expect(expiredOnReturn(discounts, day('2025-11-22'), lots)).toEqual([])
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
    expect(planReissue(contextOf(9, { event: id }), memberId(1), expired, given)).toEqual({
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

  it('refuses what the programme has no more', () => {
    const coupons = programme.coupons.filter((one) => one.id !== hundredOff)
    const context = contextOf(9, { event: id, programme: { ...programme, coupons } })
    expect(planReissue(context, memberId(1), expired, given)).toEqual({
      ok: false,
      refusal: { code: 'couponWithdrawn', name: '折 100' },
    })
  })
})
