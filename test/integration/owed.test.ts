/** A sale is refunded after its points were spent elsewhere: that they are owed, and paid by what is earned next, is said (R6). */
import { expect, it } from 'vitest'
import { POINTS } from '#core/ledger/asset.ts'
import { layout } from '#core/receipt/layout.ts'
import { meta } from '#main/counter/meta.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, loseServer, memberWith, paperOf, points, refundAt } from '#test/support/at-the-counter.ts'
import type { CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop } from '#test/support/shop.ts'

it('at every counter and on the paper, until it is paid', async () => {
  const shop = await startShop({ counters: 2 })
  const { one, two } = shop
  const member = await memberWith(shop, POINTS, 10)
  const shown = async ({ screen }: CounterAtWork) => {
    const { total, owed } = (await screen.members.get({ member })).points
    return { total, owed }
  }
  const sale = await one.screen.checkout.pay(basket(9_000, { member }))
  await expectAgreement(shop)
  const { total } = await shown(two)
  await two.screen.checkout.pay(basket(total, { member, pay: [points(total)] }))
  await refundAt(one, sale.event)
  await expectAgreement(shop)
  const owed = sale.earned.points
  expect(owed).toBeGreaterThan(50)
  for (const counter of shop.counters) expect(await shown(counter)).toEqual({ total: 0, owed })

  await loseServer(shop, two)
  const offline = await two.screen.checkout.pay(basket(1_000, { member }))
  const earned = offline.earned.points
  expect(earned).toBeGreaterThan(0)
  expect(offline.member?.points).toMatchObject({ total: earned, owed })
  const paper = await paperOf(two, offline.event)
  expect(paper.balances).toMatchObject({ points: earned, owed })
  expect(JSON.stringify(layout(paper))).toContain(`尚欠 ${owed} 點`)
  await shop.startServer()
  await expectAgreement(shop)
  // So is one that joins now, with its first state.
  for (const counter of [...shop.counters, await shop.addCounter()])
    expect(await shown(counter)).toEqual({ total: 0, owed: owed - earned })

  // A program that knew nothing of it has pulled all that there was.
  const { owed: _unknown, ...point } = (await meta.syncPoint.read(two.db))!
  await two.db.deleteFrom('owed').execute()
  await two.db
    .updateTable('meta')
    .set({ value: JSON.stringify(point) })
    .where('key', '=', 'syncPoint')
    .execute()
  await two.restart()
  await two.signIn()
  await two.sync()
  expect(await shown(two)).toEqual({ total: 0, owed: owed - earned })

  const last = await two.screen.checkout.pay(basket(9_000, { member }))
  await expectAgreement(shop)
  const rest = last.earned.points - (owed - earned)
  for (const counter of shop.counters) expect(await shown(counter)).toEqual({ total: rest, owed: 0 })
})
