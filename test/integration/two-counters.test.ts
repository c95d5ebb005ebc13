/** Two counters of one shop: what one holds the other cannot spend, and what one does the other sees. */
import { describe, expect, it } from 'vitest'
import { Amount } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, cash, memberWith, points, refundAt, refusalOf, value } from '#test/support/at-the-counter.ts'
import { freshId } from '#test/support/counter-at-work.ts'
import { startShop } from '#test/support/shop.ts'

/** Who holds on will not answer a recall: to wait for it long would only bring a busy machine near the asker's own patience. */
const twoCounters = () => startShop({ counters: 2, recallWaitMs: 100 })

describe('what Counter 2 holds', () => {
  it('cannot be spent at Counter 1, which says where it is; and can be once it is back', async () => {
    const shop = await twoCounters()
    const { one, two } = shop
    const member = await memberWith(shop, 'value:TWD', 600)
    const all = (await one.screen.members.get({ member })).storedValue.total
    const release = two.engine.sync.hold(member)
    await refusalOf(two.screen.checkout.pay(basket(900, { member, pay: [value(400)] })))
    await one.sync()
    const seen = (await one.screen.members.get({ member })).storedValue
    expect(seen).toMatchObject({
      total: all,
      usableHere: all - 400,
      elsewhere: [{ counter: 'Counter 2', amount: 400 }],
    })

    const refused = await refusalOf(one.screen.checkout.pay(basket(all, { member, pay: [value(all)] })))
    expect(refused).toEqual({
      code: 'insufficient',
      asset: 'value:TWD',
      wanted: all,
      usableHere: all - 400,
      total: all,
      elsewhere: [{ counter: 'Counter 2', amount: 400 }],
      offline: false,
    })
    await one.screen.checkout.pay(basket(100, { member, pay: [value(100)] }))
    await two.screen.checkout.pay(basket(400, { member, pay: [value(400)] }))
    release()
    await expectAgreement(shop)
    const left = all - 500
    expect((await one.screen.members.get({ member })).storedValue).toMatchObject({
      total: left,
      usableHere: left,
      elsewhere: [],
    })
    if (left > 0) await two.screen.checkout.pay(basket(left, { member, pay: [value(left)] }))
    await expectAgreement(shop)
  })

  it('of a coupon: named with its counter', async () => {
    const shop = await twoCounters()
    const { one, two } = shop
    const member = await memberWith(shop, 'coupon:welcome-50')
    const coupon = (await one.screen.members.get({ member })).coupons.find(({ template }) => template === 'welcome-50')
    if (!coupon?.code) throw new Error('the member has no such coupon')
    const release = two.engine.sync.hold(member)
    await refusalOf(two.screen.checkout.pay(basket(100, { member, coupons: [coupon.lot] })))
    await one.sync()
    const redeem = () => one.screen.checkout.pay(basket(300, { member, coupons: [coupon.lot], pay: [cash(250)] }))
    const held = [{ counter: 'Counter 2', amount: 1 }]
    expect(await refusalOf(redeem())).toEqual({
      code: 'couponUnavailable',
      lot: coupon.lot,
      elsewhere: held,
      offline: false,
    })
    const shown = (await one.screen.members.get({ member })).coupons.find(({ lot }) => lot === coupon.lot)
    expect(shown).toMatchObject({ usableHere: false, elsewhere: held })
    await shop.stopServer()
    await one.engine.sync.once()
    expect(await refusalOf(redeem())).toMatchObject({ code: 'couponUnavailable', elsewhere: held, offline: true })
    await shop.startServer()
    await one.sync()
    release()
    await two.sync()
    expect(await redeem()).toMatchObject({ total: 250 })
    await expectAgreement(shop)
  })

  it('of a top-up: named with its counter where it cannot be refunded without the server', async () => {
    const shop = await twoCounters()
    const { one, two } = shop
    const member = await memberWith(shop, 'value:TWD', 100)
    const all = (await one.screen.members.get({ member })).storedValue.total
    await one.screen.checkout.pay(basket(all, { member, pay: [value(all)] }))
    const amounts = { amount: Amount.parse(1_000), received: Amount.parse(1_000) }
    const { event } = await one.screen.value.topUp({ id: freshId(), member, tender: 'cash', ...amounts })
    await expectAgreement(shop)
    const release = two.engine.sync.hold(member)
    await refusalOf(two.screen.checkout.pay(basket(900, { member, pay: [value(400)] })))
    await one.sync()
    await shop.stopServer()
    await one.engine.sync.once()
    expect(await refusalOf(refundAt(one, event))).toMatchObject({
      code: 'valueNotHere',
      elsewhere: [{ counter: 'Counter 2', amount: 400 }],
      offline: true,
    })
    release()
    await shop.startServer()
    await expectAgreement(shop)
  })

  it('and both at once for the last of it: one is served', async () => {
    const shop = await twoCounters()
    const { one, two } = shop
    const member = await memberWith(shop, POINTS, 80)
    for (let round = 0; round < 4; round += 1) {
      const all = (await one.screen.members.get({ member })).points.total
      const sale = () => basket(all, { member, pay: [points(all)] })
      const settled = await Promise.allSettled([one.screen.checkout.pay(sale()), two.screen.checkout.pay(sale())])
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      await expectAgreement(shop)
      expect((await one.screen.members.get({ member })).points.total).toBe(0)
      await one.screen.checkout.pay(basket(9_000, { member }))
      await expectAgreement(shop)
    }
  })
})

describe('news', () => {
  it('comes by the live stream: a sale, a new member, the welcome gift', async () => {
    const shop = await twoCounters()
    const { one, two } = shop
    const member = await memberWith(shop, POINTS, 10)
    const { earned } = await one.screen.checkout.pay(basket(1_000, { member }))
    const before = (await two.screen.members.get({ member })).points.total
    expect(earned.points).toBeGreaterThan(0)
    const pointsAtTwo = async () => (await two.screen.members.get({ member })).points
    await expect.poll(async () => (await pointsAtTwo()).reachable, { timeout: 20_000 }).toBe(before + earned.points)

    const profile = { name: '司馬相如', phone: '0900000921', birthday: null, email: '', address: '' }
    const { id, card } = await two.screen.members.enrol({ id: freshId(), ...profile })
    const found = async () => (await one.screen.members.find({ query: '0900000921' })).map((one) => one.id)
    await expect.poll(found, { timeout: 20_000 }).toEqual([id])
    const gift = async () => (await one.screen.members.get({ member: id })).coupons.length
    await expect.poll(gift, { timeout: 20_000 }).toBe(1)
    expect((await one.screen.members.find({ query: card })).map(({ name }) => name)).toEqual(['司馬相如'])
    await expectAgreement(shop)
  })

  it('reaches the screens: the status says that there is something to look at again', async () => {
    const shop = await twoCounters()
    const { one, two } = shop
    const member = await memberWith(shop, POINTS, 10)
    const watching = new AbortController()
    const seen: number[] = []
    const watch = (async () => {
      for await (const told of await two.screen.watch(undefined, { signal: watching.signal }))
        if (told.about === 'status') seen.push(told.status.dataVersion)
    })().catch(() => undefined)
    await expect.poll(() => seen.length, { timeout: 20_000 }).toBeGreaterThan(0)
    const at = seen.at(-1) ?? 0
    await one.screen.checkout.pay(basket(500, { member }))
    await expect.poll(() => seen.at(-1), { timeout: 20_000 }).toBeGreaterThan(at)
    watching.abort()
    await watch
  })
})
