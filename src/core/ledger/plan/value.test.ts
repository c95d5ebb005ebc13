import { describe, expect, it } from 'vitest'
import {
  COFFEE,
  contextOf,
  couponOf,
  eventId,
  holder,
  holding,
  lotId,
  memberId,
  part,
  programme,
  TWD,
  VALUE,
} from '#test/support/programme.ts'
import { BusinessDate } from '#core/ids.ts'
import { drawerOf, heldBy, issued, outsideCash, redeemed, revoked } from '#core/ledger/account.ts'
import { cashAsset, POINTS } from '#core/ledger/asset.ts'
import { planAdjustment, planCouponRedemption, planDebit, planTopUp } from './value.ts'

const context = contextOf(1)
const nobodyHolds = holding([])
const cash = (received: number, amount: number) => ({ amount, tender: 'cash' as const, received })

describe('planTopUp', () => {
  it('bears principal and bonus as lots of their own, and takes the cash', () => {
    const plan = planTopUp(context, cash(5_000, 3_000), nobodyHolds)
    expect(plan).toMatchObject({
      ok: true,
      value: {
        kind: 'value.toppedUp',
        body: {
          member: memberId(1),
          asset: VALUE,
          paid: 3_000,
          bonus: 250,
          tender: { kind: 'cash', amount: 3_000, received: 5_000, change: 2_000 },
        },
        lots: [
          { id: `${eventId(1)}.0`, quantity: 3_000, expiresOn: null, terms: { source: 'topUp', paid: 3_000 } },
          { id: `${eventId(1)}.1`, quantity: 250, expiresOn: '2026-05-21', terms: { source: 'bonus', paid: 0 } },
        ],
      },
    })
    const born = (n: number) => `lot:${eventId(1)}.${n}@${holder.terminal}.${holder.epoch}`
    expect(plan.ok && plan.value.transfers).toEqual([
      { asset: cashAsset(TWD), from: outsideCash(TWD), to: drawerOf(holder.terminal), amount: 3_000 },
      { asset: VALUE, from: issued(VALUE), to: born(0), amount: 3_000 },
      { asset: VALUE, from: issued(VALUE), to: born(1), amount: 250 },
    ])
  })

  it('bears no bonus lot without a bonus, and moves no cash for a card', () => {
    const plan = planTopUp(context, { amount: 500, tender: 'card', received: 0 }, nobodyHolds)
    expect(plan.ok && plan.value.lots).toHaveLength(1)
    expect(plan.ok && plan.value.transfers.map(({ asset }) => asset)).toEqual([VALUE])
  })

  it.each([
    ['an amount that is not offered', cash(600, 600), { code: 'amountNotAllowed', allowed: [500, 1_000, 3_000] }],
    ['nothing', cash(0, 0), { code: 'amountNotAllowed', allowed: [500, 1_000, 3_000] }],
    ['too little cash', cash(400, 500), { code: 'notPaidInFull', due: 500, paid: 400 }],
  ])('refuses %s', (_, topUp, refusal) => {
    expect(planTopUp(context, topUp, nobodyHolds)).toEqual({ ok: false, refusal })
  })

  it('takes any amount where the shop allows it, but never less than something', () => {
    const open = contextOf(1, { programme: { ...programme, topUp: { ...programme.topUp, ownAmounts: true } } })
    expect(planTopUp(open, cash(600, 600), nobodyHolds).ok).toBe(true)
    expect(planTopUp(open, cash(0, 0), nobodyHolds).ok).toBe(false)
  })
})

