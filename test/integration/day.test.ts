/** One counter's day, over HTTP, with a real server: each thing a cashier does, and the books after it. */
import { describe, expect, it } from 'vitest'
import { Amount, BusinessDate, StaffId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { demoShop } from '#server/demo/shop.ts'
import { takeCursor } from '#server/ledger/cursor.ts'
import { applyShop } from '#server/shop/apply.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { approval, basket, card, cash, memberWith, points, refusalOf, value } from '#test/support/at-the-counter.ts'
import { freshId, PINS, staff } from '#test/support/counter-at-work.ts'
import { startShop, type Shop } from '#test/support/shop.ts'

/** As a back office that dismisses people would. */
async function employ({ server }: Shop, id: string, active: boolean): Promise<void> {
  await server.database.db.transaction().execute(async (trx) => {
    await trx
      .updateTable('staff')
      .set({ active: active ? 1 : 0 })
      .where('id', '=', id)
      .execute()
    const { seq } = await takeCursor(trx)
    await trx.updateTable('change').set({ seq }).where('kind', '=', 'staff').where('id', '=', id).execute()
  })
}

describe('signing in', () => {
  it('locks out after five wrong PINs, and a restart gives no further tries', async () => {
    const { one: counter } = await startShop()
    const tryPin = (pin: string) => counter.screen.session.signIn({ staff: staff('jun'), pin })
    for (const left of [4, 3, 2, 1]) {
      expect(await tryPin('9999')).toMatchObject({ ok: false, reason: 'wrongPin', attemptsLeft: left })
    }
    expect(await tryPin('9999')).toMatchObject({ ok: false, reason: 'lockedOut', attemptsLeft: 0 })
    await counter.restart()
    expect((await counter.screen.status.get()).staff).toBeNull()
    expect(await tryPin(PINS.jun)).toMatchObject({ ok: false, reason: 'lockedOut' })
    expect(await counter.screen.session.signIn({ staff: staff('mei'), pin: PINS.mei })).toMatchObject({ ok: true })
    const nobody = StaffId.parse('nobody')
    expect(await counter.screen.session.signIn({ staff: nobody, pin: '1234' })).toMatchObject({
      ok: false,
      reason: 'unknown',
    })
  })

  it('is locked for five minutes at most: a clock set back neither ends that sooner nor draws it out', async () => {
    const shop = await startShop()
    const counter = shop.one
    await shop.stopServer()
    const set = (ms: number) => (counter.now = () => Date.now() + ms)
    const tryPin = (pin: string) => counter.screen.session.signIn({ staff: staff('jun'), pin })
    const lock = async () => {
      for (let n = 0; n < 5; n += 1) await tryPin('9999')
      expect(await tryPin(PINS.jun)).toMatchObject({ ok: false, reason: 'lockedOut' })
    }
    await lock()
    for (const back of [1_000, 86_400_000]) {
      set(-back)
      expect(await tryPin('9999')).toMatchObject({ ok: false, reason: 'lockedOut' })
    }
    set(4 * 60_000)
    expect(await tryPin(PINS.jun)).toMatchObject({ ok: false, reason: 'lockedOut' })
    set(6 * 60_000)
    expect(await tryPin(PINS.jun)).toMatchObject({ ok: true })

    set(86_400_000)
    await lock()
    set(0)
    await counter.restart()
    const locked = await tryPin(PINS.jun)
    expect(locked).toMatchObject({ ok: false, reason: 'lockedOut' })
    expect(locked.ok ? null : locked.lockedUntil).toBeLessThanOrEqual(Date.now() + 5 * 60_000)
    set(6 * 60_000)
    expect(await tryPin(PINS.jun)).toMatchObject({ ok: true })
  })

  it('holds for as long as the shop has the person, in the role they have now', async () => {
    const shop = await startShop()
    const counter = shop.one
    const { screen } = counter
    const member = await memberWith(shop, 'value:TWD', 1_000)
    const undo = () => screen.transactions.refund({ id: freshId(), event, reason: '客人反悔', approval: null })
    const { event } = await screen.checkout.pay(basket(5_000, { member, pay: [cash(5_000)] }))
    await counter.signIn('chen')
    const demoted = demoShop.staff.map((one) => ({ ...one, role: 'staff' as const }))
    await applyShop(shop.server.database, { ...demoShop, staff: demoted })
    await counter.sync()
    expect((await screen.status.get()).staff).toMatchObject({ id: 'chen', role: 'staff' })
    expect(await refusalOf(undo())).toEqual({ code: 'approvalNeeded' })

    await employ(shop, 'chen', false)
    await counter.sync()
    expect((await screen.status.get()).staff).toBeNull()
    await expect(undo()).rejects.toMatchObject({ code: 'SIGNED_OUT' })
    await employ(shop, 'chen', true)
    await counter.sync()
    expect((await screen.status.get()).staff).toBeNull()
    await counter.signIn('chen')
  })

  it('is needed for everything a cashier does', async () => {
    const { screen } = (await startShop()).one
    await screen.session.signOut()
    await expect(screen.checkout.pay(basket(80))).rejects.toMatchObject({ code: 'SIGNED_OUT' })
    await expect(screen.members.find({ query: '陳' })).rejects.toMatchObject({ code: 'SIGNED_OUT' })
  })
})

describe('a day that is closed a little after the cut-off', () => {
  it.each(['signed in before it', 'signed in after it'])('is the one that has passed, by who has %s', async (when) => {
    let now = Date.parse('2026-03-10T15:00:00Z') // 23:00 in Taipei
    const shop = await startShop({ clock: () => now })
    const counter = shop.one
    const isOpen = async () => (await counter.screen.status.get()).dayOpen
    await counter.screen.checkout.pay(basket(100))
    if (when === 'signed in before it') await counter.signIn('chen')
    now = Date.parse('2026-03-10T20:05:00Z') // 04:05
    if (when === 'signed in after it') await counter.signIn('chen')
    const dayClosed = async () => (await counter.screen.status.get()).dayClosed
    expect(await dayClosed()).toBeNull()
    await counter.screen.day.close()
    expect(await isOpen()).toBe(false)
    expect(await dayClosed()).toBe('2026-03-10')
    now = Date.parse('2026-03-11T01:00:00Z') // 09:00
    await counter.signIn('mei')
    expect(await isOpen()).toBe(true)
    expect(await dayClosed()).toBeNull()
    // Nobody has been served yet, but there is no other day to close.
    await counter.signIn('chen')
    await counter.screen.day.close()
    await counter.signIn('mei')
    expect(await isOpen()).toBe(false)
  })

  it('is the new one where somebody has been served since', async () => {
    let now = Date.parse('2026-03-10T15:00:00Z')
    const shop = await startShop({ clock: () => now })
    const counter = shop.one
    now = Date.parse('2026-03-10T20:05:00Z')
    await counter.signIn('chen')
    await counter.screen.checkout.pay(basket(100))
    await counter.screen.day.close()
    await counter.signIn('mei')
    expect((await counter.screen.status.get()).dayOpen).toBe(false)
  })
})

describe('a day', () => {
  it('of sales, however they are paid', async () => {
    const shop = await startShop()
    const { screen } = shop.one
    const member = await memberWith(shop, 'value:TWD', 1_000)
    const before = await screen.members.get({ member })

    const byCash = await screen.checkout.pay(basket(250, { member, pay: [cash(1_000)] }))
    expect(byCash).toMatchObject({ total: 250, change: 750, claim: null })
    expect(byCash.earned.points).toBeGreaterThan(0)
    expect(byCash.earned.stamps).toBe(1)
    expect(byCash.printJob).not.toBeNull()
    expect(byCash.member?.points.total).toBe(before.points.total + byCash.earned.points)

    const byCard = await screen.checkout.pay(basket(120, { member, pay: [card(120)] }))
    expect(byCard).toMatchObject({ total: 120, change: 0 })
    const byPoints = await screen.checkout.pay(basket(99, { member, pay: [points(20), cash(100)] }))
    expect(byPoints).toMatchObject({ total: 99, change: 21, earned: { points: 0 } })
    const byValue = await screen.checkout.pay(basket(300, { member, pay: [value(300)] }))
    expect(byValue.member?.storedValue.total).toBe(before.storedValue.total - 300)
    const split = await screen.checkout.pay(
      basket(500, { member, pay: [value(200), points(10), card(100), cash(200)] }),
    )
    expect(split).toMatchObject({ total: 500, change: 10 })
    await expectAgreement(shop)

    const after = await screen.members.get({ member })
    expect(after.storedValue.total).toBe(before.storedValue.total - 500)
    expect(after.points.total).toBe(split.member?.points.total)
    expect(after.recent.map(({ total }) => total)).toEqual([500, 300, 99, 120, 250])
  })

  it('of coupons: on a sale, by itself, once', async () => {
    const shop = await startShop()
    const { screen } = shop.one
    const member = await memberWith(shop, 'coupon:off-10')
    const coupon = (await screen.members.get({ member })).coupons.find(({ template }) => template === 'off-10')
    if (!coupon?.code) throw new Error('the member has no such coupon')
    const discounted = await screen.checkout.pay(basket(200, { member, pay: [cash(180)], coupons: [coupon.lot] }))
    expect(discounted).toMatchObject({ total: 180, change: 0 })
    expect(discounted.member?.coupons.map(({ lot }) => lot)).not.toContain(coupon.lot)
    const again = refusalOf(screen.checkout.pay(basket(200, { member, pay: [cash(180)], coupons: [coupon.lot] })))
    expect(await again).toMatchObject({ code: 'couponUnavailable', lot: coupon.lot })

    const other = await memberWith(shop, 'coupon:free-latte')
    const latte = (await screen.members.get({ member: other })).coupons.find(
      ({ template }) => template === 'free-latte',
    )
    if (!latte) throw new Error('the member has no such coupon')
    const redeemed = await screen.coupons.redeem({ id: freshId(), lot: latte.lot, note: '熱' })
    expect(redeemed).toMatchObject({ total: 0, receipt: null, moved: { asset: 'coupon:free-latte', by: -1 } })
    expect(await refusalOf(screen.coupons.redeem({ id: freshId(), lot: latte.lot, note: '' }))).toMatchObject({
      code: 'couponUnavailable',
    })
    await expectAgreement(shop)
  })

  it('of a sale without a member: the receipt promises what may be claimed', async () => {
    const shop = await startShop()
    const { screen } = shop.one
    const sale = await screen.checkout.pay(basket(365))
    expect(sale).toMatchObject({ claim: { points: 3, stamps: 1 }, member: null, earned: { points: 0 } })
    await expectAgreement(shop)
    const claims = await shop.server.database.db.selectFrom('claim').selectAll().execute()
    expect(claims).toMatchObject([{ id: sale.event, state: 'open' }])
    const reprint = await screen.printing.reprint({ event: null })
    expect(reprint).toMatchObject({ event: sale.event, copy: 1 })
    const prints = await shop.one.db.selectFrom('print_job').select(['copy', 'document']).orderBy('copy').execute()
    const [original, copy] = prints.map(({ document }) => JSON.parse(document))
    expect(copy).toEqual({ ...original, reprint: true })
    expect(original.claim.points).toBe(3)
  })

  it('of stored value and points by hand, with a manager where the shop wants one', async () => {
    const shop = await startShop()
    const { screen } = shop.one
    const member = await memberWith(shop, POINTS, 100)
    const before = await screen.members.get({ member })
    const topUp = await screen.value.topUp({
      id: freshId(),
      member,
      amount: Amount.parse(3_000),
      tender: 'cash',
      received: Amount.parse(5_000),
    })
    expect(topUp).toMatchObject({ total: 3_000, change: 2_000, bonus: 200 })
    expect(topUp.member?.storedValue.total).toBe(before.storedValue.total + 3_200)

    const debit = (by: typeof approval | null) =>
      screen.value.debit({ id: freshId(), member, amount: Amount.parse(2_500), note: '訂位', approval: by })
    const tried = { lockedUntil: null, attemptsLeft: 4 }
    expect(await refusalOf(debit(null))).toEqual({ code: 'approvalNeeded' })
    expect(await refusalOf(debit({ staff: staff('jun'), pin: PINS.jun }))).toMatchObject({ tried: { attemptsLeft: 0 } })
    expect(await refusalOf(debit({ ...approval, pin: '0000' }))).toEqual({ code: 'approvalNeeded', tried })
    const debited = await debit(approval)
    for (let tries = 0; tries < 5; tries += 1) await refusalOf(debit({ ...approval, pin: '0000' }))
    const locked = { tried: { attemptsLeft: 0, lockedUntil: expect.any(Number) } }
    expect(await refusalOf(debit(approval))).toMatchObject(locked)
    expect(debited.member?.storedValue.total).toBe(before.storedValue.total + 700)
    const { text } = await shop.one.db
      .selectFrom('event')
      .select('text')
      .where('id', '=', debited.event)
      .executeTakeFirstOrThrow()
    expect(JSON.parse(text)).toMatchObject({ staff: 'mei', approvedBy: 'chen' })

    const by = { member, asset: POINTS, note: '補登', approval: null }
    const granted = await screen.points.adjust({ ...by, id: freshId(), direction: 'grant', amount: Amount.parse(15) })
    expect(granted.moved).toEqual({ asset: POINTS, by: 15 })
    expect(granted.member?.points.total).toBe(before.points.total + 15)
    const taken = await screen.points.adjust({ ...by, id: freshId(), direction: 'deduct', amount: Amount.parse(40) })
    expect(taken.moved).toEqual({ asset: POINTS, by: -40 })
    expect(taken.member?.points.total).toBe(before.points.total - 25)
    await expectAgreement(shop)
  })

  it('of adjustments: one that the server would put aside as too large is refused', async () => {
    const shop = await startShop()
    const { screen } = shop.one
    const member = await memberWith(shop, 'points', 60)
    await shop.one.signIn('chen')
    const by = { id: freshId(), member, asset: POINTS, direction: 'grant' as const, note: '補登', approval: null }
    const keyed = (amount: number) => screen.points.adjust({ ...by, amount: Amount.parse(amount) })
    expect(await refusalOf(keyed(20_000_000_000))).toEqual({ code: 'tooLarge' })
    expect((await keyed(200)).moved).toEqual({ asset: POINTS, by: 200 })
    await expectAgreement(shop)
    expect((await screen.status.get()).quarantined).toBe(0)
  })

  it('of a new member: the welcome gift comes with the sync', async () => {
    const shop = await startShop()
    const { screen } = shop.one
    const profile = {
      name: '歐陽靜雯',
      phone: '0900 000 901',
      birthday: '1992-02-29',
      email: 'a@example.com',
      address: '',
    }
    const enrolled = await screen.members.enrol({ id: freshId(), ...profile })
    expect(enrolled).toMatchObject({ name: '歐陽靜雯', phone: '0900000901', tier: 'regular', unsynced: true })
    expect(await refusalOf(screen.members.enrol({ id: freshId(), ...profile }))).toEqual({
      code: 'memberExists',
      member: enrolled.id,
      name: '歐陽靜雯',
    })
    await expectAgreement(shop)
    const home = await screen.members.get({ member: enrolled.id })
    expect(home).toMatchObject({ unsynced: false, points: { total: 20 }, birthday: BusinessDate.parse('1992-02-29') })
    expect(home.coupons.map(({ template }) => template)).toEqual(['welcome-50'])
    for (const query of ['靜雯', '0901', '0900000901', enrolled.card]) {
      expect((await screen.members.find({ query })).map(({ id }) => id)).toContain(enrolled.id)
    }
  })
})
