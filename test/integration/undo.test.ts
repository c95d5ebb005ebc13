/** Undoing (R5, invariant 8): what was never sent, at once; what was sent, when all is home. */
import { describe, expect, it } from 'vitest'
import { Amount, type EventId, type MemberId } from '#core/ids.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import {
  approval,
  basket,
  belongings,
  cash,
  memberWith,
  paperOf,
  points,
  refundAt,
  refusalOf,
  value,
} from '#test/support/at-the-counter.ts'
import { freshId, type CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop } from '#test/support/shop.ts'

async function aMember() {
  const shop = await startShop()
  const counter = shop.one
  return { shop, counter, member: await memberWith(shop, 'value:TWD', 600) }
}

/** Everything a sale can do to a member at once. */
const rich = (member: MemberId) => basket(700, { member, pay: [value(200), points(15), cash(500)] })

describe('a sale and its full refund leave the member as before', () => {
  it('at once, when the sale was never sent', async () => {
    const { shop, counter, member } = await aMember()
    // What the sale spends is in hand, and the server away: nothing leaves.
    const coupon = (await counter.screen.members.get({ member })).coupons[0]
    await counter.screen.checkout.pay(basket(100, { member, pay: [cash(100)] }))
    await expectAgreement(shop)
    const before = await belongings(counter, member)
    const release = counter.engine.sync.hold(member)
    await holdInHand(counter, member)
    await shop.stopServer()
    await counter.engine.sync.once()

    const sale = await counter.screen.checkout.pay(rich(member))
    expect(await belongings(counter, member)).not.toEqual(before)
    const undone = await refundAt(counter, sale.event)
    expect(undone).toMatchObject({ total: 700 })
    expect(await belongings(counter, member)).toEqual(before)
    expect(await modeOf(counter, undone.event)).toBe('own')
    const { earned } = await paperOf(counter, sale.event)
    expect(earned).toEqual({ points: sale.earned.points, stamps: 1 })
    expect((await paperOf(counter, undone.event)).earned).toEqual({ points: -earned.points, stamps: -1 })
    expect(await refusalOf(refundAt(counter, sale.event))).toEqual({ code: 'alreadyReversed' })

    release()
    await shop.startServer()
    await expectAgreement(shop)
    expect(await belongings(counter, member)).toEqual(before)
    expect(coupon?.lot).toBe(before.coupons[0])
  })

  it('when all is home, when it was sent', async () => {
    const { shop, counter, member } = await aMember()
    const before = await belongings(counter, member)
    const { screen } = counter
    const sale = await screen.checkout.pay(rich(member))
    await counter.sync()
    const undone = await refundAt(counter, sale.event)
    expect(await modeOf(counter, undone.event)).toBe('consequence')
    // What it gives back is not here yet: a paper that tells balances would tell old ones.
    expect((await paperOf(counter, sale.event)).balances).toMatchObject({ storedValue: before.value - 200 })
    expect(await paperOf(counter, undone.event)).toMatchObject({ balances: null, earned: { points: 0, stamps: 0 } })
    expect((await belongings(counter, member)).visits).toEqual(before.visits)
    await expectAgreement(shop)
    expect(await belongings(counter, member)).toEqual(before)
    const found = await screen.transactions.find({ receiptCode: sale.receipt?.code ?? '' })
    expect(found).toMatchObject({ event: sale.event, reversed: true })
    const member2 = await shop.server.database.db
      .selectFrom('member')
      .select('spent')
      .where('id', '=', member)
      .executeTakeFirstOrThrow()
    const again = await screen.checkout.pay(rich(member))
    await refundAt(counter, again.event)
    await expectAgreement(shop)
    expect(await belongings(counter, member)).toEqual(before)
    expect(
      await shop.server.database.db
        .selectFrom('member')
        .select('spent')
        .where('id', '=', member)
        .executeTakeFirstOrThrow(),
    ).toEqual(member2)
  })

  it('with a coupon on it, before and after it was sent', async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, 'coupon:welcome-50')
    const before = await belongings(counter, member)
    const coupon = (await counter.screen.members.get({ member })).coupons.find(
      ({ template }) => template === 'welcome-50',
    )
    const buy = () =>
      counter.screen.checkout.pay(basket(400, { member, pay: [cash(350)], coupons: coupon ? [coupon.lot] : [] }))
    for (const sent of [false, true]) {
      const sale = await buy()
      if (sent) await counter.sync()
      await refundAt(counter, sale.event)
      await expectAgreement(shop)
      expect(await belongings(counter, member)).toEqual(before)
    }
  })
})

