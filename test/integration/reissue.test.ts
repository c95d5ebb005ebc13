/** A refund into lots that have expired (R5): what comes back ends at once, and the counter gives as much anew, once. */
import { describe, expect, it } from 'vitest'
import type { Done } from '#core/contract/views.ts'
import { addDays } from '#core/business-date.ts'
import { Amount, LotId, type MemberId } from '#core/ids.ts'
import { couponTemplate } from '#core/loyalty/programme.ts'
import { formatCoupon } from '#core/scan/code.ts'
import { demoShop } from '#server/demo/shop.ts'
import { applyShop } from '#server/shop/apply.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import {
  approval,
  basket,
  cash,
  loseServer,
  memberWith,
  points,
  refundAt,
  refusalOf,
} from '#test/support/at-the-counter.ts'
import { freshId, PINS, staff, type CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop, type Shop } from '#test/support/shop.ts'

const DAY = 86_400_000
const couponsOf = async ({ screen }: CounterAtWork, member: MemberId) => (await screen.members.get({ member })).coupons

type AtWork = { shop: Shop; one: CounterAtWork; two: CounterAtWork; member: MemberId; lot: LotId; sale: Done }

/** A sale with a coupon at Counter 1, sent unless told otherwise; a hundred days later the coupon has ended. */
async function longAfterASale({ sent = true } = {}): Promise<AtWork> {
  let passed = 0
  const shop = await startShop({ counters: 2, clock: () => Date.now() + passed })
  const { one, two } = shop
  const member = await memberWith(shop, 'coupon:welcome-50')
  const lot = (await couponsOf(one, member)).find(({ template }) => template === 'welcome-50')?.lot
  if (!lot) throw new Error('the member has no coupon')
  if (!sent) {
    await refusalOf(one.screen.checkout.pay(basket(400, { member, pay: [cash(1)], coupons: [lot] })))
  }
  const release = one.engine.sync.hold(member)
  if (!sent) await loseServer(shop, one)
  const sale = await one.screen.checkout.pay(basket(400, { member, pay: [cash(350)], coupons: [lot] }))
  release()
  passed = 100 * DAY
  if (sent) await expectAgreement(shop)
  return { shop, one, two, member, lot, sale }
}

