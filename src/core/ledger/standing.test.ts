import { describe, expect, it } from 'vitest'
import { contextOf, eventId, holding, line, memberId, part, programme } from '#test/support/programme.ts'
import { POINTS } from './asset.ts'
import { EventContent } from './event-body.ts'
import { planCheckout } from './plan/checkout.ts'
import { standingAfter, standingTogether, tierGained } from './standing.ts'

/** So much sold to the first member, of which so many points pay a part. */
function sale(total: number, points = 0): EventContent {
  const tenders = [
    { kind: 'points', points } as const,
    { kind: 'card', amount: total - points * (programme.pointWorth ?? 0) } as const,
  ]
  const checkout = { lines: [line(total)], coupons: [], tenders, note: '' }
  const plan = planCheckout(contextOf(1), checkout, holding(points > 0 ? [part(1, POINTS, points)] : []), () => '')
  if (!plan.ok) throw new Error(plan.refusal.code)
  return plan.value
}

const refund = (total: number): EventContent =>
  EventContent.parse({
    kind: 'sale.refunded',
    body: {
      reverses: eventId(1),
      mode: 'consequence',
      receipt: { number: 2, code: 'R2' },
      member: memberId(1),
      tenders: [{ kind: 'card', amount: total }],
      total,
      reason: '',
    },
  })

describe('standingAfter', () => {
  it('counts what was paid, and nothing that points stood for', () => {
    expect(standingAfter(programme, { spent: 100, tier: 'basic' }, sale(400, 50))).toEqual({
      spent: 400,
      tier: 'basic',
    })
  })

  it('gains a tier and never loses it; nobody has spent less than nothing', () => {
    const silver = standingAfter(programme, { spent: 4_980, tier: 'basic' }, sale(20))
    expect(silver).toEqual({ spent: 5_000, tier: 'silver' })
    expect(standingAfter(programme, silver, refund(5_020))).toEqual({ spent: 0, tier: 'silver' })
    expect(standingAfter(programme, { spent: 0, tier: 'gold' }, sale(6_000)).tier).toBe('gold')
  })
})

describe('standingTogether', () => {
  it('is all that was spent, and the best tier of any', () => {
    const all = [
      { spent: 300, tier: 'silver' },
      { spent: 9_000, tier: 'basic' },
    ]
    expect(standingTogether(programme, all)).toEqual({ spent: 9_300, tier: 'silver' })
    expect(standingTogether(programme, [{ spent: 7, tier: 'platinum' }]).tier).toBe('platinum')
  })
})

describe('tierGained', () => {
  it.each([
    ['basic', 5_000, 'silver'],
    ['basic', 4_999, null],
    ['basic', 20_000, 'gold'],
    ['silver', 0, null],
  ])('from %s with %i spent: %s', (present, spent, gained) => {
    expect(tierGained(programme, present, spent)).toBe(gained)
  })
})
