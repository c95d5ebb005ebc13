/** What a counter put back from a backup has forgotten is done no second time, asked for under its id (invariant 4, R11). */
import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it, vi } from 'vitest'
import { Amount, EventId, type MemberId } from '#core/ids.ts'
import { askAgain, Note } from '#renderer/counter/order.ts'
import { noteRestored } from '#server/restore/restored.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, cash, given, memberWith, refundAt, refusalOf, value, valueOf } from '#test/support/at-the-counter.ts'
import { freshId, staff, type CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop, type Shop } from '#test/support/shop.ts'

const FORGOTTEN = { code: 'mayBeForgotten' }

/** A counter that has just copied its file, with a manager signed in and the day open. */
async function backedUp(): Promise<{ shop: Shop; counter: CounterAtWork; member: MemberId }> {
  const shop = await startShop()
  const counter = shop.one
  const member = await memberWith(shop, 'value:TWD', 500)
  await counter.backUp()
  await counter.screen.day.reopen()
  return { shop, counter, member }
}

const topUp = (counter: CounterAtWork, member: MemberId) => {
  const amount = Amount.parse(1_000)
  return given(counter, { id: freshId(), member, amount, tender: 'cash' as const, received: amount })
}

describe('what the lost file had sent', () => {
  it.each(['at once', 'once the server can be asked'])('is answered as done, %s', async (when) => {
    const { shop, counter, member } = await backedUp()
    const sold = await given(counter, basket(100, { member, pay: [value(100)] }))
    const paid = await topUp(counter, member)
    const { id, epoch } = sold
    const sale = await counter.screen.checkout.pay(sold)
    const toppedUp = await counter.screen.value.topUp(paid)
    await counter.sync()
    const left = await valueOf(counter, member)
    if (when !== 'at once') await shop.stopServer()
    await counter.putBack(null, 'chen')
    if (when !== 'at once') {
      await counter.engine.sync.once()
      expect(await refusalOf(counter.screen.checkout.pay(sold))).toEqual(FORGOTTEN)
      expect(await refusalOf(counter.screen.value.topUp(paid))).toEqual(FORGOTTEN)
      expect(await refusalOf(counter.screen.transactions.told({ id, epoch }))).toEqual(FORGOTTEN)
      await shop.startServer()
    }
    await counter.sync()
    const { event, receipt, total, moved } = sale
    expect(await counter.screen.checkout.pay(sold)).toMatchObject({ event, receipt, total, moved, printJob: null })
    expect(await counter.screen.value.topUp(paid)).toMatchObject({ event: toppedUp.event, total: 1_000 })
    expect(await counter.screen.transactions.told({ id, epoch })).toMatchObject({ event })
    await expectAgreement(shop)
    expect(await valueOf(counter, member)).toBe(left)
  })

  it.each(['stays so', 'is set right since'])(
    'is answered as done where the clock was years behind at the restore and %s',
    async (then) => {
      const { shop, counter, member } = await backedUp()
      const sold = await given(counter, basket(100, { member, pay: [value(100)] }))
      const { event, receipt } = await counter.screen.checkout.pay(sold)
      await counter.sync()
      // What has damaged the file has emptied the clock's battery too.
      counter.now = () => Date.now() - 3 * 365 * 86_400_000
      await counter.putBack(null, 'chen')
      await counter.sync()
      if (then === 'is set right since') counter.now = Date.now
      expect(await counter.screen.checkout.pay(sold)).toMatchObject({ event, receipt, printJob: null })
      await expectAgreement(shop)
    },
  )

  it('is answered as done where the clock was an hour ahead as it was given, and set right before the restore', async () => {
    const { shop, counter, member } = await backedUp()
    const id = EventId.parse(uuidv7({ msecs: Date.now() + 3_600_000 }))
    const sold = await given(counter, basket(100, { id, member, pay: [value(100)] }))
    await counter.screen.checkout.pay(sold)
    await counter.sync()
    await counter.putBack(null, 'chen')
    await counter.sync()
    expect(await counter.screen.checkout.pay(sold)).toMatchObject({ event: id, printJob: null })
    await expectAgreement(shop)
  })

  it.each([-3 * 365, 3 * 365])(
    'is told to the next page, whose note is of before, where the clock is %s days off',
    async (days) => {
      const { shop, counter, member } = await backedUp()
      const order = { kind: 'topUp' as const, input: await topUp(counter, member) }
      const { event } = await counter.screen.value.topUp(order.input)
      await counter.sync()
      const { businessDate: day } = await counter.screen.status.get()
      const kept = JSON.stringify(Note.parse({ order, staff: staff('chen'), day }))
      counter.now = () => Date.now() + days * 86_400_000
      await shop.stopServer()
      await counter.putBack(null, 'chen')
      const ask = () => askAgain(counter.screen, Note.parse(JSON.parse(kept)))
      expect(await refusalOf(ask())).toEqual(FORGOTTEN)
      await shop.startServer()
      await counter.sync()
      expect(await ask()).toMatchObject({ kind: 'topUp', result: { event, total: 1_000 } })
      await expectAgreement(shop)
    },
  )

  it('makes no second member', async () => {
    const { shop, counter } = await backedUp()
    const profile = { name: '林小美', phone: '0987000111', birthday: null, email: '', address: '' }
    const asked = await given(counter, { id: freshId(), ...profile })
    const { id } = await counter.screen.members.enrol(asked)
    await counter.sync()
    await shop.stopServer()
    await counter.putBack(null, 'chen')
    expect(await refusalOf(counter.screen.members.enrol(asked))).toEqual(FORGOTTEN)
    await shop.startServer()
    await counter.sync()
    expect(await counter.screen.members.enrol(asked)).toMatchObject({ id, name: '林小美' })
    const found = await counter.screen.members.find({ query: asked.phone })
    expect(found.map((one) => one.id)).toEqual([id])
    await expectAgreement(shop)
  })

  it('gives a coupon anew no second time, though the refund is of before the backup', async () => {
    let passed = 0
    const shop = await startShop({ counters: 2, clock: () => Date.now() + passed })
    const { one, two } = shop
    const member = await memberWith(shop, 'coupon:welcome-50')
    const { coupons } = await one.screen.members.get({ member })
    const lot = coupons.find(({ template }) => template === 'welcome-50')?.lot
    if (!lot) throw new Error('the member has no coupon')
    const sale = await one.screen.checkout.pay(basket(400, { member, pay: [cash(350)], coupons: [lot] }))
    passed = 100 * 86_400_000
    await expectAgreement(shop)
    const undone = await refundAt(one, sale.event)
    await one.backUp()
    await one.screen.day.reopen()
    const ask = () => one.screen.transactions.reissue({ refund: undone.event, lot, approval: null })
    const given = await ask()
    await expectAgreement(shop)
    const anew = given.member?.coupons.map((coupon) => coupon.lot) ?? []
    await two.screen.checkout.pay(basket(400, { member, pay: [cash(350)], coupons: anew }))
    await expectAgreement(shop)

    await shop.stopServer()
    await one.putBack(null, 'chen')
    expect(await refusalOf(ask())).toEqual(FORGOTTEN)
    await shop.startServer()
    await one.sync()
    expect((await ask()).event).toBe(given.event)
    await expectAgreement(shop)
    expect((await one.screen.members.get({ member })).coupons).toEqual([])
  })
})

