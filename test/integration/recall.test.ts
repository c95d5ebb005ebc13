/** R7 and R8: what one counter keeps for its visitors serves them offline, and comes back when another counter needs it. */
import { describe, expect, it, vi } from 'vitest'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, memberWith, points, refusalOf, value } from '#test/support/at-the-counter.ts'
import type { CounterAtWork } from '#test/support/counter-at-work.ts'
import { SERVER_FAULT, serverFault } from '#test/support/server-fault.ts'
import { startShop } from '#test/support/shop.ts'

const panel = (counter: CounterAtWork, member: Parameters<CounterAtWork['screen']['members']['get']>[0]['member']) =>
  counter.screen.members.get({ member })

describe('R8: home share', () => {
  it('serves a visitor while the server is away, and no further', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const member = await memberWith(shop, 'value:TWD', 1_000)
    await one.screen.checkout.pay(basket(100, { member }))
    await expectAgreement(shop)
    const { inHand } = (await panel(one, member)).storedValue
    expect(inHand).toBeGreaterThan(0)
    expect((await panel(two, member)).storedValue.inHand).toBe(0)

    await shop.stopServer()
    await one.engine.sync.once()
    await two.engine.sync.once()
    expect((await panel(one, member)).storedValue).toMatchObject({ usableHere: inHand, reachable: inHand })
    await one.screen.checkout.pay(basket(inHand, { member, pay: [value(inHand)] }))
    expect(await refusalOf(one.screen.checkout.pay(basket(10, { member, pay: [value(10)] })))).toMatchObject({
      code: 'insufficient',
      usableHere: 0,
    })
    expect(await refusalOf(two.screen.checkout.pay(basket(10, { member, pay: [value(10)] })))).toMatchObject({
      code: 'insufficient',
    })
    await shop.startServer()
    await expectAgreement(shop)
  })

  it('is asked for again in the next round where the line broke under the question', async () => {
    const shop = await startShop({ counters: 2 })
    const { one } = shop
    const member = await memberWith(shop, 'value:TWD', 1_000)
    const really = globalThis.fetch
    const line = vi.spyOn(globalThis, 'fetch').mockImplementation((to, init) => {
      const request = new Request(to, init)
      return request.url.endsWith('/share') ? Promise.reject(new TypeError('fetch failed')) : really(request)
    })
    await one.screen.checkout.pay(basket(100, { member }))
    expect(await one.engine.sync.once()).toBe(false)
    line.mockRestore()
    await expectAgreement(shop)
    expect((await panel(one, member)).storedValue.inHand).toBeGreaterThan(0)
  })

  it('that the server fails to give keeps nobody from being online, and is not asked for again at once', async () => {
    const shop = await startShop({ counters: 1 })
    const { one } = shop
    const really = globalThis.fetch
    let asked = 0
    const line = vi.spyOn(globalThis, 'fetch').mockImplementation((to, init) => {
      const request = new Request(to, init)
      if (!request.url.endsWith('/share')) return really(request)
      asked += 1
      return Promise.resolve(serverFault())
    })
    const member = await memberWith(shop, 'value:TWD', 1_000)
    await one.screen.checkout.pay(basket(100, { member }))
    const through = [await one.engine.sync.once(), await one.engine.sync.once()]
    const { online } = await one.screen.status.get()
    line.mockRestore()
    expect({ through, online, asked }).toEqual({ through: [true, true], online: true, asked: 1 })
    expect(one.errors).toEqual([expect.objectContaining(SERVER_FAULT)])
  })

  it('goes home at the day’s end, but for what the shop keeps overnight', async () => {
    const shop = await startShop({ counters: 2 })
    const { one } = shop
    const member = await memberWith(shop, 'value:TWD', 1_000)
    await one.screen.checkout.pay(basket(1_000, { member }))
    await expectAgreement(shop)
    const before = await panel(one, member)
    expect(before.storedValue.inHand).toBeGreaterThan(0)
    expect(before.points.inHand).toBeGreaterThan(0)

    expect(await refusalOf(one.screen.day.close())).toMatchObject({ code: 'approvalNeeded' })
    await one.signIn('chen')
    // Whoever comes last has not been asked after before.
    const last = await memberWith(shop, 'value:TWD', 1_000, 1)
    await one.screen.checkout.pay(basket(100, { member: last }))
    expect(await one.screen.day.close()).toEqual({ sent: true })
    expect((await panel(one, last)).storedValue.inHand).toBe(0)
    await expectAgreement(shop)
    const after = await panel(one, member)
    expect(after.storedValue.inHand).toBe(0)
    expect(after.points.inHand).toBe(before.points.inHand)
    expect(await one.screen.status.get()).toMatchObject({ dayOpen: false })

    // Closed is closed, whoever still comes in.
    await one.screen.checkout.pay(basket(50, { member }))
    await expectAgreement(shop)
    expect((await panel(one, member)).storedValue.inHand).toBe(0)

    await one.signIn('mei')
    expect(await refusalOf(one.screen.day.reopen())).toMatchObject({ code: 'approvalNeeded' })
    await one.signIn('chen')
    await one.screen.day.reopen()
    expect(await one.screen.status.get()).toMatchObject({ dayOpen: true })
    const next = await memberWith(shop, 'value:TWD', 1_000, 2)
    await one.screen.checkout.pay(basket(50, { member: next }))
    await expectAgreement(shop)
    expect((await panel(one, next)).storedValue.inHand).toBeGreaterThan(0)
  })
})

