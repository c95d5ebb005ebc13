import { expect, it } from 'vitest'
import { Amount } from '#core/ids.ts'
import { POINTS, type Asset } from '#core/ledger/asset.ts'
import { couponOf, lotId, VALUE } from '#test/support/programme.ts'
import { endedSums } from './ended.ts'

it('what ended is spoken of in one sum for points and for stored value, and coupon by coupon', () => {
  const one = (n: number, asset: Asset, amount: number, name = '') => ({
    lot: lotId(n),
    asset,
    amount: Amount.parse(amount),
    name,
  })
  const latte = couponOf('free-latte')
  const views = [
    one(1, POINTS, 17),
    one(2, latte, 1, '拿鐵'),
    one(3, VALUE, 300),
    one(4, POINTS, 13),
    one(5, latte, 1, '拿鐵'),
  ]
  expect(endedSums(views)).toEqual([
    { asset: POINTS, amount: 30, name: '', lots: [lotId(1), lotId(4)] },
    { asset: latte, amount: 1, name: '拿鐵', lots: [lotId(2)] },
    { asset: VALUE, amount: 300, name: '', lots: [lotId(3)] },
    { asset: latte, amount: 1, name: '拿鐵', lots: [lotId(5)] },
  ])
})
