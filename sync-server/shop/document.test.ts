/** What a shop's document may say, and how it is told what it may not. */
import { expect, it } from 'vitest'
import { z } from 'zod'
import { demoShop } from '#server/demo/shop.ts'
import { ShopDocument } from './document.ts'

const { programme, stores, staff, products } = demoShop
const [tier, ...higher] = programme.tiers

/** Each fault's place and words. */
function faultsOf(change: object): string[] {
  const read = ShopDocument.safeParse({ ...demoShop, ...change })
  return (read.error?.issues ?? []).map(({ path, message }) => `${z.core.toDotPath(path)}: ${message}`)
}
const ofProgramme = (change: object) => faultsOf({ programme: { ...programme, ...change } })

it('refuses a document that says what it does not know', () => {
  expect(faultsOf({})).toEqual([])
  expect(faultsOf({ tills: 3 })).toEqual([expect.stringContaining('tills')])
})

it('refuses a time zone that no clock has', () => {
  expect(faultsOf({ stores: [{ ...stores[0], zone: 'Asia/Tapei' }] })).toEqual([
    'stores[0].zone: no time zone is called "Asia/Tapei" (one is Asia/Taipei)',
  ])
})

it('refuses a reward and a welcome that are no coupon of the programme, and says which', () => {
  expect(ofProgramme({ welcome: { points: 0, coupons: ['nothing'] } })).toEqual([
    'programme.welcome.coupons[0]: no coupon of the programme has the id "nothing"',
  ])
  expect(ofProgramme({ stampCards: [{ ...programme.stampCards[0], reward: 'free-late' }] })).toEqual([
    'programme.stampCards[0].reward: no coupon of the programme has the id "free-late"',
  ])
})

it('refuses tiers that do not go up', () => {
  expect(ofProgramme({ tiers: [tier, { ...tier, id: 'other' }] })).toEqual([
    'programme.tiers[1].spendToReach: "other" (0) must need more than "regular" (0) before it',
  ])
  expect(ofProgramme({ tiers: [...higher, tier] })).toEqual([
    expect.stringContaining(`programme.tiers[${higher.length}].spendToReach`),
  ])
})

it('refuses two of one id', () => {
  const twice = <T>(list: readonly T[]) => [...list, list[0]]
  const faults = [
    ...faultsOf({ stores: twice(stores) }),
    ...faultsOf({ staff: twice(staff) }),
    ...faultsOf({ products: twice(products) }),
    ...ofProgramme({ coupons: twice(programme.coupons) }),
    ...ofProgramme({ stampCards: twice(programme.stampCards) }),
  ]
  expect(faults).toEqual([
    `stores[${stores.length}].id: "${stores[0]?.id}" is there already`,
    `staff[${staff.length}].id: "${staff[0]?.id}" is there already`,
    `products[${products.length}].code: "${products[0]?.code}" is there already`,
    `programme.coupons[${programme.coupons.length}].id: "${programme.coupons[0]?.id}" is there already`,
    `programme.stampCards[${programme.stampCards.length}].id: "${programme.stampCards[0]?.id}" is there already`,
  ])
})
