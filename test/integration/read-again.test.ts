/** A counter that was updated before its server: what it writes meanwhile is put aside, and stands once the server can read it. */
import { expect, it } from 'vitest'
import { EVENT_VERSION } from '#core/ledger/event-version.ts'
import { Amount } from '#core/ids.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, memberWith, points, value } from '#test/support/at-the-counter.ts'
import { freshId } from '#test/support/counter-at-work.ts'
import { startShop, type Shop } from '#test/support/shop.ts'

const open = ({ server }: Shop) =>
  server.database.db.selectFrom('quarantine').select('reason').where('resolved_by', 'is', null).execute()

it('has its members, sales and top-ups once the server is updated too, each once', { timeout: 60_000 }, async () => {
  const shop = await startShop({ counters: 2 })
  const { one, two } = shop
  const member = await memberWith(shop, 'value:TWD', 300)
  await expectAgreement(shop)
  await shop.stopServer()
  await shop.startServer({ eventVersion: EVENT_VERSION - 1 })
  await one.sync()

  const profile = { name: '高美玲', phone: '0955123123', birthday: null, email: '', address: '' }
  const { id: fresh } = await one.screen.members.enrol({ id: freshId(), ...profile })
  const release = one.engine.sync.hold(fresh)
  await one.screen.checkout.pay(basket(1_000, { member: fresh }))
  const amount = Amount.parse(1_000)
  await one.screen.value.topUp({ id: freshId(), member: fresh, amount, tender: 'card', received: Amount.parse(0) })
  await one.screen.checkout.pay(basket(400, { member: fresh, pay: [value(400)] }))
  const { total } = (await one.screen.members.get({ member: fresh })).storedValue
  release()
  await one.screen.checkout.pay(basket(200, { member, pay: [value(200)] }))
  const undone = await one.screen.checkout.pay(basket(300, { member }))
  await one.sync()
  await one.screen.transactions.refund({ id: freshId(), event: undone.event, reason: '', approval: null })
  await one.sync()
  expect(one.engine.unsynced()).toBe(0)
  expect((await open(shop)).length).toBeGreaterThan(6)
  expect((await one.screen.status.get()).quarantined).toBeGreaterThan(6)
  await two.sync()
  expect(await two.screen.members.find({ query: profile.phone })).toEqual([])

  await shop.stopServer()
  await shop.startServer()
  await expect.poll(() => open(shop), { timeout: 30_000 }).toEqual([])
  await expectAgreement(shop)
  expect((await one.screen.status.get()).quarantined).toBe(0)
  const [found] = await two.screen.members.find({ query: profile.phone })
  expect(found).toMatchObject({ id: fresh, name: profile.name })
  expect((await two.screen.members.get({ member: fresh })).storedValue.total).toBe(total)
  await two.screen.checkout.pay(basket(100, { member: fresh, pay: [value(100)] }))
  await expectAgreement(shop)
})

it('a member’s points can be used again and again though no grant is seen to have come', async () => {
  const shop = await startShop()
  const { one } = shop
  const member = await memberWith(shop, 'points', 180)
  await expectAgreement(shop)
  await shop.stopServer()
  await shop.startServer({ eventVersion: EVENT_VERSION - 1 })
  await one.sync()
  const { total } = (await one.screen.members.get({ member })).points
  for (const price of [60, 80, 40]) await one.screen.checkout.pay(basket(price, { member, pay: [points(price)] }))
  await shop.stopServer()
  await shop.startServer()
  await expect.poll(() => open(shop), { timeout: 30_000 }).toEqual([])
  await expectAgreement(shop)
  expect((await one.screen.members.get({ member })).points.total).toBe(total - 180)
})

it('what a server has put aside that was put back from a backup since, and updated, is not said to be aside for ever', async () => {
  const shop = await startShop()
  const { one } = shop
  await expectAgreement(shop)
  await shop.backUpServer()
  await shop.startServer({ eventVersion: EVENT_VERSION - 1 })
  await one.sync()
  await one.screen.checkout.pay(basket(300))
  await one.sync()
  await one.sync()
  expect((await one.screen.status.get()).quarantined).toBeGreaterThan(0)
  await shop.putServerBack()
  await one.sync()
  await expectAgreement(shop)
  expect(await open(shop)).toEqual([])
  expect((await one.screen.status.get()).quarantined).toBe(0)
})

it('what a server puts aside that was put back with an older program is said to be aside', async () => {
  const shop = await startShop()
  const { one } = shop
  await expectAgreement(shop)
  await shop.backUpServer()
  await shop.startServer()
  await one.screen.checkout.pay(basket(300))
  await one.sync()
  await shop.putServerBack({ eventVersion: EVENT_VERSION - 1 })
  for (const _round of [1, 2]) await one.sync()
  expect((await open(shop)).length).toBeGreaterThan(0)
  expect((await one.screen.status.get()).quarantined).toBe((await open(shop)).length)
})
