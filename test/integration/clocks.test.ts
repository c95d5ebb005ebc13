/** Counters whose machines' clocks are wrong by years, stand elsewhere each morning, or jump in the middle of a day. */
import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { businessDateAt } from '#core/business-date.ts'
import { readEvent, type LedgerEvent } from '#core/ledger/event.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, card, given, loseServer, memberWith, refusalOf, value } from '#test/support/at-the-counter.ts'
import { terminalLines } from '#server/shop/terminals.ts'
import type { CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop, type Shop } from '#test/support/shop.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const dayOf = (at: number) => businessDateAt(at, 'Asia/Taipei', 4)

async function eventsOf({ db }: CounterAtWork): Promise<LedgerEvent[]> {
  const rows = await db.selectFrom('event').select('text').orderBy('seq').execute()
  return rows.flatMap(({ text }) => {
    const read = readEvent(text)
    return read.ok ? [read.event] : []
  })
}

/** A counter whose clock is `shift` ms wrong, until the test sets it otherwise. */
async function wrongBy(shift: number): Promise<{ shop: Shop; counter: CounterAtWork; set(shift: number): void }> {
  const shop = await startShop({ counters: 0 })
  let lacks = shift
  const counter = await shop.addCounter('Counter 1', shop.server.url, () => Date.now() + lacks)
  return { shop, counter, set: (next) => void (lacks = next) }
}

const sell = async (counter: CounterAtWork) =>
  counter.screen.checkout.pay(await given(counter, basket(120, { pay: [card(120)] })))

describe.each([
  ['three years behind', -3 * 365 * DAY, '1095 days behind'],
  ['a year ahead', 365 * DAY, '365 days ahead'],
])('a machine that is %s', (_words, shift, listed) => {
  it('joins, sells and syncs on the server’s day, and says so on its screen', async () => {
    const { shop, counter } = await wrongBy(shift)
    const member = await memberWith(shop, POINTS, 10)
    const before = await counter.screen.members.get({ member })
    expect(before.points).toMatchObject({ usableHere: before.points.total })
    const status = await counter.screen.status.get()
    expect(status).toMatchObject({ online: true, businessDate: dayOf(Date.now()) })
    expect(Math.abs((status.clockSkew ?? 0) + shift)).toBeLessThan(60_000)

    const { event } = await counter.screen.checkout.pay(basket(1_000, { member, pay: [card(1_000)] }))
    await expectAgreement(shop)
    const sale = (await eventsOf(counter)).find(({ id }) => id === event)
    expect(sale).toMatchObject({ businessDate: dayOf(Date.now()) })
    const { db } = shop.server.database
    const row = await db.selectFrom('event').select('occurred_at').where('id', '=', event).executeTakeFirstOrThrow()
    expect(Math.abs(row.occurred_at - Date.now())).toBeLessThan(60_000)
    expect(await terminalLines(db)).toEqual([expect.stringContaining(`its clock is ${listed}`)])
    const panel = await counter.screen.members.get({ member })
    expect(panel.recent[0]).toMatchObject({ event })
    expect(panel.points.nextExpiry?.on).toBe(before.points.nextExpiry?.on)
  })

  it('remembers through a restart without a server', async () => {
    const { shop, counter } = await wrongBy(shift)
    await loseServer(shop, counter)
    await counter.restart()
    await counter.signIn()
    expect(await counter.screen.status.get()).toMatchObject({ online: false, businessDate: dayOf(Date.now()) })
    await sell(counter)
    await shop.startServer()
    await expectAgreement(shop)
  })
})

describe('a clock that is set right', () => {
  it('puts not even the sale of that moment elsewhere', async () => {
    const { counter, set } = await wrongBy(-3 * 365 * DAY)
    set(0)
    const { event } = await sell(counter)
    expect((await eventsOf(counter)).find(({ id }) => id === event)?.businessDate).toBe(dayOf(Date.now()))
  })
})

describe('a clock that is set back', () => {
  it('keeps a counter from no home share', async () => {
    let passed = 0
    const shop = await startShop({ counters: 0, clock: () => Date.now() + passed })
    const counter = await shop.addCounter('Counter 1', shop.server.url, () => Date.now() + DAY)
    const member = await memberWith(shop, 'value:TWD', 1_000)
    const inHand = async () => (await counter.screen.members.get({ member })).storedValue.inHand
    await counter.screen.checkout.pay(basket(100, { member }))
    for (const _round of [1, 2]) await counter.sync()
    const share = await inHand()
    expect(share).toBeGreaterThan(0)
    await counter.screen.checkout.pay(basket(share, { member, pay: [value(share)] }))
    passed = 11 * 60_000
    counter.now = () => Date.now() + passed
    for (const _round of [1, 2]) await counter.sync()
    expect(await inHand()).toBeGreaterThan(0)
  })
})

