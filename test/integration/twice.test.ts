/** Invariant 4: the same id gives the same answer, for ever; and two who want the last of it do not both get it. */
import { describe, expect, it } from 'vitest'
import { Amount, type EventId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import {
  approval,
  basket,
  card,
  cash,
  loseServer,
  memberWith,
  paperOf,
  refundAt,
  refusalOf,
  value,
} from '#test/support/at-the-counter.ts'
import { freshId, type CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop, type Shop } from '#test/support/shop.ts'

const NOT_DONE = { code: 'notDone' }

const salesIn = async ({ db }: CounterAtWork): Promise<number> => {
  const rows = await db.selectFrom('event').select('id').where('kind', '=', 'sale.completed').execute()
  return rows.length
}

describe('a double tap on Pay', () => {
  it('charges once, with the last of the stored value', async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, 'value:TWD', 300)
    const all = (await counter.screen.members.get({ member })).storedValue.total
    const checkout = basket(all, { member, pay: [value(all)] })
    const taps = await Promise.all([1, 2, 3].map(() => counter.screen.checkout.pay(checkout)))
    for (const done of taps) expect(done).toEqual(taps[0])
    expect(await salesIn(counter)).toBe(1)
    await expectAgreement(shop)
    const later = await counter.screen.checkout.pay(checkout)
    expect({ ...later, member: null }).toEqual({ ...taps[0], member: null })
    await counter.restart()
    await counter.signIn('jun')
    const { event, receipt, printJob } = await counter.screen.checkout.pay(checkout)
    expect({ event, receipt, printJob }).toEqual({
      event: checkout.id,
      receipt: taps[0]?.receipt,
      printJob: taps[0]?.printJob,
    })
    expect(await salesIn(counter)).toBe(1)
    await expectAgreement(shop)
  })

  it('without a member too', async () => {
    const { one: counter } = await startShop()
    const checkout = basket(130)
    const [one, other] = await Promise.all([
      counter.screen.checkout.pay(checkout),
      counter.screen.checkout.pay(checkout),
    ])
    expect(one).toEqual(other)
    expect(await salesIn(counter)).toBe(1)
    expect(await counter.screen.printing.jobs()).toHaveLength(1)
  })

  it('and on everything else that writes', async () => {
    const shop = await startShop()
    const counter = shop.one
    const { screen } = counter
    const member = await memberWith(shop, POINTS, 50)
    const twice = async <T>(work: () => Promise<T>): Promise<T> => {
      const [one, other] = await Promise.all([work(), work()])
      expect(one).toEqual(other)
      return one
    }
    const ids = [freshId(), freshId(), freshId(), freshId(), freshId()] as const
    const amount = Amount.parse(1_000)
    const by = { member, note: 'x', approval: null }
    const topUp = await twice(() =>
      screen.value.topUp({ id: ids[0], member, amount, tender: 'cash', received: amount }),
    )
    await twice(() => screen.value.debit({ ...by, id: ids[1], amount: Amount.parse(1_050) }))
    await twice(() =>
      screen.points.adjust({ ...by, id: ids[2], asset: POINTS, direction: 'deduct', amount: Amount.parse(50) }),
    )
    const enrolment = { name: '雙胞胎', phone: '0900000911', birthday: null, email: '', address: '' }
    await twice(() => screen.members.enrol({ id: ids[3], ...enrolment }))
    await twice(() => screen.transactions.refund({ id: ids[4], event: ids[1], reason: '', approval: null }))
    await expectAgreement(shop)
    expect((await screen.members.get({ member })).storedValue.total).toBe(topUp.member?.storedValue.total)
    expect(await screen.members.find({ query: '雙胞胎' })).toHaveLength(1)
  })
})