describe('what the lost file had never sent', () => {
  it('is done once the server has said that it has nothing of the kind', async () => {
    const { shop, counter, member } = await backedUp()
    const before = await valueOf(counter, member)
    await shop.stopServer()
    const asked = await topUp(counter, member)
    await counter.screen.value.topUp(asked)
    await counter.putBack(null, 'chen')
    expect(await refusalOf(counter.screen.value.topUp(asked))).toEqual(FORGOTTEN)
    await shop.startServer()
    await counter.sync()
    await counter.screen.value.topUp(asked)
    await expectAgreement(shop)
    expect(await valueOf(counter, member)).toBe(before + 1_050)
  })

  it('waits while the server was put back too, and has not heard everyone yet', async () => {
    const { shop, counter, member } = await backedUp()
    const asked = await topUp(counter, member)
    const two = await shop.addCounter()
    await two.sync()
    await two.stop()
    await noteRestored(shop.server.ledger, null)
    await counter.putBack(null, 'chen')
    await counter.sync()
    expect(await refusalOf(counter.screen.value.topUp(asked))).toEqual(FORGOTTEN)
    await two.start()
    await two.sync()
    await counter.sync()
    expect(await counter.screen.value.topUp(asked)).toMatchObject({ total: 1_000 })
  })
})

/** How often the server is asked for an event meanwhile. */
async function askedBy(work: () => Promise<unknown>): Promise<number> {
  const sent = vi.spyOn(globalThis, 'fetch')
  await work()
  const asked = sent.mock.calls.filter(([to]) => new Request(to).url.endsWith('/transaction')).length
  sent.mockRestore()
  return asked
}

describe('what is given since', () => {
  it('needs no server, from the very first command on', async () => {
    const { shop, counter, member } = await backedUp()
    await counter.putBack(null, 'chen')
    await counter.sync()
    const sell = async () => counter.screen.checkout.pay(await given(counter, basket(100, { member })))
    expect(await askedBy(sell)).toBe(0)
    await shop.stopServer()
    await counter.putBack(null, 'chen')
    await counter.engine.sync.once()
    expect(await sell()).toMatchObject({ total: 100 })
    const profile = { name: '林小美', phone: '0987000111', birthday: null, email: '', address: '' }
    const enrolled = await given(counter, { id: freshId(), ...profile })
    expect(await counter.screen.members.enrol(enrolled)).toMatchObject({ name: '林小美' })
    await shop.startServer()
    await expectAgreement(shop)
  })

  it.each([-3 * 365, -1, 1])('needs none either where the clock was %s days off at the restore', async (days) => {
    const { shop, counter, member } = await backedUp()
    const lost = await topUp(counter, member)
    const off = Date.now() + days * 86_400_000
    counter.now = () => off
    await counter.putBack(null, 'chen')
    await shop.stopServer()
    counter.now = Date.now
    await counter.engine.sync.once()
    expect(await counter.screen.checkout.pay(await given(counter, basket(100)))).toMatchObject({ total: 100 })
    expect(await refusalOf(counter.screen.value.topUp(lost))).toEqual(FORGOTTEN)
    counter.now = () => Date.now() + 3_600_000
    expect(await refusalOf(counter.screen.value.topUp(lost))).toEqual(FORGOTTEN)
  })

  it('is asked about where it does not say when it was given, and done by nobody who cannot ask', async () => {
    const { shop, counter, member } = await backedUp()
    await counter.putBack(null, 'chen')
    await counter.sync()
    expect(await askedBy(() => counter.screen.checkout.pay(basket(100, { member })))).toBe(1)
    await shop.stopServer()
    await counter.engine.sync.once()
    expect(await refusalOf(counter.screen.checkout.pay(basket(100)))).toEqual(FORGOTTEN)
  })

  it('costs nothing at a counter that was never put back', async () => {
    const { counter, member } = await backedUp()
    expect(await askedBy(() => counter.screen.checkout.pay(basket(100, { member })))).toBe(0)
  })
})
