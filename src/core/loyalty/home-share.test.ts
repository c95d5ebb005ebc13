import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Amount, BusinessDate, LotId, MemberId } from '#core/ids.ts'
import { Asset, POINTS } from '#core/ledger/asset.ts'
import { policiesFor, shareKept, shareWanted, type Stake } from './home-share.ts'
import type { HomeShare } from './programme.ts'

const TODAY = BusinessDate.parse('2026-03-10')
const points: HomeShare = { asset: 'points', percent: 50, cap: 200, recentDays: 30, overnight: true }
const value: HomeShare = { asset: 'value', percent: 20, cap: 500, recentDays: 7, overnight: false }
const POLICIES = [points, value]

const uuid = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`

function stake(n: number, own: number, free: number, over: { asset?: string; expiresOn?: string } = {}): Stake {
  const lot = {
    id: LotId.parse(`${uuid(n)}.0`),
    member: MemberId.parse(uuid(999)),
    asset: Asset.parse(over.asset ?? POINTS),
    quantity: Math.max(1, own + free),
    issuedAt: n,
    expiresOn: over.expiresOn === undefined ? null : BusinessDate.parse(over.expiresOn),
    terms: { source: 'sale' as const, paid: Amount.parse(0) },
    code: null,
  }
  return { lot, own, free }
}

const amounts = (parts: readonly { amount: number }[]) => parts.map(({ amount }) => amount)
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

describe('R8 home share', () => {
  it('is a share of what is here and free, floored, and never above the cap', () => {
    expect(amounts(shareWanted(POLICIES, [stake(1, 0, 101)], TODAY))).toEqual([50])
    expect(amounts(shareWanted(POLICIES, [stake(1, 20, 81)], TODAY))).toEqual([30])
    expect(amounts(shareWanted(POLICIES, [stake(1, 0, 9_999)], TODAY))).toEqual([200])
    expect(shareWanted(POLICIES, [stake(1, 60, 41)], TODAY)).toEqual([])
  })

  it('takes and keeps what is used first', () => {
    const stakes = [stake(1, 0, 30), stake(2, 0, 30, { expiresOn: '2026-04-01' })]
    expect(shareWanted(POLICIES, stakes, TODAY).map(({ lot }) => lot.issuedAt)).toEqual([2])
    const own = [stake(1, 30, 0), stake(2, 30, 0, { expiresOn: '2026-04-01' })]
    expect(shareKept(POLICIES, own, TODAY).map(({ lot, amount }) => [lot.issuedAt, amount])).toEqual([[2, 30]])
  })

  it('keeps nothing that has ended, and nothing that no policy names', () => {
    expect(shareKept(POLICIES, [stake(1, 40, 0, { expiresOn: '2026-03-09' })], TODAY)).toEqual([])
    expect(shareKept(POLICIES, [stake(1, 4, 0, { asset: 'stamp:coffee' })], TODAY)).toEqual([])
    expect(shareWanted([], [stake(1, 0, 100)], TODAY)).toEqual([])
  })

  it('holds for recent visitors, and overnight only where the policy says so', () => {
    const last = BusinessDate.parse('2026-03-05')
    expect(policiesFor(POLICIES, { last, dayOpen: true }, TODAY)).toEqual([points, value])
    expect(policiesFor(POLICIES, { last, dayOpen: false }, TODAY)).toEqual([points])
    const longAgo = BusinessDate.parse('2026-02-20')
    expect(policiesFor(POLICIES, { last: longAgo, dayOpen: true }, TODAY)).toEqual([points])
  })

  it('grants what would be kept: a granted share is neither asked for again nor handed back', () => {
    const some = fc.array(fc.record({ own: fc.nat(300), free: fc.nat(300) }), { maxLength: 6 })
    fc.assert(
      fc.property(some, (lots) => {
        const stakes = lots.map(({ own, free }, n) => stake(n, own, free))
        const got = new Map(shareWanted(POLICIES, stakes, TODAY).map(({ lot, amount }) => [lot.id, amount]))
        const after = stakes.map(({ lot, own, free }) => {
          const part = got.get(lot.id) ?? 0
          return { lot, own: own + part, free: free - part }
        })
        expect(shareWanted(POLICIES, after, TODAY)).toEqual([])
        const own = sum(after.map((one) => one.own))
        const kept = sum(amounts(shareKept(POLICIES, after, TODAY)))
        const all = sum(after.map((one) => one.own + one.free))
        expect(kept).toBe(Math.min(own, 200, Math.floor(all / 2)))
      }),
    )
  })
})