describe('a coupon that comes back after its last day', () => {
  it('is told of and given anew too when it was redeemed by itself', async () => {
    let passed = 0
    const shop = await startShop({ clock: () => Date.now() + passed })
    const { one } = shop
    const member = await memberWith(shop, 'coupon:free-latte')
    const gift = (await couponsOf(one, member)).find(({ template }) => template === 'free-latte')
    if (!gift) throw new Error('the member has no coupon')
    const redeemed = await one.screen.coupons.redeem({ id: freshId(), lot: gift.lot, note: '' })
    await expectAgreement(shop)
    passed = 200 * DAY
    await expectAgreement(shop)
    const id = freshId()
    const undone = await refundAt(one, redeemed.event, id)
    expect(undone.ended).toEqual([{ lot: gift.lot, asset: 'coupon:free-latte', amount: 1, name: gift.name }])
    expect((await refundAt(one, redeemed.event, id)).ended).toEqual(undone.ended)
    await expectAgreement(shop)
    expect(await couponsOf(one, member)).toEqual([])
    await one.screen.transactions.reissue({ refund: id, lot: gift.lot, approval })
    await expectAgreement(shop)
    expect(await couponsOf(one, member)).toMatchObject([{ template: 'free-latte' }])
  })

  it('is told of with the refund, and one like it is given, good at every counter', async () => {
    const { shop, one, two, member, lot, sale } = await longAfterASale()
    const [told] = await one.screen.transactions.recent()
    const id = freshId()
    const undone = await refundAt(one, sale.event, id)
    expect(undone.ended).toEqual([{ lot, asset: 'coupon:welcome-50', amount: 1, name: expect.stringContaining('50') }])
    expect(told).toMatchObject({ ending: undone.ended, discounts: [{ name: undone.ended[0]?.name, amount: 50 }] })
    // An answer that was lost is asked for again, and is the same.
    expect((await refundAt(one, sale.event, id)).ended).toEqual(undone.ended)
    await expectAgreement(shop)
    expect(await couponsOf(one, member)).toEqual([])

    const given = await one.screen.transactions.reissue({ refund: id, lot, approval })
    const [coupon] = given.member?.coupons ?? []
    const { programme } = one.engine.counter.shop()
    const template = coupon && couponTemplate(programme, coupon.template)
    const { businessDate } = await one.screen.status.get()
    expect(coupon).toMatchObject({
      template: 'welcome-50',
      usableHere: true,
      expiresOn: addDays(businessDate, template?.validDays ?? 0),
    })
    expect(await couponsOf(one, member)).toMatchObject([{ lot: coupon?.lot }])

    await expectAgreement(shop)
    const text = coupon?.code ? formatCoupon(coupon.code) : ''
    expect(await two.screen.scan({ text })).toMatchObject({ kind: 'coupon', coupon: { lot: coupon?.lot } })
    const again = await two.screen.checkout.pay(
      basket(400, { member, pay: [cash(350)], coupons: coupon ? [coupon.lot] : [] }),
    )
    expect(again.total).toBe(350)
    await expectAgreement(shop)
    expect(await couponsOf(one, member)).toEqual([])
  })

  it('is given anew without a network, and only once, whoever asks and after whatever', async () => {
    const { shop, one, member, lot, sale } = await longAfterASale({ sent: false })
    const undone = await refundAt(one, sale.event)
    expect(undone.ended).toHaveLength(1)
    const ask = () => one.screen.transactions.reissue({ refund: undone.event, lot, approval })
    const [given, twice] = await Promise.all([ask(), ask()])
    expect(twice.event).toBe(given.event)
    await one.restart()
    await one.signIn('mei')
    expect((await ask()).event).toBe(given.event)
    expect(await couponsOf(one, member)).toMatchObject([{ lot: `${given.event}.0`, usableHere: true }])

    await shop.startServer()
    await expectAgreement(shop)
    expect((await ask()).event).toBe(given.event)
    expect(await couponsOf(one, member)).toHaveLength(1)
    const { db } = shop.server.database
    const row = await db.selectFrom('event').select('text').where('id', '=', given.event).executeTakeFirstOrThrow()
    const { body, approvedBy } = JSON.parse(row.text)
    expect(body.note).toContain(String(undone.receipt?.number))
    expect(approvedBy).toBe('chen')
    expect(await db.selectFrom('quarantine').selectAll().execute()).toEqual([])
  })

  it('is given anew where it was refunded, be that another counter than where it was used', async () => {
    const { shop, two, member, lot, sale } = await longAfterASale()
    const undone = await refundAt(two, sale.event)
    expect(undone.ended).toMatchObject([{ lot }])
    await two.screen.transactions.reissue({ refund: undone.event, lot, approval })
    await expectAgreement(shop)
    expect(await couponsOf(two, member)).toHaveLength(1)
  })

  it('is told of again, and given anew, without a network, though it was used at another counter', async () => {
    const { shop, two, member, lot, sale } = await longAfterASale()
    const id = freshId()
    const undone = await refundAt(two, sale.event, id)
    await loseServer(shop, two)
    expect((await refundAt(two, sale.event, id)).ended).toEqual(undone.ended)
    await two.screen.transactions.reissue({ refund: id, lot, approval })
    expect(await couponsOf(two, member)).toMatchObject([{ template: 'welcome-50', usableHere: true }])
    await shop.startServer()
    await expectAgreement(shop)
  })

  it('is not given twice by a file put back from a backup', async () => {
    const { shop, one, member, lot, sale } = await longAfterASale()
    const undone = await refundAt(one, sale.event)
    await one.backUp()
    const ask = () => one.screen.transactions.reissue({ refund: undone.event, lot, approval: null })
    const given = await ask()
    await one.sync()
    await one.putBack(null, 'chen')
    await one.sync()
    expect((await ask()).event).toBe(given.event)
    await expectAgreement(shop)
    expect(await couponsOf(one, member)).toHaveLength(1)
  })

  it('needs a manager, and a coupon that the refund brought back expired', async () => {
    const { one, lot, sale } = await longAfterASale()
    const undone = await refundAt(one, sale.event)
    const ask = (over = {}) => one.screen.transactions.reissue({ refund: undone.event, lot, approval, ...over })
    await one.signIn('jun')
    expect(await refusalOf(ask({ approval: null }))).toEqual({ code: 'approvalNeeded' })
    expect(await refusalOf(ask({ approval: { staff: staff('jun'), pin: PINS.jun } }))).toEqual({
      code: 'approvalNeeded',
      tried: { attemptsLeft: 0, lockedUntil: null },
    })
    expect(await refusalOf(ask({ refund: sale.event }))).toEqual({ code: 'nothingToReissue' })
    expect(await refusalOf(ask({ lot: LotId.parse(`${sale.event}.0`) }))).toEqual({ code: 'nothingToReissue' })
    await one.signIn('chen')
    await ask({ approval: null })
  })

  it('cannot be given anew once the programme has it no more', async () => {
    const { shop, one, member, lot, sale } = await longAfterASale()
    const undone = await refundAt(one, sale.event)
    const programme = {
      ...demoShop.programme,
      coupons: demoShop.programme.coupons.filter((at) => at.id !== 'welcome-50'),
    }
    await applyShop(shop.server.database, { ...demoShop, programme })
    await one.sync()
    expect(await refusalOf(one.screen.transactions.reissue({ refund: undone.event, lot, approval }))).toEqual({
      code: 'couponWithdrawn',
      name: undone.ended[0]?.name,
    })
    expect(await couponsOf(one, member)).toEqual([])
  })
})

