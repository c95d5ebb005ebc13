import { describe, expect, it } from 'vitest'
import { CouponTemplateId, StampCardId } from '#core/ids.ts'
import {
  Asset,
  assetKind,
  cashAsset,
  couponAsset,
  couponTemplateOf,
  Currency,
  POINTS,
  stampAsset,
  stampCardOf,
  valueAsset,
} from './asset.ts'

const TWD = Currency.parse('TWD')
const card = StampCardId.parse('coffee-2')
const template = CouponTemplateId.parse('free-latte')

describe('assets', () => {
  it.each([
    [POINTS, 'points', 'points'],
    [stampAsset(card), 'stamp:coffee-2', 'stamp'],
    [couponAsset(template), 'coupon:free-latte', 'coupon'],
    [valueAsset(TWD), 'value:TWD', 'value'],
    [cashAsset(TWD), 'cash:TWD', 'cash'],
  ])('%s is written alike everywhere', (asset, text, kind) => {
    expect(asset).toBe(text)
    expect(assetKind(asset)).toBe(kind)
    expect(Asset.parse(text)).toBe(asset)
  })

  it.each([
    '',
    'point',
    'points:',
    'points:x',
    'stamp:',
    'stamp:Coffee',
    'stamp:-x',
    `stamp:${'x'.repeat(33)}`,
    'value:twd',
    'value:TWDX',
    'cash:',
    'coupon:a b',
    'gold:1',
    'points\n',
  ])('%j is none', (text) => {
    expect(Asset.safeParse(text).success).toBe(false)
  })

  it('names what a stamp or a coupon is of, and nothing else', () => {
    expect(stampCardOf(stampAsset(card))).toBe(card)
    expect(couponTemplateOf(couponAsset(template))).toBe(template)
    expect([POINTS, valueAsset(TWD), couponAsset(template)].map(stampCardOf)).toEqual([null, null, null])
    expect([POINTS, valueAsset(TWD), stampAsset(card)].map(couponTemplateOf)).toEqual([null, null, null])
  })
})
