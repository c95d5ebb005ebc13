/** On a slow line a cashier waits for each question that is asked: an acquire asks no more than it must (R2). */
import { expect, it, onTestFinished, vi } from 'vitest'
import { SYNC_PREFIX } from '#core/contract/sync.ts'
import { MEMBER_UNKNOWN } from '#core/contract/sync-rows.ts'
import { basket, memberWith, value } from '#test/support/at-the-counter.ts'
import { SERVER_FAULT, serverFault } from '#test/support/server-fault.ts'
import { startShop } from '#test/support/shop.ts'

it('R12: whom an own event waits for is told in rounds, whatever the server says to it, and before no acquire', async () => {
  const shop = await startShop({ counters: 1 })
  const { one } = shop
  const member = await memberWith(shop, 'value:TWD', 600)
  const { event } = await one.screen.checkout.pay(basket(100, { member }))
  await one.sync()
  await one.db
    .insertInto('outcome')
    .values({ event_id: event, status: 'waiting', reason: MEMBER_UNKNOWN, seq: 0 })
    .execute()

  const really = globalThis.fetch
  const answered = Promise.withResolvers<null>()
  let told = 0
  const line = vi.spyOn(globalThis, 'fetch').mockImplementation(async (to, init) => {
    const request = new Request(to, init)
    const tells = request.url.endsWith(`${SYNC_PREFIX}/push`) && (await request.clone().text()).includes('"known":[{')
    if (!tells) return really(request)
    told += 1
    await answered.promise
    return serverFault()
  })
  onTestFinished(() => {
    answered.resolve(null)
    line.mockRestore()
  })

  await one.screen.checkout.pay(basket(600, { member, pay: [value(600)] }))
  answered.resolve(null)
  expect(await one.engine.sync.once()).toBe(true)
  expect(told).toBeGreaterThan(0)
  expect(one.errors).toContainEqual(expect.objectContaining(SERVER_FAULT))
})
