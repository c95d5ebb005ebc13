/** A refund into an expired coupon (R5): it ends at once, and the counter gives another in its stead, once. */
import { describe, expect, it } from 'vitest'
import type { Done } from '#core/contract/views.ts'
import { addDays } from '#core/business-date.ts'
import { LotId, type EventId, type MemberId } from '#core/ids.ts'
import { couponTemplate } from '#core/loyalty/programme.ts'
import { formatCoupon } from '#core/scan/code.ts'
import { restoreBackup } from '#main/restore-backup.ts'
import { demoShop } from '#server/demo/shop.ts'
import { applyShop } from '#server/shop/apply.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, cash, memberWith, refusalOf } from '#test/support/at-the-counter.ts'
import { freshId, PINS, staff, startShop, type CounterAtWork, type Shop } from '#test/support/shop.ts'

const DAY = 86_400_000
const manager = { staff: staff('chen'), pin: PINS.chen }

const refund = ({ screen }: CounterAtWork, event: EventId, id = freshId()): Promise<Done> =>
  screen.transactions.refund({ id, event, reason: '', approval: manager })

const couponsOf = async ({ screen }: CounterAtWork, member: MemberId) => (await screen.members.get({ member })).coupons

type AtWork = { shop: Shop; one: CounterAtWork; two: CounterAtWork; member: MemberId; lot: LotId; sale: Done }

/** A sale with a coupon at Counter 1, sent unless told otherwise; a hundred days later the coupon has ended. */
async function longAfterASale({ sent = true } = {}): Promise<AtWork> {
  let passed = 0
  const shop = await startShop({ counters: 2, clock: () => Date.now() + passed })
  const [one, two] = shop.counters
  if (!one || !two) throw new Error('there are no two counters')
  const member = await memberWith(shop, 'coupon:welcome-50')
  const lot = (await couponsOf(one, member)).find(({ template }) => template === 'welcome-50')?.lot
  if (!lot) throw new Error('the member has no coupon')
  if (!sent) {
    await refusalOf(one.screen.checkout.pay(basket(400, { member, pay: [cash(1)], coupons: [lot] })))
  }
  const release = one.engine.sync.hold(member)
  if (!sent) await leave(shop, one)
  const sale = await one.screen.checkout.pay(basket(400, { member, pay: [cash(350)], coupons: [lot] }))
  release()
  passed = 100 * DAY
  if (sent) await expectAgreement(shop)
  return { shop, one, two, member, lot, sale }
}

async function leave(shop: Shop, counter: CounterAtWork): Promise<void> {
  await shop.stopServer()
  await expect.poll(async () => (await counter.screen.status.get()).online, { timeout: 30_000 }).toBe(false)
}