describe('R7: recall', () => {
  it('brings what another counter keeps within one checkout', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const member = await memberWith(shop, 'value:TWD', 1_000)
    await one.screen.checkout.pay(basket(100, { member }))
    await expectAgreement(shop)
    const { total, usableHere, reachable } = (await panel(two, member)).storedValue
    expect(usableHere).toBeLessThan(total)
    expect(reachable).toBe(total)
    expect(await two.screen.checkout.pay(basket(total, { member, pay: [value(total)] }))).toMatchObject({ total })
    await expectAgreement(shop)
    expect((await panel(one, member)).storedValue).toMatchObject({ total: 0, inHand: 0 })
    const { db } = shop.server.database
    const recalls = await db.selectFrom('recall').select('answered').execute()
    expect(recalls.length).toBeGreaterThan(0)
    expect(recalls.every(({ answered }) => answered === 1)).toBe(true)
    expect(await one.db.selectFrom('recall').select('id').execute()).toEqual([])
  })

  it('brings value and points at once, where another counter keeps of both', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const member = await memberWith(shop, 'value:TWD', 1_000)
    await one.screen.checkout.pay(basket(1_000, { member }))
    await expectAgreement(shop)
    const { storedValue, points: held } = await panel(two, member)
    expect([storedValue.usableHere < storedValue.total, held.usableHere < held.total]).toEqual([true, true])
    const pay = [value(storedValue.total), points(held.total)]
    const total = storedValue.total + held.total
    expect(await two.screen.checkout.pay(basket(total, { member, pay }))).toMatchObject({ total })
    await expectAgreement(shop)
  })

  it('says where the rest is when its counter is off, at once when asked again later; and it comes home when that is back', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const member = await memberWith(shop, 'value:TWD', 1_000)
    await one.screen.checkout.pay(basket(100, { member }))
    await expectAgreement(shop)
    const { inHand } = (await panel(one, member)).storedValue
    await one.stop()
    const { total } = (await panel(two, member)).storedValue
    const refused = await refusalOf(two.screen.checkout.pay(basket(total, { member, pay: [value(total)] })))
    expect(refused).toMatchObject({
      code: 'insufficient',
      offline: false,
      total,
      usableHere: total - inHand,
      elsewhere: [{ counter: 'Counter 1', amount: inHand }],
    })
    await one.start()
    await one.signIn()
    await expectAgreement(shop)
    expect((await panel(two, member)).storedValue).toMatchObject({ usableHere: total })
    await two.screen.checkout.pay(basket(total, { member, pay: [value(total)] }))
    await expectAgreement(shop)
  })

  it('two counters that want each other’s both get an answer, and nothing is spent twice', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const member = await memberWith(shop, 'value:TWD', 1_000)
    for (const counter of [one, two]) {
      await counter.screen.checkout.pay(basket(100, { member }))
      await counter.sync()
    }
    await expectAgreement(shop)
    const { total } = (await panel(one, member)).storedValue
    const all = (counter: CounterAtWork) => counter.screen.checkout.pay(basket(total, { member, pay: [value(total)] }))
    const settled = await Promise.allSettled([all(one), all(two)])
    const paid = settled.filter(({ status }) => status === 'fulfilled').length
    expect(paid).toBeLessThanOrEqual(1)
    await expectAgreement(shop)
    expect((await panel(one, member)).storedValue.total).toBe(paid === 1 ? 0 : total)
  })
})
