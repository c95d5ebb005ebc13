/** A real counter and a real server over a line that cuts, stalls and lies: nothing lost, nothing twice, all agree in the end. */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, card, cash, memberWith, points, value } from '#test/support/at-the-counter.ts'
import { cutLineTo, type LineFault } from '#test/support/cut-line.ts'
import { FULL } from '#test/support/full.ts'
import type { CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop } from '#test/support/shop.ts'

const FAULTS: LineFault[] = ['cut', 'stall', 'corrupt']
const ROUNDS = FULL ? 60 : 6
const SALES_A_ROUND = 4

it(`${ROUNDS} rounds over a line that cuts, stalls and changes bytes`, { timeout: 600_000 }, async () => {
  const shop = await startShop({ counters: 1 })
  const line = await cutLineTo(shop.server.url)
  const counter = await shop.addCounter('Counter 2', line.url)
  const member = await memberWith(shop, 'value:TWD', 300)
  const told: string[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    line.fault = FAULTS[round % FAULTS.length] ?? 'cut'
    for (let nth = 0; nth < SALES_A_ROUND; nth += 1) {
      const kinds = [
        basket(150),
        basket(320, { member, pay: [cash(500)] }),
        basket(95, { member, pay: [value(5), card(90)] }),
        basket(40, { member, pay: [points(1), cash(39)] }),
      ]
      const event = await soldOrRefused(counter, kinds[nth] ?? basket(10))
      if (event) told.push(event)
      await counter.engine.sync.once()
    }
    line.fault = 'none'
    await pause(50)
  }
  expect(Object.values(line.struck).every((count) => count > 0)).toBe(true)
  expect(told.length).toBeGreaterThan(ROUNDS * 2)

  await expect
    .poll(
      () =>
        counter.sync().then(
          () => true,
          () => false,
        ),
      { timeout: 60_000 },
    )
    .toBe(true)
  const { db } = shop.server.database
  const sales = db.selectFrom('event').select('id').where('kind', '=', 'sale.completed').orderBy('id')
  expect((await sales.execute()).map(({ id }) => id)).toEqual(told.toSorted())
  expect(await db.selectFrom('quarantine').select('reason').execute()).toEqual([])
  await expectAgreement(shop)
})

type Basket = Parameters<CounterAtWork['screen']['checkout']['pay']>[0]

/** The sale's event, or null when the counter could not get at what the member has. */
async function soldOrRefused({ screen }: CounterAtWork, checkout: Basket): Promise<string | null> {
  try {
    return (await screen.checkout.pay(checkout)).event
  } catch (error) {
    expect(error).toMatchObject({ code: 'REFUSED' })
    return null
  }
}