describe('a clock that jumps while the server is away', () => {
  it('back by half a day: nothing is out of order or twice, and the business day does not go back', async () => {
    const { shop, counter, set } = await wrongBy(0)
    await loseServer(shop, counter)
    const first = await sell(counter)
    set(-12 * HOUR)
    const second = await sell(counter)
    set(-30 * HOUR)
    await counter.restart()
    await counter.signIn()
    const third = await sell(counter)
    set(0)
    const fourth = await sell(counter)
    const sold = [first, second, third, fourth]
    expect(sold.map(({ receipt }) => receipt?.number)).toEqual([1, 2, 3, 4])
    const latest = await counter.screen.transactions.recent()
    expect(latest.map(({ event }) => event)).toEqual(sold.map(({ event }) => event).toReversed())
    expect(latest.map(({ at }) => at)).toEqual(latest.map(({ at }) => at).toSorted((a, b) => b - a))

    const days = (await eventsOf(counter)).map(({ businessDate }) => businessDate)
    expect(days).toEqual(days.toSorted())
    expect(new Set(days.slice(-4)).size).toBe(1)
    await shop.startServer()
    await expectAgreement(shop)
    expect(await counter.screen.status.get()).toMatchObject({ clockSkew: null })
  })

  it.each([
    ['years behind, is set right as it runs', -3 * 365 * DAY, 0],
    ['years behind, is set right in the night', -3 * 365 * DAY, DAY],
    ['a year ahead, is set right in the night', 365 * DAY, DAY],
  ])('%s: today is today', async (_words, wrong, passed) => {
    const { shop, counter, set } = await wrongBy(wrong)
    await sell(counter)
    await counter.sync()
    await loseServer(shop, counter)
    if (passed > 0) await counter.stop()
    set(passed)
    if (passed > 0) await counter.start()
    await counter.signIn()
    const today = dayOf(Date.now() + passed)
    expect(await counter.screen.status.get()).toMatchObject({ businessDate: today, clockSkew: null })
    await sell(counter)
    expect((await eventsOf(counter)).at(-1)).toMatchObject({ businessDate: today })
  })

  it('a dead battery in the morning does not bring back what has expired', async () => {
    const { shop, counter, set } = await wrongBy(0)
    const member = await memberWith(shop, 'coupon:welcome-50')
    const [coupon] = (await counter.screen.members.get({ member })).coupons
    if (!coupon?.expiresOn) throw new Error('the member has no coupon that ends')
    const release = counter.engine.sync.hold(member)
    const beyond = Date.parse(`${coupon.expiresOn}T00:00:00Z`) + 3 * DAY - Date.now()
    await loseServer(shop, counter)
    set(beyond)
    await sell(counter)
    set(Date.parse('2010-01-01T00:00:00Z') - Date.now())
    await counter.restart()
    await counter.signIn()
    const refused = await refusalOf(counter.screen.checkout.pay(basket(300, { member, coupons: [coupon.lot] })))
    expect(refused.code).toMatch(/coupon(Expired|Unavailable)/)
    expect((await counter.screen.members.get({ member })).coupons.map(({ lot }) => lot)).not.toContain(coupon.lot)
    release()
  })

  it('a dead battery at a counter put back from a backup takes its day back no further than what its file knows', async () => {
    const { shop, counter, set } = await wrongBy(0)
    await sell(counter)
    const { businessDate } = await counter.screen.status.get()
    await loseServer(shop, counter)
    await counter.stop()
    set(Date.parse('2010-01-01T00:00:00Z') - Date.now())
    await counter.putBack(counter.file)
    expect(await sell(counter)).toMatchObject({ claim: expect.anything() })
    expect(await counter.screen.status.get()).toMatchObject({ businessDate })
    await shop.startServer()
    await expectAgreement(shop)
  })

  it('an hour ahead by mistake does not have an earlier paper for the last one', async () => {
    const { shop, counter, set } = await wrongBy(0)
    await loseServer(shop, counter)
    set(HOUR)
    const ahead = await sell(counter)
    // As that clock would have made it.
    const id = uuidv7({ msecs: Date.now() + HOUR })
    await counter.db.updateTable('print_job').set({ id }).where('event_id', '=', ahead.event).execute()
    set(0)
    await shop.startServer()
    await counter.sync()
    const { event } = await sell(counter)
    expect((await counter.screen.printing.jobs()).map((job) => job.event)).toEqual([event, ahead.event])
    expect(await counter.screen.printing.reprint({ event: null })).toMatchObject({ event })
  })

  it('ahead, as the server has said that it is, is so over a start too, whatever that clock had recorded before', async () => {
    const { shop, counter, set } = await wrongBy(0)
    await loseServer(shop, counter)
    set(3 * HOUR)
    await sell(counter)
    await shop.startServer()
    await counter.sync()
    await loseServer(shop, counter)
    await counter.restart()
    await counter.stop()
    // The next morning, and nobody has set it right.
    const night = 14 * HOUR
    set(3 * HOUR + night)
    await counter.start()
    await counter.signIn()
    await sell(counter)
    const { occurredAt = 0, clockOffset = 0 } = (await eventsOf(counter)).at(-1) ?? {}
    expect(Math.abs(occurredAt + clockOffset - (Date.now() + night))).toBeLessThan(60_000)
  })

  it('a day ahead by mistake, once it is set right, binds no later day', async () => {
    const { shop, counter, set } = await wrongBy(0)
    await loseServer(shop, counter)
    set(40 * DAY)
    await sell(counter)
    set(0)
    await shop.startServer()
    await counter.sync()
    const { event } = await sell(counter)
    expect((await eventsOf(counter)).find(({ id }) => id === event)?.businessDate).toBe(dayOf(Date.now()))
    await expectAgreement(shop)
  })
})
