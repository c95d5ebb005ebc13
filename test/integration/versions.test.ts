/** Counter and server of different ages: the counter says so, goes on selling, and what it sells gets through. */
import { expect, it } from 'vitest'
import { PROTOCOL } from '#core/contract/sync.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, memberWith, refusalOf, value } from '#test/support/at-the-counter.ts'
import { startShop } from '#test/support/shop.ts'

it.each([
  ['outdatedCounter', PROTOCOL + 1],
  ['outdatedServer', PROTOCOL - 1],
])('%s: sales go on and get through', async (reason, protocol) => {
  const shop = await startShop({ counters: 2 })
  const { one } = shop
  const member = await memberWith(shop, 'value:TWD', 300)
  await shop.stopServer()
  await shop.startServer({ protocols: { oldest: protocol, newest: protocol } })

  expect(await one.engine.sync.once()).toBe(true)
  expect(await one.screen.status.get()).toMatchObject({ online: true, frozen: reason })
  const refused = await refusalOf(one.screen.checkout.pay(basket(200, { member, pay: [value(200)] })))
  expect(refused).toMatchObject({ code: 'insufficient' })
  const { event } = await one.screen.checkout.pay(basket(600, { member }))
  await one.engine.sync.once()
  expect(one.engine.unsynced()).toBe(0)
  const { db } = shop.server.database
  expect(await db.selectFrom('event').select('id').where('id', '=', event).execute()).toHaveLength(1)
  // R4: what was earned goes home with it, but for points, of which it may keep a share.
  const earned = db.selectFrom('lot').select(['asset', 'free']).where('id', 'like', `${event}%`).orderBy('asset')
  expect(await earned.execute()).toEqual([
    { asset: 'points', free: 0 },
    { asset: 'stamp:coffee', free: 1 },
  ])

  await shop.stopServer()
  await shop.startServer()
  await expectAgreement(shop)
  expect(await one.screen.status.get()).toMatchObject({ online: true, frozen: null })
  await one.screen.checkout.pay(basket(200, { member, pay: [value(200)] }))
  await expectAgreement(shop)
})
