/** Without the server: what can be done is done, what cannot is said; and when it is back, nothing is lost or doubled. */
import { describe, expect, it } from 'vitest'
import { Amount, MemberId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { expectAgreement, expectProved } from '#test/support/agreement.ts'
import { basket, card, cash, loseServer, memberWith, points, refusalOf, value } from '#test/support/at-the-counter.ts'
import { freshId, type CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop } from '#test/support/shop.ts'

describe('while the server is away', () => {
  it('a day goes on, through a restart, and all of it arrives', async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, 'value:TWD', 600)
    const before = await counter.screen.members.get({ member })
    const release = counter.engine.sync.hold(member)
    await refusalOf(counter.screen.checkout.pay(basket(900, { member, pay: [value(500), points(10)] })))
    await loseServer(shop, counter)
    release()

    const seen = await counter.screen.members.get({ member })
    expect(seen.storedValue).toMatchObject({ total: before.storedValue.total, usableHere: 500 })
    const tooMuch = await refusalOf(counter.screen.checkout.pay(basket(600, { member, pay: [value(600)] })))
    expect(tooMuch).toMatchObject({
      code: 'insufficient',
      wanted: 600,
      usableHere: 500,
      total: before.storedValue.total,
      offline: true,
    })
    const inHand = await counter.screen.checkout.pay(basket(310, { member, pay: [value(300), points(10)] }))
    expect(inHand).toMatchObject({ total: 310 })
    const earning = await counter.screen.checkout.pay(basket(1_000, { member, pay: [card(1_000)] }))
    const spent = await counter.screen.checkout.pay(
      basket(earning.earned.points, { member, pay: [points(earning.earned.points)] }),
    )
    expect(spent.total).toBe(earning.earned.points)

    const profile = { name: '諸葛亮', phone: '0900000931', birthday: null, email: '', address: '' }
    const enrolled = await counter.screen.members.enrol({ id: freshId(), ...profile })
    await counter.screen.value.topUp({
      id: freshId(),
      member: enrolled.id,
      amount: Amount.parse(1_000),
      tender: 'card',
      received: Amount.parse(0),
    })
    await counter.screen.checkout.pay(basket(1_050, { member: enrolled.id, pay: [value(1_050)] }))

    await counter.restart()
    await counter.signIn('chen')
    expect(await counter.screen.status.get()).toMatchObject({
      online: false,
      staff: { id: 'chen' },
      shop: '山小屋咖啡',
    })
    expect((await counter.screen.status.get()).unsynced).toBeGreaterThan(5)
    const undone = await counter.screen.checkout.pay(basket(450, { member, pay: [cash(500)] }))
    await counter.screen.transactions.refund({ id: freshId(), event: undone.event, reason: '', approval: null })
    const stranger = await counter.screen.checkout.pay(basket(365))
    expect(stranger.claim).toMatchObject({ points: 3 })
    expect((await counter.screen.members.find({ query: '諸葛' })).map(({ id }) => id)).toEqual([enrolled.id])
    await expectProved(counter)

    await shop.startServer()
    await expectAgreement(shop)
    const { db } = shop.server.database
    const sales = await db.selectFrom('event').select('id').where('kind', '=', 'sale.completed').execute()
    expect(sales).toHaveLength(6)
    expect(await db.selectFrom('quarantine').selectAll().execute()).toEqual([])
    expect(await db.selectFrom('waiting').selectAll().execute()).toEqual([])
    expect((await counter.screen.members.get({ member })).storedValue.total).toBe(before.storedValue.total - 300)
    expect(await counter.screen.members.get({ member: enrolled.id })).toMatchObject({
      name: '諸葛亮',
      storedValue: { total: 0 },
    })
  })

  it('found out in the middle of a sale: the refusal counts what is in hand, not what cannot be reached', async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, 'value:TWD', 300)
    const { total } = (await counter.screen.members.get({ member })).storedValue
    await shop.stopServer()
    const refused = await refusalOf(counter.screen.checkout.pay(basket(200, { member, pay: [value(200)] })))
    expect(refused).toMatchObject({ code: 'insufficient', wanted: 200, usableHere: 0, total, offline: true })
  })

  it('online is said to be gone without waiting for the timed round', async () => {
    const shop = await startShop()
    const counter = shop.one
    await counter.sync()
    await shop.stopServer()
    await expect.poll(async () => (await counter.screen.status.get()).online, { timeout: 30_000 }).toBe(false)
    expect(counter.errors).toEqual([])
    await shop.startServer()
    await expect.poll(async () => (await counter.screen.status.get()).online, { timeout: 60_000 }).toBe(true)
  })
})

describe('what piles up', () => {
  it('of more than one push: every new member keeps the name', async () => {
    const shop = await startShop()
    const counter = shop.one
    await shop.stopServer()
    await paperCanWait(counter)
    const member = await memberAtCounter(counter)
    const { ledger, moment } = counter.engine.counter
    const body = { member, asset: POINTS, direction: 'grant', amount: 1, note: 'x' } as const
    await ledger.write(async (unit) => {
      for (let n = 0; n < 510; n += 1) {
        const draft = { kind: 'member.adjusted' as const, body, lots: [], transfers: [] }
        await unit.append(freshId(), draft, moment(), { staff: null, approvedBy: null })
      }
    })
    const profile = { name: '第五百零一', phone: '0900000941', birthday: '2000-01-01', email: '', address: '' }
    const last = await counter.screen.members.enrol({ id: freshId(), ...profile })
    await shop.startServer()
    await expectAgreement(shop)
    const row = await shop.server.database.db
      .selectFrom('member')
      .selectAll()
      .where('id', '=', last.id)
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({ name: '第五百零一', phone: '0900000941', birthday: '2000-01-01' })
  })

  it('of long sales in Chinese: no push is larger than the server takes', async () => {
    const shop = await startShop()
    const counter = shop.one
    await shop.stopServer()
    await paperCanWait(counter)
    const name = '超濃巧克力覆盆子千層蛋糕'.repeat(16)
    const lines = Array.from({ length: 60 }, () => basket(10, { name }).lines).flat()
    for (let sold = 0; sold < 60; sold += 1) {
      await counter.screen.checkout.pay({ ...basket(600), lines })
    }
    await shop.startServer()
    await expectAgreement(shop)
    expect(counter.engine.unsynced()).toBe(0)
  })
})

/** Receipts stay in the spool: drawing hundreds of them is not what is tested here. */
const paperCanWait = ({ engine }: CounterAtWork) => engine.spool.stop()

async function memberAtCounter({ db }: CounterAtWork) {
  const row = await db.selectFrom('lot').select('member').where('asset', '=', POINTS).executeTakeFirstOrThrow()
  return MemberId.parse(row.member)
}
