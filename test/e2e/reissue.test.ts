/** A refund long after: the coupon comes back expired, and the counter gives another (R5). */
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Amount, EventId, StaffId } from '#core/ids.ts'

import { openBrowser, type TestBrowser } from '#test/support/browser.ts'
import type { Screen } from '#test/support/counter-at-work.ts'
import { CounterScreen } from '#test/support/counter-screen.ts'
import { openDemoShop, type DemoShop } from '#test/support/demo-shop.ts'

const LONG_AFTER = 100 * 86_400_000

let passed = 0
let opened: TestBrowser
let shop: DemoShop

beforeAll(async () => {
  ;[shop, opened] = await Promise.all([openDemoShop(() => Date.now() + passed), openBrowser()])
})
afterAll(async () => {
  await opened.close()
  await shop.close()
})

it('says that the coupon has ended, and gives another once the manager’s PIN is keyed', async () => {
  const counter = await shop.openCounter('1 號櫃台')
  const screen = await CounterScreen.open(await opened.screen(), counter.url)
  const { terminal } = screen
  await terminal.session.signIn({ staff: StaffId.parse('jun'), pin: '2222' })
  const { receipt, name } = await saleWithCoupon(terminal)
  passed = LONG_AFTER

  await screen.part('本次交易').waitFor()
  await screen.scan(receipt)
  const dialog = screen.page.getByRole('dialog')
  await dialog.getByRole('button', { name: /^退款/ }).click()
  await screen.done().getByText(`優惠券「${name}」已過期，退回後無法使用`).waitFor()
  const issue = screen.button('補發')
  expect((await issue.boundingBox())?.height).toBeGreaterThanOrEqual(44)
  await issue.click()
  await dialog.getByText('請店長核准').waitFor()
  await screen.type('1234')
  await screen.press('Enter')

  await screen.done().getByText('已補發').waitFor()
  expect(await issue.count()).toBe(0)
  await screen.part('會員').getByText(name).waitFor()
  expect(screen.complaints).toEqual([])
})

/** Whoever has the demo's first coupon buys with it. */
async function saleWithCoupon(terminal: Screen): Promise<{ receipt: string; name: string }> {
  const coupon = (await terminal.demo.codes()).find(({ kind }) => kind === 'coupon')
  const found = await terminal.scan({ text: coupon?.text ?? '' })
  if (found.kind !== 'coupon') throw new Error('the demo has no coupon')
  const { lot, name } = found.coupon
  const price = Amount.parse(1_000)
  const sale = await terminal.checkout.pay({
    id: EventId.parse(uuidv7()),
    member: found.member.id,
    lines: [{ name: '手沖單品', product: null, unitPrice: price, quantity: 1, amount: price }],
    coupons: [lot],
    tenders: [{ kind: 'cash', received: price }],
    note: '',
  })
  return { receipt: sale.receipt?.code ?? '', name }
}