describe('planDebit', () => {
  it('takes stored value, the lot that ends first before the rest', () => {
    const bonus = part(2, VALUE, 100, { expiresOn: BusinessDate.parse('2026-01-01') })
    const plan = planDebit(context, { amount: 250, note: '外帶杯' }, holding([part(1, VALUE, 500), bonus]))
    expect(plan).toMatchObject({
      value: { kind: 'value.debited', body: { amount: 250, note: '外帶杯', asset: VALUE }, lots: [] },
    })
    expect(plan.ok && plan.value.transfers).toEqual([
      { asset: VALUE, from: heldBy(lotId(2), holder), to: redeemed(VALUE), amount: 100 },
      { asset: VALUE, from: heldBy(lotId(1), holder), to: redeemed(VALUE), amount: 150 },
    ])
  })

  it('refuses what is not there, and nothing', () => {
    const member = holding([part(1, VALUE, 249)])
    expect(planDebit(context, { amount: 250, note: '' }, member)).toMatchObject({
      refusal: { code: 'insufficient', wanted: 250 },
    })
    expect(planDebit(context, { amount: 0, note: '' }, member)).toMatchObject({ refusal: { code: 'amountNotAllowed' } })
  })
})

describe('planAdjustment', () => {
  const adjust = (over: object, member = nobodyHolds) =>
    planAdjustment(context, { asset: POINTS, direction: 'grant', amount: 30, note: '補登', ...over }, member)

  it('grants points that end as points do', () => {
    expect(adjust({})).toMatchObject({
      value: {
        kind: 'member.adjusted',
        body: { asset: POINTS, direction: 'grant', amount: 30, note: '補登' },
        lots: [{ quantity: 30, expiresOn: '2026-11-22', terms: { source: 'manual', paid: 0 } }],
      },
    })
  })

  it('grants stamps that end as their card says', () => {
    expect(adjust({ asset: COFFEE, amount: 2 })).toMatchObject({
      value: { lots: [{ asset: COFFEE, quantity: 2, expiresOn: '2026-02-20' }] },
    })
  })

  it('takes points back out of the ledger', () => {
    const plan = adjust({ direction: 'deduct' }, holding([part(1, POINTS, 40)]))
    expect(plan.ok && plan.value.transfers).toEqual([
      { asset: POINTS, from: heldBy(lotId(1), holder), to: revoked(POINTS), amount: 30 },
    ])
  })

  it.each([
    ['nothing', { amount: 0 }, 'amountNotAllowed'],
    ['money', { asset: VALUE }, 'amountNotAllowed'],
    ['a coupon', { asset: couponOf('third'), amount: 1 }, 'amountNotAllowed'],
    ['more than is in hand', { direction: 'deduct', amount: 41 }, 'insufficient'],
  ])('refuses %s', (_, over, code) => {
    expect(adjust(over, holding([part(1, POINTS, 40)]))).toMatchObject({ ok: false, refusal: { code } })
  })
})

describe('planCouponRedemption', () => {
  it('redeems one coupon by itself', () => {
    const gift = couponOf('free-latte')
    expect(planCouponRedemption(context, lotId(1), '', holding([part(1, gift, 1)]))).toEqual({
      ok: true,
      value: {
        kind: 'coupon.redeemed',
        body: { member: memberId(1), lot: lotId(1), asset: gift, note: '' },
        lots: [],
        transfers: [{ asset: gift, from: heldBy(lotId(1), holder), to: redeemed(gift), amount: 1 }],
      },
    })
  })

  it('refuses one that is not here, and one that has ended', () => {
    const ended = part(1, couponOf('free-latte'), 1, { expiresOn: BusinessDate.parse('2025-11-21') })
    const code = (lot: number) => planCouponRedemption(context, lotId(lot), '', holding([ended]))
    expect(code(1)).toMatchObject({ refusal: { code: 'couponExpired' } })
    expect(code(2)).toMatchObject({ refusal: { code: 'couponUnavailable' } })
  })

  it('refuses one that asks for some spending', () => {
    const redeemed = planCouponRedemption(context, lotId(1), '', holding([part(1, couponOf('fifty-off'), 1)]))
    const refusal = { code: 'couponNotApplicable', lot: lotId(1), reason: 'minimumSpend', needed: 500 }
    expect(redeemed).toEqual({ ok: false, refusal })
  })
})
