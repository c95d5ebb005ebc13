/** A tier reached offline is provisional (R10): the counter prices by it, and the server comes to the same. */
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { Amount, type MemberId } from '#core/ids.ts'
import { meta } from '#main/counter/meta.ts'
import { standingOf } from '#main/counter/standing.ts'
import { demoShop } from '#server/demo/shop.ts'
import { applyShop } from '#server/shop/apply.ts'
import { personById } from '#storage/member.repository.ts'
import type { LedgerName } from '#storage/schema.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, card, given, refundAt } from '#test/support/at-the-counter.ts'
import { freshId, type CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop, type Shop } from '#test/support/shop.ts'

async function newMember(): Promise<{ shop: Shop; counter: CounterAtWork; member: MemberId }> {
  const shop = await startShop()
  const counter = shop.one
  const profile = { name: '諸葛亮', phone: '0900000961', birthday: null, email: '', address: '' }
  const { id: member } = await counter.screen.members.enrol({ id: freshId(), ...profile })
  return { shop, counter, member }
}

const sell = async (counter: CounterAtWork, member: MemberId, total: number) =>
  counter.screen.checkout.pay(await given(counter, basket(total, { member, pay: [card(total)] })))

/** The counter's disk takes no page that has this product. */
const refuseProduct = ({ db }: CounterAtWork, code: string | null) =>
  db.transaction().execute(async (trx) => {
    await sql`drop trigger if exists torn`.execute(trx)
    const torn = `before insert on product when new.code = '${code}' begin select raise(abort, 'torn'); end`
    if (code !== null) await sql.raw(`create trigger torn ${torn}`).execute(trx)
  })

describe('a tier reached while the server is away', () => {
  it('is the next sale’s, over a restart too, and the server’s once it has heard', async () => {
    const { shop, counter, member } = await newMember()
    const tier = async () => (await counter.screen.members.get({ member })).tier
    await sell(counter, member, 4_980)
    await expectAgreement(shop)
    expect(await tier()).toBe('regular')
    await shop.stopServer()
    await counter.engine.sync.once()

    const reaching = await sell(counter, member, 6_000)
    expect(reaching).toMatchObject({ earned: { points: 60 }, member: { tier: 'silver', tierName: '銀卡會員' } })
    expect(await tier()).toBe('silver')
    expect((await sell(counter, member, 1_000)).earned.points).toBe(20)
    await counter.restart()
    await counter.signIn()
    expect(await tier()).toBe('silver')
    // As at the server: what has been gained stays, whatever is undone.
    await refundAt(counter, reaching.event)
    expect((await sell(counter, member, 100)).earned.points).toBe(2)

    await shop.startServer()
    await expectAgreement(shop)
    expect(await tier()).toBe('silver')
    const { db } = shop.server.database
    const row = await db.selectFrom('member').select(['tier', 'spent']).where('id', '=', member).executeTakeFirst()
    expect(row).toEqual({ tier: 'silver', spent: 4_980 + 1_000 + 100 })
  })

  it('R11: is the next sale’s too at a counter that is put back from a backup meanwhile', async () => {
    const { shop, counter, member } = await newMember()
    await counter.sync()
    await shop.stopServer()
    await counter.engine.sync.once()
    expect(await sell(counter, member, 6_000)).toMatchObject({ member: { tier: 'silver' } })
    await counter.putBack(counter.file)
    expect((await counter.screen.members.get({ member })).tier).toBe('silver')
    expect((await sell(counter, member, 1_000)).earned.points).toBe(20)
    await shop.startServer()
    await expectAgreement(shop)
    expect((await counter.screen.members.get({ member })).tier).toBe('silver')
  })

  it('counts no sale twice that a pull may have brought back before it was cut short', async () => {
    const { shop, counter, member } = await newMember()
    await sell(counter, member, 3_000)
    await expectAgreement(shop)
    const products = (from: number) =>
      Array.from({ length: 1_000 }, (_, n) => ({ code: `X${from + n}`, name: '豆', price: Amount.parse(1) }))
    // No round takes the one without the other.
    await refuseProduct(counter, 'X1500')
    await applyShop(shop.server.database, { ...demoShop, products: products(1_000) })
    await applyShop(shop.server.database, { ...demoShop, products: products(2_000) })
    await refuseProduct(counter, 'X2500')
    expect(await counter.engine.sync.once()).toBe(false)
    expect(await meta.syncPoint.read(counter.db)).toMatchObject({ whole: false })
    expect(counter.engine.counter.isWhole()).toBe(false)
    await refuseProduct(counter, null)
    await counter.sync()
    expect(counter.engine.counter.isWhole()).toBe(true)

    const person = await personById(counter.db.$pickTables<LedgerName>(), member)
    const torn = { ...counter.engine.counter, ack: () => 0, isWhole: () => false }
    expect(await standingOf(torn, counter.db, person)).toMatchObject({ standing: { spent: 3_000, tier: 'regular' } })
  })
})
