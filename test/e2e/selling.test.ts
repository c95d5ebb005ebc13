/** A cashier's day at the real counter: the real terminal and server, the built page, a real browser. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { Amount } from '#core/ids.ts'
import { demoShop } from '#server/demo/shop.ts'
import { applyShop } from '#server/shop/apply.ts'
import type { CounterScreen } from '#test/support/counter-screen.ts'
import { counterWindow } from '#test/support/counter-window.ts'
import { startPrinter } from '#test/support/printer.ts'

const at = counterWindow()
let screen: CounterScreen
beforeEach(() => {
  screen = at().screen
})

describe('signing in', () => {
  beforeEach(() => screen.terminal.session.signOut())

  it('says how many tries are left, and takes the PIN by keyboard', async () => {
    await screen.button('小俊').click()
    await screen.type('9999')
    await screen.press('Enter')
    await screen.page.getByText('PIN 不對，還可以試 4 次。').waitFor()
    await screen.type('2222')
    await screen.press('Enter')
    await screen.part('本次交易').waitFor()
    expect(await screen.page.getByRole('banner').innerText()).toContain('小俊')
  })

  it('is possible by touch alone, and a scan before it says so', async () => {
    await screen.page.getByText('請選擇您的名字').waitFor()
    await screen.scan('M01234567893')
    await screen.page.getByText('登入後就可以掃描。').waitFor()
    await screen.button('阿美').tap()
    for (const _ of '1111') await screen.button('1').tap()
    await screen.button(/^登入/).tap()
    await screen.part('本次交易').waitFor()
  })
})

describe('selling', () => {
  beforeEach(() => screen.signIn())

  it('completes a member sale with points by scan, digits, Enter', async () => {
    const member = await screen.code('member')
    const before = await screen.memberNamed(member.label)
    await screen.serve(member)
    await screen.type('380')
    expect(await screen.due().innerText()).toContain('380')
    await screen.press('Enter')
    await screen.paid()
    const after = await screen.memberNamed(member.label)
    expect(after.points.total).toBeGreaterThan(before.points.total)
    expect(await screen.done().innerText()).toContain(`${after.points.total - before.points.total} 點`)
    expect(await screen.page.getByRole('img', { name: '收據影像' }).isVisible()).toBe(true)

    await screen.type('9')
    await screen.part('本次交易').waitFor()
    expect(await screen.page.getByText('還沒有選會員').count()).toBe(0)
    expect(await screen.part('會員').getByText(member.label).count()).toBe(0)
    expect(screen.complaints).toEqual([])
  })

  it('sells by barcode and makes change for what is handed over', async () => {
    const product = await screen.code('product')
    await screen.scan(product.text)
    await screen.page.getByTestId('lines').getByText(product.label).waitFor()
    await screen.scan(product.text)
    await screen.page.getByText('2 ×').waitFor()
    const due = Number((await screen.due().innerText()).replace(/\D/g, ''))
    await screen.type('1000')
    await screen.page.getByText(`找零 NT$${1000 - due}`).waitFor()
    await screen.press('Enter')
    await screen.paid()
    expect((await screen.page.getByTestId('change').innerText()).replace(/\D/g, '')).toBe(String(1000 - due))
    expect(await screen.done().innerText()).toContain('請客人掃描收據')
  })

  it('pays a part with points and the rest by card', async () => {
    const member = await screen.code('member')
    const before = await screen.memberNamed(member.label)
    const points = before.points.usableHere
    await screen.serve(member)
    await screen.type(String(points + 100))
    await screen.press('F10')
    await screen.part('收款方式').getByText(`點數折抵 (${points} 點)`).waitFor()
    await screen.press('F8')
    await screen.button('取消刷卡').waitFor()
    await screen.press('Enter')
    await screen.paid()
    const after = await screen.memberNamed(member.label)
    const [sale] = await screen.terminal.transactions.recent()
    expect(sale?.tenders).toEqual([
      { kind: 'points', amount: points, points },
      { kind: 'card', amount: 100 },
    ])
    expect(after.points.total).toBeLessThan(before.points.total)
  })

  it('keeps in view what was rung up last, and what comes off', async () => {
    const coupon = await screen.code('coupon')
    await screen.scan(coupon.text)
    await screen.part('會員').getByRole('heading').waitFor()
    const chip = screen.part('會員').getByRole('button', { pressed: true })
    const name = await chip.locator('span').innerText()
    const lines = screen.page.getByTestId('lines')
    const isInView = (text: string) =>
      lines.getByText(text, { exact: true }).evaluate((line) => {
        const [row, box] = [line, line.closest('[data-testid]')].map((one) => one?.getBoundingClientRect())
        return row && box && row.top >= box.top && row.bottom <= box.bottom
      })
    for (let price = 101; price <= 109; price += 1) {
      await screen.type(String(price))
      await screen.press('+')
    }
    await expect.poll(async () => [await isInView('109'), await isInView('101')]).toEqual([true, false])
    await screen.part('會員').getByRole('button', { name }).click()
    await screen.part('本次交易').getByText(name).waitFor({ state: 'detached' })
    await screen.part('會員').getByRole('button', { name }).click()
    await screen.part('本次交易').getByText(name).waitFor()
    await expect.poll(() => isInView('109')).toBe(true)
  })

  it('says that a receipt waits for its printer, and nothing of a claim nobody can scan yet', async () => {
    const settings = await screen.terminal.settings.get()
    onTestFinished(async () => void (await screen.terminal.settings.update(settings)))
    const gone = await startPrinter()
    await gone.close()
    await screen.terminal.settings.update({
      ...settings,
      printer: { host: '127.0.0.1', port: gone.port, paper: '80mm' },
    })
    await screen.type('500')
    await screen.press('Enter')
    await screen.page.getByText('印表機未連線，接上後會自動印出').waitFor()
    expect(await screen.done().getByText('請客人掃描').count()).toBe(0)
  })

  it("takes a member's coupon off by a tap, and gives it back by another", async () => {
    const coupon = await screen.code('coupon')
    await screen.scan(coupon.text)
    await screen.part('會員').getByRole('heading').waitFor()
    await screen.type('500')
    await screen.press('F8')
    const full = await screen.due().innerText()
    expect(full).toMatch(/0$/)
    const chip = screen.part('會員').getByRole('button', { pressed: true })
    const name = await chip.locator('span').innerText()
    const sale = screen.part('本次交易')
    expect(await sale.innerText()).toContain(name)
    await chip.click()
    await sale.getByText(name).waitFor({ state: 'detached' })
    expect(await sale.innerText()).toContain('500')
  })

  it('offers a gift that asks for some spending with a sale only', async () => {
    const gift = (await screen.terminal.demo.codes()).find(({ label }) => label.startsWith('集點兌換'))
    await screen.scan(gift?.text ?? '')
    await screen.button('直接兌換').waitFor()
    const coupons = demoShop.programme.coupons.map((one) => ({ ...one, minimumSpend: Amount.parse(200) }))
    await applyShop(at().shop, { ...demoShop, programme: { ...demoShop.programme, coupons } })
    onTestFinished(async () => void (await applyShop(at().shop, demoShop)))
    await screen.button('直接兌換').waitFor({ state: 'detached' })
    await screen.button('用在這筆交易').click()
    await screen.type('250')
    await screen.press('F8')
    expect(await screen.part('本次交易').innerText()).toContain('集點兌換')
  })

  it('with as many lines as there can be, says what was not added before it is paid without', async () => {
    const { terminal, businessDate: day } = await screen.terminal.status.get()
    const line = { name: '手動金額', product: null, unitPrice: 10, quantity: 1, amount: 10 }
    const rung = {
      staff: 'mei',
      day,
      member: null,
      lines: Array.from({ length: 199 }, () => line),
      coupons: [],
      tenders: [],
    }
    const kept = { key: `counterfoil:${terminal}:cart`, text: JSON.stringify(rung) }
    await screen.page.evaluate(({ key, text }) => sessionStorage.setItem(key, text), kept)
    await screen.page.reload()
    await screen.due().getByText('1,990').waitFor()
    await screen.type('10')
    await screen.press('+')
    await screen.type('80')
    expect(await screen.due().innerText()).toContain('2,000')
    await screen.press('Enter')
    await screen.page.getByText('「NT$80」沒有加入').waitFor()
    await screen.page.waitForTimeout(400)
    await screen.press('Enter')
    await screen.paid()
    expect((await screen.terminal.transactions.recent())[0]?.total).toBe(2_000)
  })

  it('says that there is nothing to pay with, where a way to pay takes nothing', async () => {
    await screen.press('Shift+F2')
    await screen.page.getByLabel('姓名').fill('沒有儲值')
    await screen.page.getByLabel('電話').fill('0900000911')
    await screen.press('Enter')
    await screen.part('會員').getByRole('heading', { name: '沒有儲值' }).waitFor()
    await screen.type('300')
    await screen.press('F9')
    await screen.part('本次交易').getByText('此處可用 0').waitFor()
  })

  it('charges once for a double tap', async () => {
    await screen.type('123')
    await screen.due().getByText('123').waitFor()
    await screen.button(/^收款/).evaluate((pay: HTMLElement) => {
      pay.click()
      pay.click()
    })
    await screen.paid()
    const sales = await screen.terminal.transactions.recent()
    expect(sales.filter((sale) => sale.total === 123)).toHaveLength(1)
  })

  it('asks again under the same id when no answer came, and charges once', async () => {
    await screen.page.route(
      '**/rpc/checkout/pay',
      async (route) => {
        await route.fetch()
        await route.abort()
      },
      { times: 1 },
    )
    await screen.type('321')
    await screen.press('Enter')
    await screen.page.getByText('還不知道這筆有沒有完成').waitFor()
    await screen.type('5')
    expect(await screen.due().innerText()).toContain('321')
    await screen.press('Enter')
    await screen.paid()
    const sales = await screen.terminal.transactions.recent()
    expect(sales.filter((sale) => sale.total === 321)).toHaveLength(1)
  })

  it('tops up stored value and pays with it', async () => {
    const member = await screen.code('member')
    const before = await screen.memberNamed(member.label)
    await screen.serve(member)
    await screen.press('Shift+F9')
    await screen.page.getByRole('dialog').getByText('1,000').first().click()
    await screen.press('Enter')
    await screen.paid()
    const topped = await screen.memberNamed(member.label)
    expect(topped.storedValue.total).toBe(before.storedValue.total + 1050)
    await screen.type('90')
    await screen.press('F9')
    await screen.button('取消儲值').waitFor()
    await screen.press('Enter')
    await screen.done().getByText('收款完成').waitFor()
    expect((await screen.memberNamed(member.label)).storedValue.total).toBe(topped.storedValue.total - 90)
  })
})
