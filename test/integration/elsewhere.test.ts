/** Refunds at another counter than where it was paid (R5): found with the server's help, by its receipt or its id. */
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Amount } from '#core/ids.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import {
  approval,
  basket,
  belongings,
  cash,
  drawer,
  memberWith,
  paperOf,
  points,
  refundAt,
  refusalOf,
  value,
} from '#test/support/at-the-counter.ts'
import { freshId } from '#test/support/counter-at-work.ts'
import { startShop } from '#test/support/shop.ts'

async function atTwoCounters() {
  const shop = await startShop({ counters: 2 })
  const { one, two } = shop
  return { shop, one, two, member: await memberWith(shop, 'value:TWD', 600) }
}

describe('a sale of Counter 1', () => {
  it('is found at Counter 2 by its receipt and refunded there, once for all', async () => {
    const { shop, one, two, member } = await atTwoCounters()
    await expectAgreement(shop)
    const before = await belongings(one, member)
    const sale = await one.screen.checkout.pay(basket(700, { member, pay: [value(200), points(15), cash(485)] }))
    await expectAgreement(shop)
    const receipt = sale.receipt?.code ?? ''
    const found = await two.screen.scan({ text: receipt })
    expect(found).toMatchObject({
      kind: 'receipt',
      transaction: { event: sale.event, madeAt: 'Counter 1', total: 700, reversed: false },
    })

    const id = freshId()
    const undone = await refundAt(two, sale.event, id)
    expect(await paperOf(two, undone.event)).toMatchObject({
      refundOf: { receiptNumber: (await paperOf(one, sale.event)).receiptNumber },
    })
    await expectAgreement(shop)
    expect(await belongings(one, member)).toEqual(before)
    expect([await drawer(one), await drawer(two)]).toEqual([485, -485])
    // An answer that was lost is asked for again, and is the same.
    expect(await refundAt(two, sale.event, id)).toMatchObject({ event: undone.event, total: undone.total })

    expect(await two.screen.scan({ text: receipt })).toMatchObject({ transaction: { reversed: true } })
    expect(await refusalOf(refundAt(two, sale.event))).toEqual({ code: 'alreadyReversed' })
    expect(await refusalOf(refundAt(one, sale.event))).toEqual({ code: 'alreadyReversed' })
  })

  it('is not known at Counter 2 before it has come to the server, nor without a network', async () => {
    const { shop, one, two, member } = await atTwoCounters()
    await shop.stopServer()
    const sale = await one.screen.checkout.pay(basket(100, { member, pay: [cash(100)] }))
    const unknown = { kind: 'notFound', what: 'receipt' }
    expect(await two.screen.scan({ text: sale.receipt?.code ?? '' })).toMatchObject(unknown)
    expect(await refusalOf(refundAt(two, sale.event))).toEqual({ code: 'saleUnknown' })
    // Else it would send its sale as soon as the server is back.
    await one.stop()
    await shop.startServer()
    await two.sync()
    expect(await two.screen.scan({ text: sale.receipt?.code ?? '' })).toMatchObject(unknown)
    await one.start()
    await expectAgreement(shop)
    await refundAt(two, sale.event)
    await expectAgreement(shop)
  })

  it('that is asked after in vain is waited for once: the counter is offline from then on', async () => {
    const { one, two, member } = await atTwoCounters()
    const topUp = { member, amount: Amount.parse(1_000), tender: 'cash' as const, received: Amount.parse(1_000) }
    const { event } = await one.screen.value.topUp({ id: freshId(), ...topUp })
    await one.sync()
    const asked: string[] = []
    const line = vi.spyOn(globalThis, 'fetch').mockImplementation((request, init) => {
      asked.push((request instanceof Request ? request.url : String(request)).split('/').at(-1) ?? '')
      return new Promise((_, reject) => {
        const signal = init?.signal ?? (request instanceof Request ? request.signal : null)
        signal?.addEventListener('abort', () => reject(new TypeError('nobody answers')))
      })
    })
    onTestFinished(() => line.mockRestore())
    expect(await refusalOf(refundAt(one, event))).toMatchObject({ code: 'valueNotHere', offline: true })
    expect(asked.filter((call) => call === 'transaction' || call === 'acquire')).toEqual(['transaction'])
    expect(await one.screen.status.get()).toMatchObject({ online: false })
    expect(await refusalOf(refundAt(two, event))).toEqual({ code: 'saleUnknown' })
  })
})

describe('a top-up of Counter 1', () => {
  it('that is asked after on a slow line has its cashier wait once for all that is asked', async () => {
    const { one, member } = await atTwoCounters()
    const topUp = { member, amount: Amount.parse(1_000), tender: 'cash' as const, received: Amount.parse(1_000) }
    const { event } = await one.screen.value.topUp({ id: freshId(), ...topUp })
    await one.sync()
    const { fetch: real } = globalThis
    let since = 0
    const line = vi.spyOn(globalThis, 'fetch').mockImplementation(async (request, init) => {
      const asked = (request instanceof Request ? request.url : String(request)).split('/').at(-1)
      const signal = init?.signal ?? (request instanceof Request ? request.signal : undefined)
      if (asked === 'transaction') since = performance.now()
      if (asked === 'transaction') await pause(1_200)
      if (asked === 'acquire') await pause(60_000, undefined, signal ? { signal } : {})
      return real(request, init)
    })
    onTestFinished(() => line.mockRestore())
    expect(await refusalOf(refundAt(one, event))).toMatchObject({ code: 'valueNotHere', offline: true })
    // Each waited for by itself, the two are 2.7 seconds at least.
    expect(performance.now() - since).toBeLessThan(2_700)
  })

  it('is paid back at Counter 2 against all of its value, bonus too', async () => {
    const { shop, one, two, member } = await atTwoCounters()
    await expectAgreement(shop)
    const before = await belongings(one, member)
    const amounts = { amount: Amount.parse(1_000), received: Amount.parse(1_000) }
    const topUp = await one.screen.value.topUp({ id: freshId(), member, tender: 'cash', ...amounts })
    await expectAgreement(shop)
    const all = (await two.screen.members.get({ member })).storedValue.total
    const debit = await two.screen.value.debit({ id: freshId(), member, amount: all, note: '', approval })
    await expectAgreement(shop)
    expect(await refusalOf(refundAt(two, topUp.event))).toMatchObject({
      code: 'valueNotHere',
      elsewhere: [],
      offline: false,
    })
    await refundAt(one, debit.event)
    await expectAgreement(shop)

    await refundAt(two, topUp.event)
    await expectAgreement(shop)
    expect(await belongings(one, member)).toEqual(before)
    expect([await drawer(one), await drawer(two)]).toEqual([1_000, -1_000])
    expect(await refusalOf(refundAt(one, topUp.event))).toEqual({ code: 'alreadyReversed' })
  })
})
