/** The same phone enrolled at two counters that were offline (R10): one member in the end, and nothing of either is lost. */
import { expect, it } from 'vitest'
import { Amount } from '#core/ids.ts'
import { formatMemberCard } from '#core/scan/code.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, card, points, value } from '#test/support/at-the-counter.ts'
import { freshId } from '#test/support/counter-at-work.ts'
import { startShop } from '#test/support/shop.ts'

const PHONE = '0900000977'
const profile = (name: string) => ({ id: freshId(), name, phone: PHONE, birthday: null, email: '', address: '' })

it('both cards, the phone and either name find one panel; each counter goes on with what it knows', async () => {
  const shop = await startShop({ counters: 2 })
  const { one, two } = shop
  await shop.stopServer()
  const older = await one.screen.members.enrol(profile('王小明'))
  const younger = await two.screen.members.enrol(profile('王曉明'))
  expect(older.id < younger.id).toBe(true)
  const earnedAtOne = (await one.screen.checkout.pay(basket(3_000, { member: older.id, pay: [card(3_000)] }))).earned
  const topUp = { amount: Amount.parse(1_000), tender: 'card', received: Amount.parse(0) } as const
  await two.screen.value.topUp({ id: freshId(), member: younger.id, ...topUp })
  await two.screen.checkout.pay(basket(400, { member: younger.id, pay: [value(400)] }))

  await shop.startServer()
  await one.sync()
  await two.sync()
  // The first has not heard that its member has another name yet, and sells on.
  const unheard = await one.screen.checkout.pay(basket(2_000, { member: older.id, pay: [card(2_000)] }))
  await expectAgreement(shop)

  for (const counter of shop.counters) {
    const panel = await counter.screen.members.get({ member: younger.id })
    expect(panel).toMatchObject({ id: older.id, name: '王小明', card: older.card, mergedCards: [younger.card] })
    expect(panel.storedValue).toMatchObject({ total: 650, reachable: 650 })
    expect(panel.recent.map(({ total }) => total).toSorted((a, b) => a - b)).toEqual([400, 2_000, 3_000])
    expect(panel.coupons).toHaveLength(1)
    for (const query of [PHONE, older.card, younger.card, '王小明', '王曉明']) {
      expect((await counter.screen.members.find({ query })).map(({ id }) => id)).toEqual([older.id])
    }
    for (const { card: number } of [older, younger]) {
      const scanned = await counter.screen.scan({ text: formatMemberCard(number) })
      expect(scanned).toMatchObject({ kind: 'member', member: { id: older.id } })
    }
  }

  const held = (await one.screen.members.get({ member: older.id })).points.total
  expect(held).toBeGreaterThanOrEqual(earnedAtOne.points + unheard.earned.points)
  // A screen that still shows the younger one pays with what both have.
  const paid = await two.screen.checkout.pay(
    basket(650 + held, { member: younger.id, pay: [value(650), points(held)] }),
  )
  expect(paid.member).toMatchObject({ id: older.id, storedValue: { total: 0 } })
  await expectAgreement(shop)

  await shop.stopServer()
  await one.screen.checkout.pay(basket(500, { member: younger.id, pay: [card(500)] }))
  await two.screen.checkout.pay(basket(600, { member: older.id, pay: [card(600)] }))
  await shop.startServer()
  await expectAgreement(shop)
  const rows = await shop.server.database.db
    .selectFrom('member')
    .select(['id', 'root', 'spent'])
    .where('phone', '=', PHONE)
    .orderBy('id')
    .execute()
  // Points as a tender are no spending.
  expect(rows).toEqual([
    { id: older.id, root: null, spent: 3_000 + 400 + 2_000 + 650 + 500 + 600 },
    { id: younger.id, root: older.id, spent: 0 },
  ])
})