describe('asked again, what is done is answered before anything can refuse it', () => {
  it('without the manager’s PIN that it was done with', async () => {
    const shop = await startShop()
    const counter = shop.one
    const { screen } = counter
    const member = await memberWith(shop, POINTS, 50)
    const [topUp, debit, adjust, refund] = [freshId(), freshId(), freshId(), freshId()] as const
    const amount = Amount.parse(3_000)
    const much = Amount.parse(2_500)
    await screen.value.topUp({ id: topUp, member, amount, tender: 'cash', received: amount })
    const by = { member, note: 'x', amount: much }
    for (const pin of [approval, null, { ...approval, pin: '0000' }]) {
      await screen.value.debit({ ...by, id: debit, approval: pin })
      await screen.points.adjust({ ...by, id: adjust, asset: POINTS, direction: 'grant', approval: pin })
      await screen.transactions.refund({ id: refund, event: debit, reason: '', approval: pin })
    }
    await expectAgreement(shop)
    const kinds = await counter.db
      .selectFrom('event')
      .select('kind')
      .where('kind', 'in', ['value.debited', 'member.adjusted', 'value.debitRefunded'])
      .execute()
    expect(kinds).toHaveLength(3)
  })

  it('by its id alone, which does nothing where nothing was done', async () => {
    const shop = await startShop()
    const counter = shop.one
    const { screen } = counter
    const checkout = basket(120)
    expect(await refusalOf(screen.transactions.told({ id: checkout.id }))).toEqual(NOT_DONE)
    expect(await salesIn(counter)).toBe(0)
    const another = basket(120)
    const [done, told] = await Promise.all([screen.checkout.pay(another), screen.transactions.told({ id: another.id })])
    expect(told).toEqual(done)
    await expectAgreement(shop)
  })

  it('and what was told to be not done is never done, through a restart too', async () => {
    const { one: counter } = await startShop()
    const checkout = basket(120)
    expect(await refusalOf(counter.screen.transactions.told({ id: checkout.id }))).toEqual(NOT_DONE)
    await counter.screen.checkout.pay({ ...checkout, id: freshId() })
    expect(await refusalOf(counter.screen.checkout.pay(checkout))).toEqual(NOT_DONE)
    await counter.restart()
    await counter.signIn()
    expect(await refusalOf(counter.screen.checkout.pay(checkout))).toEqual(NOT_DONE)
    expect(await salesIn(counter)).toBe(1)
  })

  it('a refund of another counter’s sale, when the server can no longer say what that was', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const { event } = await one.screen.checkout.pay(basket(120))
    await one.sync()
    const again = freshId()
    const first = await refundAt(two, event, again)
    await loseServer(shop, two)
    expect(await refundAt(two, event, again)).toEqual(first)
  })

  it('by turns: a second try waits for the first, so that its refusal says that nothing was done', async () => {
    const shop = await startShop()
    const counter = shop.one
    const { screen } = counter
    const member = await memberWith(shop, POINTS, 50)
    const adjust = (pin: typeof approval | null, id: EventId) =>
      screen.points.adjust({
        id,
        member,
        asset: POINTS,
        direction: 'grant',
        amount: Amount.parse(2_500),
        note: 'x',
        approval: pin,
      })
    const id = freshId()
    const tries = await Promise.all([adjust(approval, id), adjust(null, id)])
    expect(tries[1]).toEqual(tries[0])
    expect(await refusalOf(adjust(null, freshId()))).toEqual({ code: 'approvalNeeded' })
  })
})

describe('two sales at once for the last of it', () => {
  it('one is refused, with what is there', async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, 'value:TWD', 300)
    const all = (await counter.screen.members.get({ member })).storedValue.total
    const pay = () => counter.screen.checkout.pay(basket(all, { member, pay: [value(all)] }))
    const settled = await Promise.allSettled([pay(), pay()])
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const refused = settled.find((one) => one.status === 'rejected')
    expect(refused?.reason).toMatchObject({
      code: 'REFUSED',
      data: { code: 'insufficient', wanted: all, usableHere: 0, total: 0, elsewhere: [], offline: false },
    })
    expect(await salesIn(counter)).toBe(1)
    await expectAgreement(shop)
  })

  it('both are done when there is enough for both', async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, 'value:TWD', 600)
    const all = (await counter.screen.members.get({ member })).storedValue.total
    const parts = [all - 300, 100, 200]
    await Promise.all(parts.map((part) => counter.screen.checkout.pay(basket(part, { member, pay: [value(part)] }))))
    expect((await counter.screen.members.get({ member })).storedValue.total).toBe(0)
    await expectAgreement(shop)
  })
})

describe('a sale stays the cashier’s who rang it up', () => {
  it('when someone else signs in before it is done', async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, POINTS, 10)
    let release = () => {}
    const held = counter.engine.counter.ledger.write(() => new Promise<void>((resolve) => (release = resolve)))
    const sale = counter.screen.checkout.pay(basket(110, { member, pay: [card(60), cash(50)] }))
    // Answered in turn: once these are, the sale has been begun.
    for (let asked = 0; asked < 5; asked += 1) await counter.screen.setup.state()
    counter.engine.session.signOut()
    release()
    await held
    const { event } = await sale
    const row = await counter.db.selectFrom('event').select('text').where('id', '=', event).executeTakeFirstOrThrow()
    expect(JSON.parse(row.text)).toMatchObject({ staff: 'mei' })
    expect(await paperOf(counter, event)).toMatchObject({ staffName: '阿美' })
    await expect(counter.screen.checkout.pay(basket(10))).rejects.toMatchObject({ code: 'SIGNED_OUT' })
  })
})

describe('a refusal', () => {
  it('records nothing, and what was acquired for it goes back', async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, 'value:TWD', 300)
    const refused = await refusalOf(counter.screen.checkout.pay(basket(500, { member, pay: [value(300), cash(100)] })))
    expect(refused).toEqual({ code: 'notPaidInFull', due: 500, paid: 400 })
    expect(await salesIn(counter)).toBe(0)
    await expect.poll(() => heldAtServer(shop), { timeout: 20_000 }).toBe(0)
    await expectAgreement(shop)
  })
})

async function heldAtServer({ server }: Shop): Promise<number> {
  const rows = await server.database.db.selectFrom('lot').select('id').where('held', '<>', '[]').execute()
  const accepted = await server.database.db.selectFrom('grant_made').select('id').where('accepted', '=', 1).execute()
  return accepted.length === 0 ? -1 : rows.length
}
