/** What a cashier is told of the member with each command is what the member's panel says when it is asked for. */
import { expect, it } from 'vitest'
import { Amount } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { basket, card, loseServer, memberWith, points, value } from '#test/support/at-the-counter.ts'
import { freshId } from '#test/support/counter-at-work.ts'
import { startShop } from '#test/support/shop.ts'

it('tells the same of a member as their panel, used-up lots and undone sales included', async () => {
  const shop = await startShop()
  const { screen } = shop.one
  const member = await memberWith(shop, 'value:TWD', 600)
  await loseServer(shop, shop.one)
  const asPanel = async (done: Awaited<ReturnType<typeof screen.checkout.pay>>) => {
    expect(done.member).toEqual(await screen.members.get({ member }))
    return done
  }

  const { earned } = await asPanel(await screen.checkout.pay(basket(1_000, { member, pay: [card(1_000)] })))
  const all = earned.points
  const spent = await asPanel(await screen.checkout.pay(basket(all, { member, pay: [points(all)] })))
  const undone = await asPanel(
    await screen.transactions.refund({ id: freshId(), event: spent.event, reason: '', approval: null }),
  )
  expect(undone.member?.points.usableHere).toBe(all)
  const zero = Amount.parse(0)
  await asPanel(
    await screen.value.topUp({ id: freshId(), member, amount: Amount.parse(1_000), tender: 'card', received: zero }),
  )
  await asPanel(await screen.checkout.pay(basket(300, { member, pay: [value(300)] })))
  const debit = { id: freshId(), member, amount: Amount.parse(200), note: '', approval: null }
  await asPanel(await screen.value.debit(debit))
  const adjust = { id: freshId(), member, asset: POINTS, direction: 'deduct', note: '補', approval: null } as const
  await asPanel(await screen.points.adjust({ ...adjust, amount: Amount.parse(1) }))
})
