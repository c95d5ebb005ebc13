/** What a counter put back from a backup still knows of the epochs before (R5, R11). */
import { describe, expect, it } from 'vitest'
import type { Done } from '#core/contract/views.ts'
import { meta } from '#main/counter/meta.ts'
import { recentTransactions } from '#main/counter/refunds.ts'
import { restoreBackup } from '#main/restore/restore-backup.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, drawer, memberWith, refundAt, refusalOf, value } from '#test/support/at-the-counter.ts'
import { plansOf } from '#test/support/plans.ts'
import type { CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop } from '#test/support/shop.ts'

async function sell(counter: CounterAtWork, count: number): Promise<Done[]> {
  const sold: Done[] = []
  for (let n = 1; n <= count; n += 1) sold.push(await counter.screen.checkout.pay(basket(100 + n)))
  return sold
}

const recent = async ({ screen }: CounterAtWork) => (await screen.transactions.recent()).map(({ event }) => event)

describe('a sale of before the backup', () => {
  it.each(['here', 'elsewhere'])('R5: refunded %s since is paid out no second time', async (place) => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const [sale] = (await sell(one, 12)).slice(-1)
    if (!sale) throw new Error('nothing was sold')
    await one.sync()
    const copy = await one.copy()
    await refundAt(place === 'here' ? one : two, sale.event)
    await expectAgreement(shop)

    await one.putBack(copy)
    await one.sync()
    const cash = await drawer(one)
    expect(await one.screen.scan({ text: sale.receipt?.code ?? '' })).toMatchObject({
      transaction: { event: sale.event, reversed: true },
    })
    expect(await refusalOf(refundAt(one, sale.event))).toEqual({ code: 'alreadyReversed' })
    expect(await drawer(one)).toBe(cash)
    await expectAgreement(shop)
  })
})

describe('a visit of before the backup', () => {
  it('R11: is not among the latest once it was undone elsewhere since', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const member = await memberWith(shop, 'value:TWD', 600)
    await sell(one, 8)
    const sale = await one.screen.checkout.pay(basket(300, { member }))
    await one.sync()
    const copy = await one.copy()
    await refundAt(two, sale.event)
    await expectAgreement(shop)
    await one.putBack(copy)
    await expectAgreement(shop)
    for (const { screen } of [one, two]) expect((await screen.members.get({ member })).recent).toEqual([])
  })
})

describe('a counter put back twice from one backup', () => {
  it('R11: locks up nothing of what it held in between', async () => {
    const shop = await startShop()
    const { one } = shop
    const member = await memberWith(shop, 'value:TWD', 600)
    await one.sync()
    const copy = await one.copy()
    await one.putBack(copy)
    await one.sync()
    const release = one.engine.sync.hold(member)
    await refusalOf(one.screen.checkout.pay(basket(900, { member, pay: [value(300)] })))
    const held = async () => (await one.screen.members.get({ member })).storedValue
    const { inHand, total } = await held()
    expect(inHand).toBeGreaterThan(0)
    await one.sync()
    release()

    await one.putBack(copy)
    await one.sync()
    await expectAgreement(shop)
    expect(await held()).toMatchObject({ total, usableHere: total, elsewhere: [] })
    await one.screen.checkout.pay(basket(total, { member, pay: [value(total)] }))
    await expectAgreement(shop)
  })
})

describe('what is left of earlier epochs', () => {
  it('R11: counts as unsent for as long as it is', async () => {
    const shop = await startShop()
    const { one } = shop
    await one.sync()
    await shop.stopServer()
    await one.engine.sync.once()
    await sell(one, 5)
    const { unsynced } = await one.screen.status.get()
    expect(unsynced).toBeGreaterThanOrEqual(5)
    await one.putBack(await one.copy())
    await one.engine.sync.once()
    expect((await one.screen.status.get()).unsynced).toBe(unsynced + 1)
    await shop.startServer()
    await one.sync()
    await one.sync()
    expect((await one.screen.status.get()).unsynced).toBe(0)
  })

  it('is read as an earlier program has written it: nothing of them is known to be acknowledged', async () => {
    const { one } = await startShop()
    const value = '["E1E1E1"]'
    await one.db.insertInto('meta').values({ key: 'earlier', value }).execute()
    expect(await meta.earlier.read(one.db)).toEqual([{ epoch: 'E1E1E1', ack: 0 }])
  })
})

describe('recent transactions', () => {
  it('are the newest, whichever epoch they are of', async () => {
    const shop = await startShop()
    const { one } = shop
    const before = await sell(one, 31)
    const copy = await one.copy()
    await one.putBack(copy)
    // Before it has written anything.
    await one.stop()
    await restoreBackup(one.dataDir, one.file, one.now())
    await one.putBack(one.file)
    const after = await sell(one, 2)
    const newest = [...before, ...after].map(({ event }) => event).toReversed()
    expect(await recent(one)).toEqual(newest.slice(0, 30))
    const plans = await plansOf(one.engine.counter, recentTransactions)
    expect(plans.length).toBeGreaterThan(0)
    expect(plans.filter((plan) => !plan.startsWith('SEARCH '))).toEqual([])
    await expectAgreement(shop)
  })
})
