/** R9 with real counters: what the store lends while the server is away, and what becomes of it. */
import { expect, it, onTestFinished, vi } from 'vitest'
import type { MemberId } from '#core/ids.ts'
import { loanLines } from '#server/ledger/loans.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, memberWith, points, refusalOf } from '#test/support/at-the-counter.ts'
import { freshId, startShop, type CounterAtWork, type Shop } from '#test/support/shop.ts'

const panel = (counter: CounterAtWork, member: MemberId) => counter.screen.members.get({ member })

/** A counter that knows the server is away, and a member of whose points none is here; and another counter. */
async function away(): Promise<{ shop: Shop; one: CounterAtWork; member: MemberId; total: number }> {
  const shop = await startShop()
  const [one] = shop.counters
  if (!one) throw new Error('there is no counter')
  const member = await memberWith(shop, 'points', 60)
  const { total } = (await panel(one, member)).points
  await shop.stopServer()
  await one.engine.sync.once()
  return { shop, one, member, total }
}

const loans = (shop: Shop) =>
  shop.server.database.db.selectFrom('loan').select(['reason', 'amount', 'repaid']).execute()

it('lends within its limits, says so, and is paid back by what the member has', async () => {
  const { shop, one, member, total } = await away()
  expect((await panel(one, member)).points).toMatchObject({ inHand: 0, usableHere: 0, reachable: 50 })
  const sale = await one.screen.checkout.pay(basket(30, { member, pay: [points(30)] }))
  expect(sale.lent).toEqual({ points: 30, value: 0 })
  expect((await panel(one, member)).points.reachable).toBe(20)
  expect(await refusalOf(one.screen.checkout.pay(basket(25, { member, pay: [points(25)] })))).toMatchObject({
    code: 'insufficient',
  })
  const job = await one.db.selectFrom('print_job').select('document').orderBy('created_at', 'desc').executeTakeFirst()
  expect(JSON.parse(job?.document ?? '{}')).toMatchObject({ lent: { points: 30, value: 0 } })

  await shop.startServer()
  await expectAgreement(shop)
  expect(await loans(shop)).toEqual([{ reason: 'floor', amount: 30, repaid: 30 }])
  expect((await panel(one, member)).points.total).toBe(total - 30)
})

it('keeps what nothing covers as the store’s own loss, on its list', async () => {
  const { shop, one, member, total } = await away()
  await one.screen.checkout.pay(basket(50, { member, pay: [points(50)] }))
  // Another counter is faster: all is spent before the first one is heard.
  await one.stop()
  await shop.startServer()
  const two = await shop.addCounter()
  await two.screen.checkout.pay(basket(total, { member, pay: [points(total)] }))
  await two.sync()
  await one.start()
  await one.sync()
  expect(await loans(shop)).toEqual([{ reason: 'floor', amount: 50, repaid: 0 }])
  expect(await loanLines(shop.server.database.db)).toEqual([expect.stringMatching(/\tfloor\ts1\t50\tpoints\t/)])
  await expectAgreement(shop)
  expect((await panel(two, member)).points.total).toBe(0)
})

it.each(['before', 'after'])('a refund %s it has synced leaves the member and the store as they were', async (when) => {
  const { shop, one, member, total } = await away()
  const { event } = await one.screen.checkout.pay(basket(40, { member, pay: [points(40)] }))
  if (when === 'after') {
    await shop.startServer()
    await expectAgreement(shop)
  }
  await one.signIn('chen')
  const refund = { event, reason: '客人改變主意', approval: null }
  await one.screen.transactions.refund({ id: freshId(), ...refund })
  if (when === 'before') await shop.startServer()
  await expectAgreement(shop)
  const { amount, repaid } = (await loans(shop))[0] ?? { amount: 0, repaid: -1 }
  expect(repaid).toBe(amount)
  const risk = shop.server.database.db.selectFrom('balance').select('amount').where('account', 'like', 'risk:%')
  expect((await risk.execute()).every((row) => row.amount === 0)).toBe(true)
  expect((await panel(one, member)).points.total).toBe(total)
})

it('is paid back by a grant whose answer was lost, and undone with its sale', async () => {
  const shop = await startShop()
  const [one] = shop.counters
  if (!one) throw new Error('there is no counter')
  const member = await memberWith(shop, 'points', 60)
  // All that is left is asked for, so that nothing of it is free when the sale comes.
  const before = (await panel(one, member)).points.total
  await one.screen.checkout.pay(basket(before - 40, { member, pay: [points(before - 40)] }))
  await one.sync()
  expect((await panel(one, member)).points.total).toBe(40)
  const { fetch: real } = globalThis
  const line = vi.spyOn(globalThis, 'fetch').mockImplementation(async (request, init) => {
    const response = await real(request, init)
    const url = request instanceof Request ? request.url : String(request)
    if (url.endsWith('/acquire')) throw new TypeError('the line broke')
    return response
  })
  onTestFinished(() => line.mockRestore())
  const { event, lent } = await one.screen.checkout.pay(basket(40, { member, pay: [points(40)] }))
  // Half is here as home share; the rest was granted, but this counter does not know.
  expect(lent).toEqual({ points: 20, value: 0 })
  line.mockRestore()
  await expectAgreement(shop)
  expect(await loans(shop)).toEqual([{ reason: 'floor', amount: 20, repaid: 20 }])
  expect((await panel(one, member)).points.total).toBe(0)

  await one.signIn('chen')
  await one.screen.transactions.refund({ id: freshId(), event, reason: '客人改變主意', approval: null })
  await expectAgreement(shop)
  expect((await panel(one, member)).points.total).toBe(40)
  const risk = shop.server.database.db.selectFrom('balance').select('amount').where('account', 'like', 'risk:%')
  expect((await risk.execute()).every((row) => row.amount === 0)).toBe(true)
})
