import { describe, expect, it } from 'vitest'
import { CouponTemplateId } from '#core/ids.ts'
import { programme } from '#test/support/programme.ts'
import { couponTemplate, Programme, tierOf, tierReached, topUpBonus } from './programme.ts'

describe('the programme', () => {
  it('survives being stored as text', () => {
    expect(Programme.parse(JSON.parse(JSON.stringify(programme)))).toEqual(programme)
  })

  it.each([
    ['no tier', { tiers: [] }],
    ['a sixth tier', { tiers: Array.from({ length: 6 }, () => programme.tiers[0]) }],
    ['a point worth nothing', { pointWorth: 0 }],
    ['half a dollar', { approvalAbove: 0.5 }],
    ['a bonus without a threshold', { topUp: { ...programme.topUp, bonuses: [{ from: 0, bonus: 5 }] } }],
  ])('refuses %s', (_, over) => {
    expect(Programme.safeParse({ ...programme, ...over }).success).toBe(false)
  })

  it('knows its coupons by id', () => {
    expect(couponTemplate(programme, CouponTemplateId.parse('third'))?.kind).toEqual({
      type: 'percentOff',
      percent: 33,
    })
    expect(couponTemplate(programme, CouponTemplateId.parse('gone'))).toBeUndefined()
  })

  it('gives a member of no known tier the first', () => {
    expect(tierOf(programme, 'gold').id).toBe('gold')
    expect(tierOf(programme, 'platinum').id).toBe('basic')
    expect(tierOf(programme, null).id).toBe('basic')
  })

  it.each([
    [0, 'basic'],
    [4_999, 'basic'],
    [5_000, 'silver'],
    [19_999, 'silver'],
    [20_000, 'gold'],
    [-1, 'basic'],
  ])('net spending of %i reaches %s', (spent, tier) => {
    expect(tierReached(programme, spent).id).toBe(tier)
  })
})

describe('topUpBonus', () => {
  it.each([
    [999, 0],
    [1_000, 50],
    [2_999, 50],
    [3_000, 250],
    [90_000, 250],
  ])('paying %i gives %i more', (paid, bonus) => {
    expect(topUpBonus(programme, paid)).toBe(bonus)
    const mixed = { ...programme, topUp: { ...programme.topUp, bonuses: programme.topUp.bonuses.toReversed() } }
    expect(topUpBonus(mixed, paid)).toBe(bonus)
  })
})
