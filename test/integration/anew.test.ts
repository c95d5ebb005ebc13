/** R12: a server put back from a copy forgets, and its counters, which take its state anew, with it. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, it, vi } from 'vitest'
import { SNAPSHOT_PATH } from '#core/contract/snapshot.ts'
import { Amount, StaffId } from '#core/ids.ts'
import { demoShop } from '#server/demo/shop.ts'
import { applyShop } from '#server/shop/apply.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, memberWith, value, valueOf } from '#test/support/at-the-counter.ts'
import { startShop, type Shop } from '#test/support/shop.ts'

async function keepAs(shop: Shop, name: string): Promise<void> {
  await shop.stopServer()
  cpSync(join(shop.dir, 'server.sqlite'), join(shop.dir, name))
  await shop.startServer()
}

async function putBack(shop: Shop, name: string): Promise<void> {
  await shop.stopServer()
  cpSync(join(shop.dir, name), join(shop.dir, 'server.sqlite'))
  await shop.startServer()
}

const earning = (points: number) => {
  const { programme } = demoShop
  const tiers = programme.tiers.map((tier) => ({ ...tier, earn: { ...tier.earn, points: Amount.parse(points) } }))
  return { ...demoShop, programme: { ...programme, tiers } }
}

it('a counter sells by the programme that the shop has then, not by a later one that the server has forgotten', async () => {
  const shop = await startShop()
  const { one } = shop
  await expectAgreement(shop)
  await keepAs(shop, 'yesterday')
  for (const points of [50, 100]) {
    await applyShop(shop.server.database, earning(points))
    await one.sync()
  }
  await putBack(shop, 'yesterday')
  await one.sync()
  await expectAgreement(shop)
  await applyShop(shop.server.database, earning(3))
  await one.sync()
  const member = await memberWith(shop, 'value:TWD')
  const sale = await one.screen.checkout.pay(basket(100, { member }))
  expect(sale.earned.points).toBe(3)
})

it('a counter sells no product, and takes nobody for staff, that the server has forgotten', async () => {
  const shop = await startShop()
  const { one } = shop
  await expectAgreement(shop)
  await keepAs(shop, 'yesterday')
  const known = () => {
    const { products, staff } = one.engine.counter.shop()
    return [[...products.keys()].toSorted(), staff.map(({ id }) => id)]
  }
  const before = known()
  const [product] = demoShop.products
  const [person] = demoShop.staff
  if (!product || !person) throw new Error('the demo shop has neither')
  const products = [...demoShop.products, { ...product, code: '4006381333931' }]
  const staff = [...demoShop.staff, { ...person, id: StaffId.parse('new') }]
  await applyShop(shop.server.database, { ...demoShop, products, staff })
  await one.sync()
  expect(known()).not.toEqual(before)
  await putBack(shop, 'yesterday')
  await one.sync()
  expect(known()).toEqual(before)
})

/** So many members that a counter's file takes their state, and the first lots, in more than one piece. */
async function growTo(shop: Shop, members: number): Promise<void> {
  const { db } = shop.server.database
  const { there } = await db
    .selectFrom('member')
    .select(({ fn }) => fn.countAll<number>().as('there'))
    .executeTakeFirstOrThrow()
  await sql`
    with recursive n (n) as (select 1 union all select n + 1 from n where n < ${sql.lit(members - there)})
    insert into member (id, card, name, phone, phone_tail, birthday, email, address, tier, joined_on, note, blocked, on_line,
      spent, recent, seq, root)
    select 'ffffffff-ffff-7fff-8fff-' || printf('%012d', n), printf('%010d', n), '王', '', '', null, '', '', 'regular',
      '2026-01-01', '', 0, 0, 0, '[]', 1, null from n`.execute(db)
}

/** The next state taken anew is cut off just before its end. */
function tearSnapshot(): void {
  const really = globalThis.fetch
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (to, init) => {
    const request = new Request(to, init)
    if (!request.url.includes(SNAPSHOT_PATH)) return really(request)
    request.headers.set('accept', '*/*')
    const answer = await really(request)
    return new Response((await answer.bytes()).slice(0, -5))
  })
}

it('a counter that had a part of a wrong copy’s state takes the right one’s anew, though that knows its cursor', async () => {
  const shop = await startShop({ counters: 2 })
  const { one, two } = shop
  const member = await memberWith(shop, 'value:TWD', 1_000)
  await growTo(shop, 4_900)
  await shop.server.database.db.deleteFrom('commit_tag').execute()
  await expectAgreement(shop)
  await keepAs(shop, 'old')
  await two.screen.checkout.pay(basket(200, { member, pay: [value(200)] }))
  await expectAgreement(shop)
  const left = await valueOf(one, member)
  await keepAs(shop, 'new')

  await putBack(shop, 'old')
  tearSnapshot()
  expect(await one.engine.sync.once()).toBe(false)
  vi.restoreAllMocks()
  expect(await valueOf(one, member)).not.toBe(left)
  await putBack(shop, 'new')
  await one.sync()
  expect(await valueOf(one, member)).toBe(left)
  await expectAgreement(shop)
})
