/** R9 with real counters: what the store lends while the server is away, and what becomes of it. */
import { expect, it, onTestFinished, vi } from 'vitest'
import { Amount, type MemberId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { floorFor } from '#main/counter/floor.ts'
import { loanLines } from '#server/ledger/loans.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, given, memberWith, paperOf, points, refusalOf } from '#test/support/at-the-counter.ts'
import { freshId, type CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop, type Shop } from '#test/support/shop.ts'

const panel = (counter: CounterAtWork, member: MemberId) => counter.screen.members.get({ member })

/** A counter that knows the server is away, and a member of whose points none is here; and another counter. */
async function away(): Promise<{ shop: Shop; one: CounterAtWork; member: MemberId; total: number }> {
  const shop = await startShop()
  const { one } = shop
  const member = await memberWith(shop, 'points', 60)
  const { total } = (await panel(one, member)).points
  await shop.stopServer()
  await one.engine.sync.once()
  return { shop, one, member, total }
}

/** What is asked under this path gets no answer: it does not arrive, or the answer is lost. */
function cutLine(path: string, when: 'before' | 'after') {
  const { fetch: real } = globalThis
  const line = vi.spyOn(globalThis, 'fetch').mockImplementation(async (request, init) => {
    const isCut = (request instanceof Request ? request.url : String(request)).endsWith(path)
    if (isCut && when === 'before') throw new TypeError('the line broke')
    const response = await real(request, init)
    if (isCut) throw new TypeError('the line broke')
    return response
  })
  onTestFinished(() => line.mockRestore())
  return line
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
  expect(await paperOf(one, sale.event)).toMatchObject({ lent: { points: 30, value: 0 } })

  await shop.startServer()
  await expectAgreement(shop)
  expect(await loans(shop)).toEqual([{ reason: 'floor', amount: 30, repaid: 30 }])
  expect((await panel(one, member)).points.total).toBe(total - 30)
})

it('lends no more than the member is known to have, and shows what it has lent as spent', async () => {
  const { shop, one, member, total } = await away()
  await shop.startServer()
  const two = await shop.addCounter()
  await two.screen.checkout.pay(basket(total - 30, { member, pay: [points(total - 30)] }))
  await expectAgreement(shop)
  await shop.stopServer()
  await one.engine.sync.once()
  expect((await panel(one, member)).points).toMatchObject({ total: 30, reachable: 30 })
  const sale = await one.screen.checkout.pay(basket(30, { member, pay: [points(30)] }))
  expect(sale.lent).toEqual({ points: 30, value: 0 })
  expect(sale.member?.points).toMatchObject({ total: 0, reachable: 0, elsewhere: [] })
  expect(await paperOf(one, sale.event)).toMatchObject({ balances: { points: 0 } })
  const more = basket(20, { member, pay: [points(20)] })
  expect(await refusalOf(one.screen.checkout.pay(more))).toMatchObject({ code: 'insufficient', total: 0 })

  // The other counter has kept its share: what it holds pays for nothing, and stays the member's.
  await shop.startServer()
  await expectAgreement(shop)
  const [loan] = await loans(shop)
  expect((await panel(one, member)).points.total).toBe(30 - (loan?.repaid ?? 0))
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

/** Puts the counter back from what it has; it hears what there is, and the line breaks before it can say what it did. */
async function putBack(shop: Shop, counter: CounterAtWork): Promise<void> {
  await counter.putBack(counter.file)
  const line = cutLine('/push', 'before')
  await shop.startServer()
  expect(await counter.engine.sync.once()).toBe(false)
  await shop.stopServer()
  line.mockRestore()
}

it('R11: what it lent before it was put back counts until the server has heard of it, and no longer', async () => {
  const { shop, one, member, total } = await away()
  const lend = async (count: number) =>
    one.screen.checkout.pay(await given(one, basket(count, { member, pay: [points(count)] })))
  const reachable = async () => (await panel(one, member)).points.reachable
  await lend(30)
  await putBack(shop, one)
  expect(await reachable()).toBe(20)
  expect(await refusalOf(lend(21))).toMatchObject({ code: 'insufficient' })
  expect((await lend(15)).lent).toEqual({ points: 15, value: 0 })
  await putBack(shop, one)
  expect(await reachable()).toBe(5)

  await shop.startServer()
  await expectAgreement(shop)
  await shop.stopServer()
  await one.engine.sync.once()
  expect((await lend(10)).lent).toEqual({ points: 10, value: 0 })
  await putBack(shop, one)
  expect(await reachable()).toBe(40)
  await shop.startServer()
  await expectAgreement(shop)
  expect((await panel(one, member)).points.total).toBe(total - 30 - 15 - 10)
})

it('what it lent today counts all day, put back or not', async () => {
  const { shop, one, member } = await away()
  await one.screen.checkout.pay(basket(30, { member, pay: [points(30)] }))
  await shop.startServer()
  await expectAgreement(shop)
  await shop.stopServer()
  await putBack(shop, one)
  const { counter } = one.engine
  const known = counter.shop()
  const floorLimits = known.programme.floorLimits.map((limit) => ({ ...limit, perDay: Amount.parse(40) }))
  const strict = { ...counter, shop: () => ({ ...known, programme: { ...known.programme, floorLimits } }) }
  expect((await floorFor(strict, counter.db, [member]))?.left(POINTS)).toBe(10)
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
  const { one } = shop
  const member = await memberWith(shop, 'points', 60)
  // All that is left is asked for, so that nothing of it is free when the sale comes.
  const before = (await panel(one, member)).points.total
  await one.screen.checkout.pay(basket(before - 40, { member, pay: [points(before - 40)] }))
  await one.sync()
  expect((await panel(one, member)).points.total).toBe(40)
  const line = cutLine('/acquire', 'after')
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
