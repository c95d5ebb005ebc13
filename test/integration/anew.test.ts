/** R12: a server put back from a copy forgets, and its counters, which take its state anew, with it. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Amount, StaffId } from '#core/ids.ts'
import { demoShop } from '#server/demo/shop.ts'
import { applyShop } from '#server/shop/apply.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, memberWith } from '#test/support/at-the-counter.ts'
import { shopWith } from '#test/support/restored-shop.ts'
import type { Shop } from '#test/support/shop.ts'

async function keepAs(shop: Shop, name: string): Promise<void> {
  await shop.stopServer()
  cpSync(join(shop.dir, 'server.sqlite'), join(shop.dir, name))
  await shop.startServer()
}

async function putBack(shop: Shop, name: string): Promise<void> {
  await shop.stopServer()
  cpSync(join(shop.dir, name), join(shop.dir, 'server.sqlite'))
  await shop.startServer()
}

const earning = (points: number) => {
  const { programme } = demoShop
  const tiers = programme.tiers.map((tier) => ({ ...tier, earn: { ...tier.earn, points: Amount.parse(points) } }))
  return { ...demoShop, programme: { ...programme, tiers } }
}

it('a counter sells by the programme that the shop has then, not by a later one that the server has forgotten', async () => {
  const { shop, one } = await shopWith(1)
  await expectAgreement(shop)
  await keepAs(shop, 'yesterday')
  for (const points of [50, 100]) {
    await applyShop(shop.server.database, earning(points))
    await one.sync()
  }
  await putBack(shop, 'yesterday')
  await one.sync()
  await expectAgreement(shop)
  await applyShop(shop.server.database, earning(3))
  await one.sync()
  const member = await memberWith(shop, 'value:TWD')
  const sale = await one.screen.checkout.pay(basket(100, { member }))
  expect(sale.earned.points).toBe(3)
})

it('a counter sells no product, and takes nobody for staff, that the server has forgotten', async () => {
  const { shop, one } = await shopWith(1)
  await expectAgreement(shop)
  await keepAs(shop, 'yesterday')
  const known = () => {
    const { products, staff } = one.engine.counter.shop()
    return [[...products.keys()].toSorted(), staff.map(({ id }) => id)]
  }
  const before = known()
  const [product] = demoShop.products
  const [person] = demoShop.staff
  if (!product || !person) throw new Error('the demo shop has neither')
  const products = [...demoShop.products, { ...product, code: '4006381333931' }]
  const staff = [...demoShop.staff, { ...person, id: StaffId.parse('new') }]
  await applyShop(shop.server.database, { ...demoShop, products, staff })
  await one.sync()
  expect(known()).not.toEqual(before)
  await putBack(shop, 'yesterday')
  await one.sync()
  expect(known()).toEqual(before)
})
