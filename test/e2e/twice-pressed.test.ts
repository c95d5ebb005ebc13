/** Hands are quick and press twice: the second press is no sale, and what is scanned meanwhile is not lost. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { CounterScreen } from '#test/support/counter-screen.ts'
import { counterWindow } from '#test/support/counter-window.ts'

const at = counterWindow()
let screen: CounterScreen
beforeEach(async () => {
  screen = at().screen
  await screen.signIn()
})

const dialog = () => screen.page.getByRole('dialog')
const salesOf = async (total: number): Promise<number> =>
  (await screen.terminal.transactions.recent()).filter((one) => one.kind === 'sale.completed' && one.total === total)
    .length

/** The answer comes when the returned function is called. */
async function holdAnswer(path: string): Promise<() => void> {
  const held = Promise.withResolvers<void>()
  await screen.page.route(`**/rpc/${path}`, (route) => held.promise.then(() => route.continue()), { times: 1 })
  return held.resolve
}

/** An Enter, pressed in the page as soon as no dialog is open, however busy the machine is. */
const enterOnceClosed = () =>
  screen.page.evaluate(async () => {
    while (document.querySelector('[role=dialog]')) await new Promise((resolve) => setTimeout(resolve))
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', bubbles: true }))
  })

/** Long enough for a sale that is not meant to be there. */
const afterwards = () => screen.page.waitForTimeout(300)

describe('a second Enter', () => {
  it('after a top-up does not pay the sale in hand', async () => {
    await screen.serve(await screen.code('member'))
    await screen.type('451')
    await screen.press('Shift+F9')
    await dialog().waitFor()
    const second = enterOnceClosed()
    await screen.press('Enter')
    await second
    await afterwards()
    expect(await salesOf(451)).toBe(0)
    expect(await screen.due().innerText()).toContain('451')
    await screen.page.waitForTimeout(400)
    await screen.press('Enter')
    await screen.paid()
    expect(await salesOf(451)).toBe(1)
  })

  it('after a member was chosen does not pay, and one that is meant waits for the member', async () => {
    const { label } = await screen.code('member')
    await screen.type('452')
    await screen.press('+')
    await screen.press('F2')
    await screen.page.getByRole('textbox').fill(label)
    await screen.page.getByRole('option', { name: label }).waitFor()
    const answer = await holdAnswer('members/get')
    const second = enterOnceClosed()
    await screen.press('Enter')
    await second
    await screen.page.waitForTimeout(400)
    await screen.press('Enter')
    await afterwards()
    expect(await salesOf(452)).toBe(0)
    answer()
    await screen.paid()
    const [sale] = await screen.terminal.transactions.recent()
    expect(sale).toMatchObject({ total: 452, member: { name: label } })
  })

  it('after a part in cash does not pay the rest, whether keyed or tapped', async () => {
    await screen.type('453')
    await screen.press('F4')
    await screen.type('300')
    await screen.page.getByText('還差 NT$153').waitFor()
    await screen.button(/^收款/).evaluate(async (pay: HTMLElement) => {
      pay.click()
      await new Promise((resolve) => setTimeout(resolve))
      pay.click()
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', bubbles: true }))
    })
    await afterwards()
    expect(await screen.due().innerText()).toContain('153')
    expect(await salesOf(453)).toBe(0)
  })

  it('is not what a held key is', async () => {
    await screen.scan((await screen.code('product')).text)
    await screen.page
      .getByTestId('lines')
      .getByText((await screen.code('product')).label)
      .waitFor()
    const before = (await screen.terminal.transactions.recent()).length
    await screen.page.waitForTimeout(300)
    await screen.page.evaluate(() => {
      const held = { key: 'Enter', code: 'Enter', repeat: true, bubbles: true, cancelable: true }
      document.body.dispatchEvent(new KeyboardEvent('keydown', held))
    })
    await afterwards()
    expect((await screen.terminal.transactions.recent()).length).toBe(before)
  })
})

