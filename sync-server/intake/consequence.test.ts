/** What the server makes of events (R5, R6, R10), over real HTTP on both engines. */
import { describe, expect, it } from 'vitest'
import { CURSOR_START, PROTOCOL } from '#core/contract/sync.ts'
import type { MemberId } from '#core/ids.ts'
import { addDays } from '#core/business-date.ts'
import { POINTS } from '#core/ledger/asset.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { balanceOf, sound } from '#test/support/books.ts'
import { allOf, giveBack, grantPoints, refund, sell } from '#test/support/drafts.ts'
import { COFFEE, LATTE, WELCOME } from '#test/support/programme.ts'
import { scene, type Scene } from '#test/support/scene.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { DAY_MS, sharedServer, startServer, TODAY } from '#test/support/sync-server.ts'

const debt = async ({ server, member }: Scene) => 0 - (await balanceOf(server, `debt:${member}:points`))

/** A sale that earns, everything handed back. */
function earn(counter: SyncCounter, member: MemberId, points: number, stamps = 0): LedgerEvent {
  const sale = sell(counter, { member, total: points * 100, points, stamps })
  giveBack(counter, allOf(sale))
  return sale
}

describe.each(ENGINES)('on %s', (engine) => {
  const shared = sharedServer(engine)

  it('puts everything back after a full refund', async () => {
    const all = await scene(shared())
    const { one, member } = all
    const granted = await one.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 15 }])
    const sale = sell(one, { member, total: 1_000, pointsTender: 15, spend: granted.parts, points: 9, stamps: 1 })
    giveBack(one, allOf(sale))
    await one.sync()
    expect(one.freeOf(member, POINTS)).toBe(WELCOME - 15 + 9)
    refund(one, sale)
    await one.sync()
    expect(one.freeOf(member, POINTS)).toBe(WELCOME)
    expect(one.freeOf(member, COFFEE)).toBe(0)
    expect(one.member(member)).toMatchObject({ spent: 0, tier: 'basic' })
    await sound(all.server)
  })

  it('moves nothing the second time, and says so', async () => {
    const all = await scene(shared())
    const { one, two, member } = all
    const sale = earn(one, member, 10)
    await one.sync()
    refund(one, sale)
    await one.sync()
    const second = refund(two, sale)
    await two.sync()
    expect(two.freeOf(member, POINTS)).toBe(WELCOME)
    expect(two.outcomes()).toEqual([{ event: second.id, status: 'quarantined', reason: 'reversedBefore' }])
    await sound(all.server)
  })

  it('takes what another counter holds as it comes home', async () => {
    const all = await scene(shared())
    const { one, two, member } = all
    const sale = earn(one, member, 10)
    await one.sync()
    const granted = await two.acquire(member, [{ kind: 'amount', asset: POINTS, amount: WELCOME + 10 }])
    refund(one, sale)
    await one.sync()
    expect(one.freeOf(member, POINTS)).toBe(0)
    expect(await debt(all)).toBe(0)
    giveBack(two, granted.parts)
    await two.sync()
    expect(two.freeOf(member, POINTS)).toBe(WELCOME)
    await sound(all.server)
  })

  it('takes from other lots what was spent, and the rest is owed, and paid by what is earned next', async () => {
    const all = await scene(shared())
    const { one, two, member } = all
    const sale = earn(one, member, 100)
    await one.sync()
    const granted = await two.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 100 }])
    sell(two, { member, total: 200, pointsTender: 100, spend: granted.parts })
    await two.sync()
    expect(two.freeOf(member, POINTS)).toBe(WELCOME)
    refund(one, sale)
    await one.sync()
    expect(one.freeOf(member, POINTS)).toBe(0)
    expect(await debt(all)).toBe(100 - WELCOME)
    // Each counter is told, and one that joins now is told all.
    expect(two.owedBy(member)).toBe(0)
    const joined = await SyncCounter.join(all.server)
    for (const counter of [two, joined]) await counter.pull()
    const told = () => [one, two, joined].map((counter) => counter.owedBy(member))
    expect(told()).toEqual([80, 80, 80])
    const older = await one.client.pull({ protocol: PROTOCOL, ...one.holder, cursor: CURSOR_START })
    expect(older.owed).toBeNull()
    earn(two, member, 30)
    await two.sync()
    for (const counter of [one, joined]) await counter.pull()
    expect(told()).toEqual([50, 50, 50])
    earn(one, member, 60)
    await one.sync()
    for (const counter of [two, joined]) await counter.pull()
    expect(one.freeOf(member, POINTS)).toBe(90 - 80)
    expect(await debt(all)).toBe(0)
    expect(told()).toEqual([0, 0, 0])
    await sound(all.server)
  })

  it('turns what was due of a lot that is spent out into a claim on the others', async () => {
    const all = await scene(shared())
    const { one, two, member } = all
    const sale = earn(one, member, 10)
    await one.sync()
    const granted = await two.acquire(member, [{ kind: 'amount', asset: POINTS, amount: WELCOME + 10 }])
    refund(one, sale)
    await one.sync()
    sell(two, { member, total: 100, pointsTender: 30, spend: granted.parts })
    await two.sync()
    expect(await debt(all)).toBe(10)
    const due = await all.server.database.db
      .selectFrom('due')
      .select('amount')
      .where('member', '=', member)
      .executeTakeFirst()
    expect(due?.amount).toBe(0)
    await sound(all.server)
  })

  it('waits for the sale that a refund elsewhere names', async () => {
    const all = await scene(shared())
    const { one, two, member } = all
    const sale = earn(one, member, 10)
    const refunded = refund(two, sale)
    await two.sync()
    expect(two.outcomes()).toEqual([{ event: refunded.id, status: 'waiting', reason: '' }])
    await one.sync()
    await two.sync()
    expect(two.outcomes()).toEqual([{ event: refunded.id, status: 'applied', reason: '' }])
    expect(two.freeOf(member, POINTS)).toBe(WELCOME)
    const waiting = all.server.database.db.selectFrom('waiting').selectAll().where('event_id', '=', refunded.id)
    expect(await waiting.execute()).toEqual([])
    await sound(all.server)
  })

  it('lets what comes back into an expired lot expire at once', async () => {
    const all = await scene(await startServer(engine))
    const { one, member, server } = all
    const given = grantPoints(one, member, 30, { expiresOn: addDays(TODAY, 1) })
    giveBack(one, allOf(given))
    await one.sync()
    const granted = await one.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 30 }])
    expect(granted.parts[0]?.lot.id).toBe(given.lots[0]?.id)
    const sale = sell(one, { member, total: 60, pointsTender: 30, spend: granted.parts })
    await one.sync()
    server.clock.advance(3 * DAY_MS)
    refund(one, sale)
    await one.sync()
    expect(one.freeOf(member, POINTS)).toBe(WELCOME)
    await sound(all.server)
  })

  it.each([1, 2])('takes nothing else for what has run out of a refunded sale (%s pushes)', async (pushes) => {
    const all = await scene(await startServer(engine, { rounds: 'byHand' }))
    const { server, one, member } = all
    const sale = earn(one, member, 10)
    const other = grantPoints(one, member, 100, { expiresOn: null })
    giveBack(one, allOf(other))
    await one.sync()
    const { parts } = await one.acquire(member, [{ kind: 'lot', lot: sale.lots[0]!.id, amount: 10 }])
    await one.sync()
    server.clock.advance(400 * DAY_MS)
    giveBack(one, parts)
    if (pushes === 2) await one.sync()
    refund(one, sale)
    await one.sync()
    expect(one.lot(other.lots[0]!.id)?.free).toBe(100)
    await sound(all.server)
  })

  it('takes a promise back that nobody has claimed', async () => {
    const all = await scene(shared())
    const { one, server } = all
    const sale = sell(one, { total: 500, claim: { points: 5 } })
    await one.sync()
    const open = await server.database.db
      .selectFrom('claim')
      .selectAll()
      .where('id', '=', sale.id)
      .executeTakeFirstOrThrow()
    expect(open).toMatchObject({ id: sale.id, state: 'open', store: 's1' })
    expect(JSON.parse(open.promise)).toEqual({ points: 5, stamps: [], amount: 500 })
    refund(one, sale)
    await one.sync()
    const voided = await server.database.db
      .selectFrom('claim')
      .select('state')
      .where('id', '=', sale.id)
      .executeTakeFirstOrThrow()
    expect(voided.state).toBe('voided')
    await sound(all.server)
  })

  it('turns each full stamp card into its reward, once', async () => {
    const all = await scene(shared())
    const { one, member, server } = all
    for (let n = 0; n < 9; n++) earn(one, member, 1, 1)
    await one.sync()
    expect(one.lotsOf(member, LATTE)).toHaveLength(1)
    earn(one, member, 1, 13)
    await one.sync()
    expect(one.freeOf(member, COFFEE)).toBe(2)
    expect(one.lotsOf(member, LATTE)).toHaveLength(3)
    expect(new Set(one.lotsOf(member, LATTE).map(({ lot }) => lot.code)).size).toBe(3)
    const keys = await server.database.db
      .selectFrom('consequence')
      .select('key')
      .where('key', 'like', `stampCard:${member}:%`)
      .orderBy('key')
      .execute()
    expect(keys.map((row) => row.key)).toEqual([`stampCard:${member}:coffee:1`, `stampCard:${member}:coffee:2`])
    await sound(all.server)
  })

  it('raises the tier by net spending, and never lowers it', async () => {
    const all = await scene(shared())
    const { one, member } = all
    const sale = sell(one, { member, total: 5_000 })
    await one.sync()
    expect(one.member(member)).toMatchObject({ tier: 'silver', spent: 5_000 })
    refund(one, sale)
    await one.sync()
    expect(one.member(member)).toMatchObject({ tier: 'silver', spent: 0 })
    await sound(all.server)
  })
})
