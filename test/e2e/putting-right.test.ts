/** What a cashier puts right at the real counter: refunds, reprints, members and points by hand, a manager's word for it. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { CounterScreen } from '#test/support/counter-screen.ts'
import { counterWindow } from '#test/support/counter-window.ts'

const at = counterWindow()
let screen: CounterScreen
beforeEach(() => {
  screen = at().screen
})

async function approve(): Promise<void> {
  await screen.page.getByRole('dialog').getByText('請店長核准').waitFor()
  await screen.type('1234')
  await screen.press('Enter')
}

describe('putting right', () => {
  beforeEach(() => screen.signIn())

  it("says whom a coupon's scan has brought up instead, and takes it back by a tap", async () => {
    const member = await screen.code('member')
    const coupon = await screen.code('coupon')
    await screen.serve(member)
    await screen.type('500')
    await screen.scan(coupon.text)
    await screen.page.getByText(`已換成 ${coupon.label.split(' · ')[1]}`).waitFor()
    await screen.button(`換回 ${member.label}`).click()
    await screen.part('會員').getByRole('heading', { name: member.label }).waitFor()
    expect(await screen.due().innerText()).toContain('500')
  })

  it('tells the cashier to give back what is money, and no more', async () => {
    const member = await screen.code('member')
    await screen.serve(member)
    await screen.press('Shift+F9')
    await screen.page.getByRole('dialog').getByText('1,000').first().click()
    await screen.press('Enter')
    await screen.paid()
    const { storedValue } = await screen.memberNamed(member.label)
    await screen.type(String(storedValue.total + 20))
    await screen.press('F9')
    await screen.press('Enter')
    await screen.done().getByText('收款完成').waitFor()
    const [sale] = await screen.terminal.transactions.recent()
    await screen.scan(sale?.receipt?.code ?? '')
    const dialog = screen.page.getByRole('dialog')
    await dialog.getByRole('button', { name: /^退款/ }).click()
    await approve()
    await screen.done().getByText('退款完成').waitFor()
    expect(await screen.page.getByTestId('change').innerText()).toMatch(/^NT\$\s*20$/)
    expect(await screen.done().innerText()).toContain('請退現金')
    expect(await screen.done().innerText()).toContain(`儲值退回 NT$${storedValue.total.toLocaleString('en')}`)
  })

  it('opens the member whose phone was keyed for a new one', async () => {
    const member = await screen.code('member')
    const { phone } = await screen.memberNamed(member.label)
    await screen.press('Shift+F2')
    const dialog = screen.page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: '姓名' }).fill('另一位')
    await dialog.getByRole('textbox', { name: '電話' }).fill(phone)
    await dialog.getByRole('button', { name: '加入會員' }).click()
    await dialog.getByRole('button', { name: `開啟 ${member.label}` }).click()
    await screen.part('會員').getByRole('heading', { name: member.label }).waitFor()
  })

  it('says what was given by hand', async () => {
    await screen.serve(await screen.code('member'))
    await screen.press('Shift+F8')
    const dialog = screen.page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: /原因/ }).fill('補登')
    await dialog.getByRole('button', { name: '3', exact: true }).click()
    await dialog.getByRole('button', { name: '發放 3' }).click()
    await screen.done().getByText('已更新').waitFor()
    expect((await screen.done().innerText()).replace(/\s+/g, ' ')).toContain('點數 +3')
  })

  it('finds a sale by its receipt, shows what goes back, and leaves the member as before', async () => {
    const member = await screen.code('member')
    const before = await screen.memberNamed(member.label)
    await screen.serve(member)
    await screen.type('260')
    await screen.press('Enter')
    await screen.paid()
    const [sale] = await screen.terminal.transactions.recent()
    await screen.scan(sale?.receipt?.code ?? '')
    const dialog = screen.page.getByRole('dialog')
    await dialog.getByText('請退現金 NT$260').waitFor()
    await dialog.getByRole('button', { name: '退款 NT$260' }).click()
    await screen.done().getByText('退款完成').waitFor()
    await expect.poll(async () => (await screen.memberNamed(member.label)).points.total).toBe(before.points.total)

    await screen.scan(sale?.receipt?.code ?? '')
    await dialog.getByText('這筆已經退款').waitFor()
    expect(await dialog.getByRole('button', { name: /^退款/ }).count()).toBe(0)
  })

  it('has the focus once it was chosen from the latest', async () => {
    await screen.type('70')
    await screen.press('Enter')
    await screen.paid()
    await screen.press('Shift+F4')
    const dialog = screen.page.getByRole('dialog')
    await dialog.getByText(/^消費/).first().click()
    await dialog.getByText('退還客人').waitFor()
    expect(await dialog.locator(':focus').innerText()).toContain('退還客人')
  })

  it('takes a gift back that was redeemed by itself, with a manager’s word', async () => {
    const codes = await screen.terminal.demo.codes()
    const gift = codes.find(({ kind, label }) => kind === 'coupon' && label.startsWith('集點兌換'))
    if (!gift) throw new Error('there is no gift')
    const [name = ''] = gift.label.split(' · ')
    await screen.scan(gift.text)
    const dialog = screen.page.getByRole('dialog')
    await dialog.getByRole('button', { name: '直接兌換' }).click()
    await screen.done().getByText('優惠券已使用').waitFor()
    await screen.press('Shift+F4')
    await dialog.getByRole('button', { name }).click()
    await dialog.getByText('回到會員手上').waitFor()
    await dialog.getByRole('button', { name: '取消兌換' }).click()
    await approve()
    await screen.done().getByText('已取消兌換').waitFor()
    await screen.part('會員').getByRole('button', { name }).waitFor()
  })

  it('prints the last receipt again, and says so', async () => {
    await screen.type('70')
    await screen.press('Enter')
    await screen.paid()
    await screen.press('F7')
    await screen.page.getByText('正在補印').waitFor()
    await expect.poll(async () => (await screen.terminal.printing.jobs()).map((job) => job.copy)).toContain(1)
  })

  it('tells codes it cannot use apart, each by its name', async () => {
    await screen.scan('/ABC1234')
    await screen.page.getByText('這是電子發票手機條碼').waitFor()
    await screen.scan('4710000000004')
    await screen.page.getByText('找不到這個商品').waitFor()
    const member = await screen.code('member')
    await screen.scan(`${member.text.slice(0, -1)}${member.text.endsWith('0') ? '1' : '0'}`)
    await screen.page.getByText('條碼讀得不完整').waitFor()
  })
})

describe("a manager's approval", () => {
  beforeEach(() => screen.signIn())

  it('is asked for where it is needed, and given by PIN', async () => {
    const member = await screen.code('member')
    await screen.serve(member)
    await screen.press('Shift+F9')
    const dialog = screen.page.getByRole('dialog')
    await dialog.getByText('3,000').first().click()
    await screen.press('Enter')
    await screen.paid()
    const before = await screen.memberNamed(member.label)
    await screen.button('扣儲值').click()
    await screen.type('2500')
    await screen.press('Enter')
    await dialog.getByText('請店長核准').waitFor()
    await dialog.getByText(`扣 ${member.label} 的儲值 NT$2,500`).waitFor()
    await screen.type('0000')
    await screen.press('Enter')
    await dialog.getByText('PIN 不對，還可以試 4 次').waitFor()
    const answer = Promise.withResolvers<void>()
    await screen.page.route('**/rpc/value/debit', (route) => answer.promise.then(() => route.continue()), { times: 1 })
    await screen.type('1234')
    await screen.press('Enter')
    // Before there is an answer, nothing is wrong with this PIN.
    await dialog.getByText('PIN 不對').waitFor({ state: 'detached' })
    answer.resolve()
    await screen.done().getByText('已扣儲值').waitFor()
    expect((await screen.memberNamed(member.label)).storedValue.total).toBe(before.storedValue.total - 2500)
  })
})
