/** Races: what syncs in the background while a cashier works must never show. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, card, memberWith, points, refusalOf, value } from '#test/support/at-the-counter.ts'
import type { CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop } from '#test/support/shop.ts'

const isFor = (call: string, request: RequestInfo | URL): boolean =>
  (request instanceof Request ? request.url : String(request)).endsWith(`/${call}`)

/** Lets a call's answers through one at a time: `next` waits for one and lets the one before it go. */
function heldBack(call: 'pull' | 'acquire') {
  const { fetch: real } = globalThis
  let letGo = () => {}
  let arrived = Promise.withResolvers<void>()
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (request, init) => {
    const response = await real(request, init)
    if (!isFor(call, request)) return response
    await new Promise<void>((resolve) => {
      letGo = resolve
      arrived.resolve()
    })
    return response
  })
  onTestFinished(() => spy.mockRestore())
  return {
    async next() {
      letGo()
      await arrived.promise
      arrived = Promise.withResolvers()
    },
    letGo() {
      spy.mockRestore()
      letGo()
    },
  }
}

/** Requests are taken in turn: when these are answered, those before them have begun. */
async function answeredMeanwhile({ screen }: CounterAtWork): Promise<void> {
  for (let asked = 0; asked < 10; asked += 1) await screen.setup.state()
}

describe('while rights come and go', () => {
  it('a member’s total stands still, even where a page comes in while it is being read', async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, 'value:TWD', 300)
    const { total } = (await counter.screen.members.get({ member })).storedValue
    await refusalOf(counter.screen.checkout.pay(basket(900, { member, pay: [value(200)] })))
    const answers = heldBack('pull')
    const round = counter.engine.sync.once()
    // The first pull has no news; the second brings what the round has handed back.
    await answers.next()
    await answers.next()
    const busy = Promise.withResolvers<void>()
    const reading = counter.db.transaction().execute(() => busy.promise)
    const panel = counter.screen.members.get({ member })
    await answeredMeanwhile(counter)
    answers.letGo()
    await answeredMeanwhile(counter)
    busy.resolve()
    await reading
    expect((await panel).storedValue.total).toBe(total)
    expect(await round).toBe(true)
    await expectAgreement(shop)
  })

  it('what has been handed back is counted once, where a sale asks for it again before the pull tells of it', async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, 'points', 10)
    const { total } = (await counter.screen.members.get({ member })).points
    const { fetch: real } = globalThis
    const broken = Promise.withResolvers<never>()
    const asked = Promise.withResolvers<void>()
    let sent = false
    const line = vi.spyOn(globalThis, 'fetch').mockImplementation((request, init) => {
      sent ||= isFor('push', request)
      if (!sent || !isFor('pull', request)) return real(request, init)
      asked.resolve()
      return broken.promise
    })
    onTestFinished(() => line.mockRestore())
    const { earned } = await counter.screen.checkout.pay(basket(100_000, { member }))
    await asked.promise
    const all = total + earned.points
    const paid = await counter.screen.checkout.pay(basket(all - 1, { member, pay: [points(all - 1)] }))
    expect(paid.member?.points.total).toBe(1 + paid.earned.points)

    await shop.stopServer()
    broken.reject(new TypeError('the line broke'))
    await expect.poll(async () => (await counter.screen.status.get()).online).toBe(false)
    const left = (await counter.screen.members.get({ member })).points
    expect(left).toMatchObject({ total: 1, reachable: 1 })
    const pay = basket(50, { member, pay: [points(50)] })
    expect(await refusalOf(counter.screen.checkout.pay(pay))).toMatchObject({ code: 'insufficient' })
    line.mockRestore()
    await shop.startServer()
    await expectAgreement(shop)
    expect((await counter.screen.members.get({ member })).points.total).toBe(1)
  })

  it('a grant that a round finds first is the one the sale waits for', async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, 'value:TWD', 300)
    const { total } = (await counter.screen.members.get({ member })).storedValue
    const answers = heldBack('acquire')
    const sale = counter.screen.checkout.pay(basket(200, { member, pay: [value(200)] }))
    await answers.next()
    await counter.engine.sync.once()
    answers.letGo()
    expect(await sale).toMatchObject({ total: 200 })
    const accepted = await counter.db.selectFrom('event').select('id').where('kind', '=', 'rights.acquired').execute()
    expect(accepted).toHaveLength(1)
    await expectAgreement(shop)
    expect((await counter.screen.members.get({ member })).storedValue.total).toBe(total - 200)
  })

  it('a grant whose answer is lost costs no one anything', async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, 'value:TWD', 300)
    const { total } = (await counter.screen.members.get({ member })).storedValue
    const { fetch: real } = globalThis
    const line = vi.spyOn(globalThis, 'fetch').mockImplementation(async (request, init) => {
      const response = await real(request, init)
      if (isFor('acquire', request)) throw new TypeError('the line broke')
      return response
    })
    onTestFinished(() => line.mockRestore())
    const pay = () => counter.screen.checkout.pay(basket(total, { member, pay: [value(total)] }))
    expect(await refusalOf(pay())).toMatchObject({ code: 'insufficient', offline: true, total })
    line.mockRestore()
    expect(await shop.server.database.db.selectFrom('grant_made').select('accepted').execute()).toHaveLength(1)
    await expectAgreement(shop)
    expect((await counter.screen.members.get({ member })).storedValue).toMatchObject({ total, usableHere: total })
    expect(await pay()).toMatchObject({ total })
    await expectAgreement(shop)
  })

  it('sales and rounds at once lose nothing', async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, 'value:TWD', 1_000)
    const { total } = (await counter.screen.members.get({ member })).storedValue
    let selling = true
    const rounds = (async () => {
      while (selling) await counter.engine.sync.once()
    })()
    for (let sold = 0; sold < 15; sold += 1) {
      const sales = [basket(20, { member, pay: [value(20)] }), basket(30, { member, pay: [value(10), card(20)] })]
      await Promise.all(sales.map((sale) => counter.screen.checkout.pay(sale)))
    }
    selling = false
    await rounds
    await expectAgreement(shop)
    expect((await counter.screen.members.get({ member })).storedValue.total).toBe(total - 15 * 30)
    expect(counter.errors).toEqual([])
  })
})
