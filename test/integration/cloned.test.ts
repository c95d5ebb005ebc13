/** R11 with real files: a counter's disk that is cloned, also where the server is put back from yesterday's copy (R12). */
import { describe, expect, it } from 'vitest'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, drawer, memberWith, refundAt, refusalOf, value, valueOf } from '#test/support/at-the-counter.ts'
import { freshId } from '#test/support/counter-at-work.ts'
import { eventsAtServer, startShop } from '#test/support/shop.ts'

describe('a cloned disk', () => {
  it('R11: is found out, sells on for cash, and is put right by a restore', async () => {
    const shop = await startShop()
    const { one } = shop
    const member = await memberWith(shop, 'value:TWD', 500)
    await one.sync()
    const clone = await one.clone()
    await clone.start()
    await clone.signIn()
    await one.screen.checkout.pay(basket(100, { member }))
    await one.sync()
    const sold = await clone.screen.checkout.pay(basket(70))
    const profile = { name: '雙生', phone: '0987000001', birthday: null, email: '', address: '' }
    const { id: nobody } = await clone.screen.members.enrol({ id: freshId(), ...profile })
    await clone.engine.sync.once()
    expect(await clone.screen.status.get()).toMatchObject({ online: true, frozen: 'forked' })
    expect(await refusalOf(clone.screen.checkout.pay(basket(50, { member, pay: [value(50)] })))).toMatchObject({
      code: 'insufficient',
    })
    // Whom the server will never know is enrolled anew when they come again.
    expect(await refusalOf(clone.screen.members.get({ member: nobody }))).toMatchObject({ code: 'memberUnknown' })
    expect(await clone.screen.members.find({ query: '雙生' })).toEqual([])
    const more = await clone.screen.checkout.pay(basket(80))
    expect(more.total).toBe(80)
    const aside = shop.server.database.db.selectFrom('quarantine').select('text').where('reason', '=', 'forked')
    await expect.poll(async () => (await aside.execute()).some(({ text }) => text.includes(sold.event))).toBe(true)
    await one.stop()
    await shop.stopServer()
    await clone.restart()
    expect(await clone.screen.status.get()).toMatchObject({ online: false, frozen: 'forked' })
    await clone.putBack(clone.file)
    expect(await clone.screen.status.get()).toMatchObject({ online: false, frozen: null })
    await clone.stop()
    await shop.startServer()
    await one.putBack(one.file)
    await expectAgreement(shop)
    expect(await one.screen.status.get()).toMatchObject({ online: true, frozen: null })
  })
})

describe('a sale to whom a twin has enrolled', () => {
  it('R11: is paid back where it was paid, though the server will never know them', async () => {
    const { one } = await startShop()
    await one.sync()
    const clone = await one.clone()
    await clone.start()
    await clone.signIn()
    await one.screen.checkout.pay(basket(100))
    await one.sync()
    const profile = { name: '雙生', phone: '0987000001', birthday: null, email: '', address: '' }
    const { id: member } = await clone.screen.members.enrol({ id: freshId(), ...profile })
    const sold = await clone.screen.checkout.pay(basket(70, { member }))
    await clone.engine.sync.once()
    expect(await clone.screen.status.get()).toMatchObject({ frozen: 'forked' })
    const before = await drawer(clone)
    const back = await refundAt(clone, sold.event)
    expect(back.total).toBe(70)
    expect(await drawer(clone)).toBe(before - 70)
  })
})

describe('a cloned disk at a server put back from yesterday', () => {
  it('R11, R12: takes no state that counts what the other disk wrote as its own', async () => {
    const shop = await startShop()
    const { one } = shop
    await shop.backUpServer()
    await shop.startServer()
    await one.screen.checkout.pay(basket(90))
    for (let round = 0; round < 2; round += 1) await one.sync()
    const clone = await one.clone()
    for (const price of [100, 110]) await one.screen.checkout.pay(basket(price))
    await one.sync()
    await shop.putServerBack()
    await one.sync()
    await one.stop()
    await clone.start()
    await clone.engine.sync.once()
    expect(await clone.screen.status.get()).toMatchObject({ online: true, frozen: 'forked', unsynced: 0 })
    expect(clone.engine.counter.ack()).toBeLessThanOrEqual(clone.engine.counter.ledger.head())
  })

  it('R11, R12: is found out at a sale too, and all that it wrote is kept', async () => {
    const shop = await startShop()
    const { one } = shop
    const member = await memberWith(shop, 'value:TWD', 1_000)
    for (let round = 0; round < 2; round += 1) await one.sync()
    await shop.backUpServer()
    const clone = await one.clone()
    await one.screen.checkout.pay(basket(90))
    await one.stop()
    await shop.startServer()
    await clone.start()
    await clone.signIn()
    const sold = []
    for (const price of [100, 110, 120]) sold.push((await clone.screen.checkout.pay(basket(price))).event)
    await clone.sync()
    await clone.sync()
    await shop.putServerBack()
    await one.start()
    await one.sync()
    await one.stop()
    sold.push((await clone.screen.checkout.pay(basket(80))).event)
    const total = await valueOf(clone, member)
    const more = clone.screen.checkout.pay(basket(total, { member, pay: [value(total)] }))
    // The first to hear of it may be this sale.
    expect((await refusalOf(more)).code).toMatch(/^(frozen|insufficient)$/)
    expect(await eventsAtServer(shop, sold)).toBe(0)
    const aside = await shop.server.database.db.selectFrom('quarantine').select(['text', 'reason']).execute()
    for (const event of sold) expect(aside.find(({ text }) => text.includes(event))).toMatchObject({ reason: 'forked' })
  })
})

describe('a copy restored before it was ever heard', () => {
  it('R11: has all that it wrote kept, though the other disk has filled those places', async () => {
    const shop = await startShop()
    const { one } = shop
    await one.sync()
    const clone = await one.clone()
    for (const price of [100, 110, 120]) await one.screen.checkout.pay(basket(price))
    await one.sync()
    await one.stop()
    await shop.stopServer()
    await clone.start()
    await clone.signIn()
    const sold = await clone.screen.checkout.pay(basket(70))
    await clone.stop()
    await shop.startServer()
    await clone.putBack(clone.file)
    const aside = () =>
      shop.server.database.db.selectFrom('quarantine').select('text').where('reason', '=', 'forked').execute()
    await expect.poll(async () => (await aside()).some(({ text }) => text.includes(sold.event))).toBe(true)
  })
})