it('a phone number is not a price: it finds its member', async () => {
  await screen.page.setViewportSize({ width: 1024, height: 768 })
  onTestFinished(() => screen.page.setViewportSize({ width: 1366, height: 768 }))
  await screen.type('0900000007')
  await screen.page.getByText('這不是金額，按 F2 找會員').waitFor()
  expect(await screen.button(/^收款/).isDisabled()).toBe(true)
  const typed = screen.page.getByTestId('typed')
  expect(await typed.innerText()).toBe('0900000007')
  const [box, panel] = await Promise.all([typed.boundingBox(), screen.page.locator('[data-keypad]').boundingBox()])
  if (!box || !panel) throw new Error('what is keyed is not shown')
  expect(box.x + box.width).toBeLessThanOrEqual(panel.x + panel.width)
  await screen.press('Enter')
  await screen.press('F2')
  await screen.page.getByRole('option').first().waitFor()
  await screen.press('Enter')
  await screen.part('會員').getByText('0900-000-007').waitFor()
})

describe('what is scanned', () => {
  it('and cannot be used is told of before anything is sold that waited for it', async () => {
    await screen.type('456')
    await screen.press('+')
    await screen.page.getByTestId('lines').getByText('456').waitFor()
    await afterwards()
    const answer = await holdAnswer('scan')
    await screen.scan('4710000000004')
    await screen.press('Enter')
    answer()
    await screen.page.getByText('找不到這個商品').waitFor()
    await afterwards()
    expect(await salesOf(456)).toBe(0)
    await screen.press('Enter')
    await screen.paid()
    expect(await salesOf(456)).toBe(1)
  })

  it('while a sale is being paid begins the next one', async () => {
    const product = await screen.code('product')
    const answer = await holdAnswer('checkout/pay')
    await screen.type('454')
    await screen.press('Enter')
    await screen.button(/^收款中/).waitFor()
    await screen.scan(product.text)
    await afterwards()
    answer()
    await screen.page.getByTestId('lines').getByText(product.label).waitFor()
    expect(await salesOf(454)).toBe(1)
    expect(await screen.due().innerText()).not.toContain('454')
  })

  it('while figures are typed for somebody is named, and puts nobody in their place', async () => {
    const [first, second] = (await screen.terminal.demo.codes()).filter(({ kind }) => kind === 'member')
    if (!first || !second) throw new Error('the demo has no two members')
    await screen.serve(first)
    await screen.press('Shift+F9')
    await screen.scan(second.text)
    await dialog().getByText('請先完成或取消加值').waitFor()
    await dialog().getByText(`剛才掃到「${second.label}」`).waitFor()
    await screen.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    expect(await screen.part('會員').getByRole('heading', { name: first.label }).count()).toBe(1)
    await screen.serve(second)
  })

  it('while a top-up is being done is served after it', async () => {
    const member = await screen.code('member')
    const other = await screen.code('coupon')
    const product = await screen.code('product')
    await screen.serve(member)
    const answer = await holdAnswer('value/topUp')
    await screen.press('Shift+F9')
    await screen.press('Enter')
    await screen.scan(other.text)
    await screen.scan(product.text)
    await afterwards()
    answer()
    await screen.page.getByTestId('lines').getByText(product.label).waitFor()
    const name = await screen.part('會員').getByRole('heading').innerText()
    expect(name).toBe(other.label.split(' · ')[1])
  })

  it('just before a note is tapped is part of that sale', async () => {
    const member = await screen.code('member')
    await screen.type('455')
    await screen.press('+')
    await screen.page.getByTestId('lines').getByText('455').waitFor()
    await afterwards()
    const answer = await holdAnswer('scan')
    await screen.scan(member.text)
    await screen.page
      .getByRole('group', { name: '收現金' })
      .getByRole('button', { name: /^1,000/ })
      .click()
    await afterwards()
    expect(await salesOf(455)).toBe(0)
    answer()
    await screen.paid()
    const [sale] = await screen.terminal.transactions.recent()
    expect(sale).toMatchObject({ total: 455, member: { name: member.label } })
  })
})