describe('a coupon that comes back after its last day', () => {
  it('is told of and given anew too when it was redeemed by itself', async () => {
    let passed = 0
    const shop = await startShop({ clock: () => Date.now() + passed })
    const [one] = shop.counters
    if (!one) throw new Error('there is no counter')
    const member = await memberWith(shop, 'coupon:free-latte')
    const gift = (await couponsOf(one, member)).find(({ template }) => template === 'free-latte')
    if (!gift) throw new Error('the member has no coupon')
    const redeemed = await one.screen.coupons.redeem({ id: freshId(), lot: gift.lot, note: '' })
    await expectAgreement(shop)
    passed = 200 * DAY
    await expectAgreement(shop)
    const id = freshId()
    const undone = await refund(one, redeemed.event, id)
    expect(undone.expiredCoupons).toEqual([{ lot: gift.lot, template: 'free-latte', name: gift.name }])
    expect((await refund(one, redeemed.event, id)).expiredCoupons).toEqual(undone.expiredCoupons)
    await expectAgreement(shop)
    expect(await couponsOf(one, member)).toEqual([])
    await one.screen.coupons.reissue({ refund: id, lot: gift.lot, approval: manager })
    await expectAgreement(shop)
    expect(await couponsOf(one, member)).toMatchObject([{ template: 'free-latte' }])
  })

  it('is told of with the refund, and one like it is given, good at every counter', async () => {
    const { shop, one, two, member, lot, sale } = await longAfterASale()
    const id = freshId()
    const undone = await refund(one, sale.event, id)
    expect(undone.expiredCoupons).toEqual([{ lot, template: 'welcome-50', name: expect.stringContaining('50') }])
    // An answer that was lost is asked for again, and is the same.
    expect((await refund(one, sale.event, id)).expiredCoupons).toEqual(undone.expiredCoupons)
    await expectAgreement(shop)
    expect(await couponsOf(one, member)).toEqual([])

    const given = await one.screen.coupons.reissue({ refund: id, lot, approval: manager })
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
    const undone = await refund(one, sale.event)
    expect(undone.expiredCoupons).toHaveLength(1)
    const ask = () => one.screen.coupons.reissue({ refund: undone.event, lot, approval: manager })
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
    const undone = await refund(two, sale.event)
    expect(undone.expiredCoupons).toMatchObject([{ lot }])
    await two.screen.coupons.reissue({ refund: undone.event, lot, approval: manager })
    await expectAgreement(shop)
    expect(await couponsOf(two, member)).toHaveLength(1)
  })

  it('is told of again, and given anew, without a network, though it was used at another counter', async () => {
    const { shop, two, member, lot, sale } = await longAfterASale()
    const id = freshId()
    const undone = await refund(two, sale.event, id)
    await leave(shop, two)
    expect((await refund(two, sale.event, id)).expiredCoupons).toEqual(undone.expiredCoupons)
    await two.screen.coupons.reissue({ refund: id, lot, approval: manager })
    expect(await couponsOf(two, member)).toMatchObject([{ template: 'welcome-50', usableHere: true }])
    await shop.startServer()
    await expectAgreement(shop)
  })

  it('is not given twice by a file put back from a backup', async () => {
    const { shop, one, member, lot, sale } = await longAfterASale()
    const undone = await refund(one, sale.event)
    await one.signIn('chen')
    await one.screen.day.close()
    const ask = () => one.screen.coupons.reissue({ refund: undone.event, lot, approval: null })
    const given = await ask()
    await one.sync()
    await one.stop()
    await restoreBackup(one.dataDir, null, Date.now())
    await one.start()
    await one.signIn('chen')
    await one.sync()
    expect((await ask()).event).toBe(given.event)
    await expectAgreement(shop)
    expect(await couponsOf(one, member)).toHaveLength(1)
  })

  it('needs a manager, and a coupon that the refund brought back expired', async () => {
    const { one, lot, sale } = await longAfterASale()
    const undone = await refund(one, sale.event)
    const ask = (over = {}) => one.screen.coupons.reissue({ refund: undone.event, lot, approval: manager, ...over })
    await one.signIn('jun')
    expect(await refusalOf(ask({ approval: null }))).toEqual({ code: 'approvalNeeded' })
    expect(await refusalOf(ask({ approval: { staff: staff('jun'), pin: PINS.jun } }))).toEqual({
      code: 'approvalNeeded',
    })
    expect(await refusalOf(ask({ refund: sale.event }))).toEqual({ code: 'nothingToReissue' })
    expect(await refusalOf(ask({ lot: LotId.parse(`${sale.event}.0`) }))).toEqual({ code: 'nothingToReissue' })
    await one.signIn('chen')
    await ask({ approval: null })
  })

  it('cannot be given anew once the programme has it no more', async () => {
    const { shop, one, member, lot, sale } = await longAfterASale()
    const undone = await refund(one, sale.event)
    const programme = {
      ...demoShop.programme,
      coupons: demoShop.programme.coupons.filter((at) => at.id !== 'welcome-50'),
    }
    await applyShop(shop.server.database, { ...demoShop, programme })
    await one.sync()
    expect(await refusalOf(one.screen.coupons.reissue({ refund: undone.event, lot, approval: manager }))).toEqual({
      code: 'couponWithdrawn',
      name: undone.expiredCoupons[0]?.name,
    })
    expect(await couponsOf(one, member)).toEqual([])
  })
})

describe('a coupon that comes back in time', () => {
  it('is not spoken of', async () => {
    const shop = await startShop()
    const [one] = shop.counters
    if (!one) throw new Error('there is no counter')
    const member = await memberWith(shop, 'coupon:welcome-50')
    const [coupon] = (await couponsOf(one, member)).filter(({ template }) => template === 'welcome-50')
    const sale = await one.screen.checkout.pay(
      basket(400, { member, pay: [cash(350)], coupons: coupon ? [coupon.lot] : [] }),
    )
    const undone = await refund(one, sale.event)
    expect(undone.expiredCoupons).toEqual([])
    const lot = coupon?.lot ?? LotId.parse(`${sale.event}.0`)
    const asked = one.screen.coupons.reissue({ refund: undone.event, lot, approval: manager })
    expect(await refusalOf(asked)).toEqual({ code: 'nothingToReissue' })
  })
})