describe('a coupon redeemed by itself', () => {
  const gift = async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, 'coupon:free-latte')
    const coupon = (await counter.screen.members.get({ member })).coupons.find(
      ({ template }) => template === 'free-latte',
    )
    if (!coupon) throw new Error('the member has no such coupon')
    const redeem = () => counter.screen.coupons.redeem({ id: freshId(), lot: coupon.lot, note: '' })
    return { shop, counter, member, coupon, redeem, before: await belongings(counter, member) }
  }

  it('is found among the latest, and comes back once, if a manager says so', async () => {
    const { shop, counter, member, coupon, redeem, before } = await gift()
    const { screen } = counter
    const redeemed = await redeem()
    await expectAgreement(shop)
    expect((await belongings(counter, member)).coupons).not.toContain(coupon.lot)
    const told = { event: redeemed.event, kind: 'coupon.redeemed', receipt: null, coupon: coupon.name, total: 0 }
    expect((await screen.transactions.recent())[0]).toMatchObject({ ...told, tenders: [], reversed: false })
    const alone = screen.transactions.refund({ id: freshId(), event: redeemed.event, reason: '', approval: null })
    expect(await refusalOf(alone)).toEqual({ code: 'approvalNeeded' })

    const id = freshId()
    const undone = await refundAt(counter, redeemed.event, id)
    expect(undone).toMatchObject({ total: 0, receipt: null, printJob: null, returned: [], ended: [] })
    expect(undone.moved).toEqual({ asset: 'coupon:free-latte', by: 1 })
    expect(await modeOf(counter, undone.event)).toBe('consequence')
    expect(await refundAt(counter, redeemed.event, id)).toMatchObject({ moved: undone.moved })
    expect((await screen.transactions.recent())[0]).toMatchObject({ event: redeemed.event, reversed: true })
    expect(await refusalOf(refundAt(counter, redeemed.event))).toEqual({ code: 'alreadyReversed' })
    await expectAgreement(shop)
    expect(await belongings(counter, member)).toEqual(before)
    expect(await redeem()).toMatchObject({ moved: { by: -1 } })
  })

  it('comes back at once when it was never sent', async () => {
    const { shop, counter, member, coupon, redeem, before } = await gift()
    const short = basket(400, { member, pay: [cash(1)], coupons: [coupon.lot] })
    expect(await refusalOf(counter.screen.checkout.pay(short))).toMatchObject({ code: 'notPaidInFull' })
    const release = counter.engine.sync.hold(member)
    await shop.stopServer()
    await counter.engine.sync.once()
    const redeemed = await redeem()
    const undone = await refundAt(counter, redeemed.event)
    expect(await modeOf(counter, undone.event)).toBe('own')
    expect(await belongings(counter, member)).toEqual(before)
    release()
    await shop.startServer()
    await expectAgreement(shop)
    expect(await belongings(counter, member)).toEqual(before)
  })
})

describe('top-ups and debits', () => {
  it('are undone whole, bonus too, and only against value in hand', async () => {
    const { shop, counter, member } = await aMember()
    const { screen } = counter
    const before = await belongings(counter, member)
    const topUp = () =>
      screen.value.topUp({
        id: freshId(),
        member,
        amount: Amount.parse(1_000),
        tender: 'cash',
        received: Amount.parse(1_000),
      })
    for (const sent of [false, true]) {
      const done = await topUp()
      expect((await belongings(counter, member)).value).toBe(before.value + 1_050)
      if (sent) await expectAgreement(shop)
      await refundAt(counter, done.event)
      await expectAgreement(shop)
      expect(await belongings(counter, member)).toEqual(before)
    }
    const kept = await topUp()
    const told = { event: kept.event, total: 1_000, bonus: 50, claim: null, ending: [] }
    expect((await screen.transactions.recent())[0]).toMatchObject(told)
    const all = (await belongings(counter, member)).value
    const debit = await screen.value.debit({
      id: freshId(),
      member,
      amount: Amount.parse(all),
      note: '',
      approval,
    })
    await counter.sync()
    expect(await refusalOf(refundAt(counter, kept.event))).toMatchObject({ code: 'valueNotHere' })
    await refundAt(counter, debit.event)
    await expectAgreement(shop)
    await refundAt(counter, kept.event)
    await expectAgreement(shop)
    expect(await belongings(counter, member)).toEqual(before)
  })

  it('a top-up whose bonus has ended is paid back against what was paid', async () => {
    let passed = 0
    const shop = await startShop({ clock: () => Date.now() + passed })
    const counter = shop.one
    const member = await memberWith(shop, 'value:TWD', 600)
    const amount = Amount.parse(1_000)
    const done = await counter.screen.value.topUp({ id: freshId(), member, amount, tender: 'cash', received: amount })
    await expectAgreement(shop)
    passed = 370 * 86_400_000
    await counter.sync()
    const before = (await counter.screen.members.get({ member })).storedValue.total
    await refundAt(counter, done.event)
    await expectAgreement(shop)
    expect((await counter.screen.members.get({ member })).storedValue.total).toBe(before - 1_000)
  })

  it('a claimable sale undone takes its promise back', async () => {
    const shop = await startShop()
    const counter = shop.one
    const sales = []
    for (const sent of [false, true]) {
      const sale = await counter.screen.checkout.pay(basket(500))
      if (sent) await counter.sync()
      expect((await counter.screen.transactions.recent())[0]).toMatchObject({ event: sale.event, claim: sale.claim })
      await refundAt(counter, sale.event)
      await expectAgreement(shop)
      sales.push(sale.event)
    }
    const { db } = shop.server.database
    const claims = await db.selectFrom('claim').select(['id', 'state']).orderBy('id').execute()
    expect(claims).toEqual(sales.map((id) => ({ id, state: 'voided' })))
    const promised = await db
      .selectFrom('balance')
      .selectAll()
      .where('account', 'like', 'claim:%')
      .where('amount', '<>', 0)
      .execute()
    expect(promised).toEqual([])
  })
})

/** Takes what the member has into this counter's keeping, as a checkout does that was then not paid. */
async function holdInHand({ screen }: CounterAtWork, member: MemberId): Promise<void> {
  const refused = await refusalOf(screen.checkout.pay(basket(900, { member, pay: [value(500), points(20)] })))
  expect(refused.code).toBe('notPaidInFull')
}

async function modeOf({ db }: CounterAtWork, event: EventId): Promise<unknown> {
  const { text } = await db.selectFrom('event').select('text').where('id', '=', event).executeTakeFirstOrThrow()
  return JSON.parse(text).body.mode
}
