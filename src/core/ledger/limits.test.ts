import { describe, expect, it } from 'vitest'
import { holder, lotId, memberId, VALUE } from '#test/support/programme.ts'
import { freeOf, heldBy, issued, type Account } from './account.ts'
import { POINTS, type Asset } from './asset.ts'
import { isTooLarge, LARGEST, MOST_EARNED } from './limits.ts'

const lot = lotId(1)

/** Whether an event is that moves these amounts. */
const withTransfers = (asset: Asset, from: Account, ...amounts: number[]) =>
  isTooLarge({
    body: { member: memberId(1), asset, direction: 'grant', amount: 1, note: '.' },
    transfers: amounts.map((amount) => ({ asset, from, to: heldBy(lot, holder), amount })),
  })

describe('isTooLarge', () => {
  it('bounds what is brought in, at once or in parts', () => {
    expect(withTransfers(POINTS, issued(POINTS), MOST_EARNED)).toBe(false)
    expect(withTransfers(POINTS, issued(POINTS), MOST_EARNED + 1)).toBe(true)
    expect(withTransfers(POINTS, issued(POINTS), MOST_EARNED, 1)).toBe(true)
  })

  it('bounds money by what money can be', () => {
    expect(withTransfers(VALUE, issued(VALUE), MOST_EARNED + 1)).toBe(false)
    expect(withTransfers(VALUE, issued(VALUE), LARGEST, 1)).toBe(true)
  })

  it('lets out of lots what was in them', () => {
    expect(withTransfers(POINTS, freeOf(lot), MOST_EARNED, MOST_EARNED)).toBe(false)
    expect(withTransfers(POINTS, freeOf(lot), LARGEST + 1)).toBe(true)
  })
})