describe('a coupon that comes back in time', () => {
  it('is not spoken of', async () => {
    const shop = await startShop()
    const { one } = shop
    const member = await memberWith(shop, 'coupon:welcome-50')
    const [coupon] = (await couponsOf(one, member)).filter(({ template }) => template === 'welcome-50')
    const sale = await one.screen.checkout.pay(
      basket(400, { member, pay: [cash(350)], coupons: coupon ? [coupon.lot] : [] }),
    )
    const undone = await refundAt(one, sale.event)
    expect(undone.ended).toEqual([])
    const lot = coupon?.lot ?? LotId.parse(`${sale.event}.0`)
    const asked = one.screen.transactions.reissue({ refund: undone.event, lot, approval })
    expect(await refusalOf(asked)).toEqual({ code: 'nothingToReissue' })
  })
})

describe('points and stored value that come back after their last day', () => {
  it('are told of with the refund, lot by lot, and as many points are given, good at every counter', async () => {
    let passed = 0
    const shop = await startShop({ counters: 2, clock: () => Date.now() + passed })
    const { one, two } = shop
    const member = await memberWith(shop, 'points', 100)
    const sale = await one.screen.checkout.pay(basket(400, { member, pay: [points(60), cash(340)] }))
    await expectAgreement(shop)
    passed = 500 * DAY
    await expectAgreement(shop)
    const before = (await two.screen.members.get({ member })).points.total
    const id = freshId()
    const undone = await refundAt(two, sale.event, id)
    expect(undone.ended.every(({ asset, name }) => asset === 'points' && name === '')).toBe(true)
    expect(undone.ended.reduce((sum, { amount }) => sum + amount, 0)).toBe(60)
    expect((await refundAt(two, sale.event, id)).ended).toEqual(undone.ended)
    await expectAgreement(shop)
    expect((await one.screen.members.get({ member })).points.total).toBe(before)

    for (const { lot, amount } of undone.ended) {
      const ask = () => two.screen.transactions.reissue({ refund: id, lot, approval })
      const given = await ask()
      expect(given.moved).toEqual({ asset: 'points', by: amount })
      expect((await ask()).event).toBe(given.event)
    }
    await expectAgreement(shop)
    expect((await one.screen.members.get({ member })).points).toMatchObject({
      total: before + 60,
      reachable: before + 60,
    })
  })

  it('are so too offline, before the debit was ever sent; a bonus that has not ended comes back as it was', async () => {
    let passed = 0
    const shop = await startShop({ clock: () => Date.now() + passed })
    const { one } = shop
    const { programme } = demoShop
    const topUp = { ...programme.topUp, valueValidDays: 30 }
    await applyShop(shop.server.database, { ...demoShop, programme: { ...programme, topUp } })
    await one.sync()
    const { id: member } = await one.screen.members.enrol({
      id: freshId(),
      name: '林小美',
      phone: '0912340999',
      birthday: null,
      email: '',
      address: '',
    })
    const release = one.engine.sync.hold(member)
    await one.screen.value.topUp({
      id: freshId(),
      member,
      amount: Amount.parse(1_000),
      tender: 'cash',
      received: Amount.parse(1_000),
    })
    await loseServer(shop, one)
    const debit = await one.screen.value.debit({
      id: freshId(),
      member,
      amount: Amount.parse(1_030),
      note: '',
      approval,
    })
    release()
    passed = 31 * DAY
    const undone = await refundAt(one, debit.event)
    expect(undone.ended).toEqual([{ lot: expect.any(String), asset: 'value:TWD', amount: 1_000, name: '' }])
    const lot = undone.ended[0]?.lot ?? LotId.parse(`${debit.event}.0`)
    const given = await one.screen.transactions.reissue({ refund: undone.event, lot, approval })
    expect(given.moved).toEqual({ asset: 'value:TWD', by: 1_000 })
    expect(given.member?.storedValue).toMatchObject({ total: 1_050, usableHere: 1_050 })
    await shop.startServer()
    await expectAgreement(shop)
    expect((await one.screen.members.get({ member })).storedValue.total).toBe(1_050)
  })
})
