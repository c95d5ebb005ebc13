/** A cashier's day at the real counter: the real terminal and server, the built page, a real browser. */
import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { StaffId } from '#core/ids.ts'
import { openBrowser, type TestBrowser } from '#test/support/browser.ts'
import { CounterScreen } from '#test/support/counter-screen.ts'
import { startPrinter } from '#test/support/printer.ts'
import { openDemoShop, type DemoCounter, type DemoShop } from '#test/support/demo-shop.ts'

let opened: TestBrowser
let shop: DemoShop
let counter: DemoCounter
let context: BrowserContext
let screen: CounterScreen

beforeAll(async () => {
  ;[shop, opened] = await Promise.all([openDemoShop(), openBrowser()])
  counter = await shop.openCounter('1 號櫃台')
  context = await opened.screen()
  screen = await CounterScreen.open(context, counter.url)
})
afterAll(async () => {
  await opened.close()
  await shop.close()
})

/** One window for all, as a counter has it all day, and the page loaded anew. */
beforeEach(() => screen.load())

const SIGNED_IN = { staff: StaffId.parse('mei'), pin: '1111' }

async function signIn(): Promise<void> {
  await screen.terminal.session.signIn(SIGNED_IN)
  await screen.part('本次交易').waitFor()
}

type Kind = 'member' | 'coupon' | 'product' | 'receipt' | 'carrier'

async function codes(kind: Kind): Promise<{ label: string; text: string }[]> {
  return (await screen.terminal.demo.codes()).filter((code) => code.kind === kind)
}

async function code(kind: Kind): Promise<{ label: string; text: string }> {
  const [first] = await codes(kind)
  if (!first) throw new Error(`the demo has no ${kind}`)
  return first
}

async function serve(label: string, text: string): Promise<void> {
  await screen.scan(text)
  await screen.part('會員').getByRole('heading', { name: label }).waitFor()
}

async function paid(): Promise<void> {
  await screen.done().waitFor()
  await screen.page.getByText('收據已顯示在預覽').waitFor()
}

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
  beforeEach(signIn)

  it('completes a member sale with points by scan, digits, Enter', async () => {
    const member = await code('member')
    const before = await screen.memberNamed(member.label)
    await serve(member.label, member.text)
    await screen.type('380')
    expect(await screen.due().innerText()).toContain('380')
    await screen.press('Enter')
    await paid()
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
    const product = await code('product')
    await screen.scan(product.text)
    await screen.page.getByTestId('lines').getByText(product.label).waitFor()
    await screen.scan(product.text)
    await screen.page.getByText('2 ×').waitFor()
    const due = Number((await screen.due().innerText()).replace(/\D/g, ''))
    await screen.type('1000')
    await screen.page.getByText(`找零 NT$${1000 - due}`).waitFor()
    await screen.press('Enter')
    await paid()
    expect((await screen.page.getByTestId('change').innerText()).replace(/\D/g, '')).toBe(String(1000 - due))
    expect(await screen.done().innerText()).toContain('請客人掃描收據')
  })

  it('pays a part with points and the rest by card', async () => {
    const member = await code('member')
    const before = await screen.memberNamed(member.label)
    const points = before.points.usableHere
    await serve(member.label, member.text)
    await screen.type(String(points + 100))
    await screen.press('F10')
    await screen.part('收款方式').getByText(`點數折抵 (${points} 點)`).waitFor()
    await screen.press('F8')
    await screen.button('取消刷卡').waitFor()
    await screen.press('Enter')
    await paid()
    const after = await screen.memberNamed(member.label)
    const [sale] = await screen.terminal.transactions.recent()
    expect(sale?.tenders).toEqual([
      { kind: 'points', amount: points, points },
      { kind: 'card', amount: 100 },
    ])
    expect(after.points.total).toBeLessThan(before.points.total)
  })

  it("takes a member's coupon off by a tap, and gives it back by another", async () => {
    const coupon = await code('coupon')
    await screen.scan(coupon.text)
    await screen.part('會員').getByRole('heading').waitFor()
    await screen.type('500')
    await screen.press('F8')
    const full = await screen.due().innerText()
    expect(full).toMatch(/0$/)
    const chip = screen.part('會員').getByRole('button', { pressed: true })
    const name = await chip.locator('span').innerText()
    expect(await screen.page.getByTestId('lines').innerText()).toContain(name)
    await chip.click()
    await screen.page.getByTestId('lines').getByText(name).waitFor({ state: 'detached' })
    expect(await screen.page.getByTestId('lines').innerText()).toContain('500')
  })

  it('charges once for a double tap', async () => {
    await screen.type('123')
    await screen.button(/^收款/).evaluate((pay: HTMLElement) => {
      pay.click()
      pay.click()
    })
    await paid()
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
    await paid()
    const sales = await screen.terminal.transactions.recent()
    expect(sales.filter((sale) => sale.total === 321)).toHaveLength(1)
  })

  it('tops up stored value and pays with it', async () => {
    const member = await code('member')
    const before = await screen.memberNamed(member.label)
    await serve(member.label, member.text)
    await screen.press('Shift+F9')
    await screen.page.getByRole('dialog').getByText('1,000').first().click()
    await screen.press('Enter')
    await paid()
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

describe('putting right', () => {
  beforeEach(signIn)

  it('finds a sale by its receipt, shows what goes back, and leaves the member as before', async () => {
    const member = await code('member')
    const before = await screen.memberNamed(member.label)
    await serve(member.label, member.text)
    await screen.type('260')
    await screen.press('Enter')
    await paid()
    const [sale] = await screen.terminal.transactions.recent()
    await screen.scan(sale?.receipt.code ?? '')
    const dialog = screen.page.getByRole('dialog')
    await dialog.getByText('請退現金 NT$260').waitFor()
    await dialog.getByRole('button', { name: '退款 NT$260' }).click()
    await screen.done().getByText('退款完成').waitFor()
    await expect.poll(async () => (await screen.memberNamed(member.label)).points.total).toBe(before.points.total)

    await screen.scan(sale?.receipt.code ?? '')
    await dialog.getByText('這筆已經退款').waitFor()
    expect(await dialog.getByRole('button', { name: /^退款/ }).count()).toBe(0)
  })

  it('prints the last receipt again, and says so', async () => {
    await screen.type('70')
    await screen.press('Enter')
    await paid()
    await screen.press('F7')
    await screen.page.getByText('正在補印').waitFor()
    await expect.poll(async () => (await screen.terminal.printing.jobs()).map((job) => job.copy)).toContain(1)
  })

  it('tells codes it cannot use apart, each by its name', async () => {
    await screen.scan('/ABC1234')
    await screen.page.getByText('這是電子發票手機條碼').waitFor()
    await screen.scan('4710000000004')
    await screen.page.getByText('找不到這個商品').waitFor()
    const member = await code('member')
    await screen.scan(`${member.text.slice(0, -1)}${member.text.endsWith('0') ? '1' : '0'}`)
    await screen.page.getByText('條碼讀得不完整').waitFor()
  })
})

describe("a manager's approval", () => {
  beforeEach(signIn)

  it('is asked for where it is needed, and given by PIN', async () => {
    const member = await code('member')
    await serve(member.label, member.text)
    await screen.press('Shift+F9')
    const dialog = screen.page.getByRole('dialog')
    await dialog.getByText('3,000').first().click()
    await screen.press('Enter')
    await paid()
    const before = await screen.memberNamed(member.label)
    await screen.button('扣儲值').click()
    await screen.type('2500')
    await screen.press('Enter')
    await dialog.getByText('請店長核准').waitFor()
    await screen.type('0000')
    await screen.press('Enter')
    await dialog.getByText('未獲核准').waitFor()
    const answer = Promise.withResolvers<void>()
    await screen.page.route('**/rpc/value/debit', (route) => answer.promise.then(() => route.continue()), { times: 1 })
    await screen.type('1234')
    await screen.press('Enter')
    // Before there is an answer, nothing is wrong with this PIN.
    await dialog.getByText('未獲核准').waitFor({ state: 'detached' })
    answer.resolve()
    await screen.done().getByText('已扣儲值').waitFor()
    expect((await screen.memberNamed(member.label)).storedValue.total).toBe(before.storedValue.total - 2500)
  })
})

describe('finding and enrolling', () => {
  beforeEach(signIn)

  it('searches by the digits already keyed, and by a family name', async () => {
    await screen.type('0007')
    await screen.press('F2')
    await screen.page.getByRole('option').first().waitFor()
    expect(await screen.page.getByRole('textbox').inputValue()).toBe('0007')
    await screen.press('Enter')
    await screen.part('會員').getByText('0900-000-007').waitFor()
    expect(await screen.page.getByTestId('typed').innerText()).toBe('')

    await screen.press('F2')
    await screen.page.getByRole('textbox').fill('林')
    await screen.page.getByRole('option', { name: /^林/ }).first().waitFor()
    const names = await screen.page.getByRole('option').locator('strong').allInnerTexts()
    expect(names.length).toBeLessThanOrEqual(20)
    expect(names.filter((name) => !name.startsWith('林'))).toEqual([])
    await screen.press('Enter')
    await screen
      .part('會員')
      .getByRole('heading', { name: names[0] ?? '' })
      .waitFor()
  })

  it('takes a scan while a name is being composed in a field, and leaves the field as it was', async () => {
    await screen.press('Shift+F2')
    const name = screen.page.getByLabel('姓名')
    await name.and(screen.page.locator(':focus')).waitFor()
    await screen.page.keyboard.insertText('王小')
    await screen.scan('/ABC1234', { inputMethod: true })
    await screen.page.getByRole('dialog').getByText('這是電子發票手機條碼').waitFor()
    expect(await name.inputValue()).toBe('王小')

    const member = await code('member')
    await screen.scan(member.text, { inputMethod: true })
    await screen.part('會員').getByRole('heading', { name: member.label }).waitFor()
    expect(await screen.page.getByRole('dialog').count()).toBe(0)
    expect(await screen.page.getByTestId('typed').innerText()).toBe('')
  })

  it('enrols from what was searched for', async () => {
    await screen.press('F2')
    await screen.page.getByRole('textbox').fill('0977-123-456')
    await screen.button('建立新會員').click()
    const dialog = screen.page.getByRole('dialog')
    expect(await dialog.getByLabel('電話').inputValue()).toBe('0977-123-456')
    await dialog.getByRole('button', { name: '加入會員' }).click()
    await dialog.getByText('請輸入姓名').waitFor()
    await dialog.getByLabel('姓名').fill('高美玲')
    await dialog.getByRole('button', { name: '加入會員' }).click()
    await screen.part('會員').getByRole('heading', { name: '高美玲' }).waitFor()
    await screen.page.getByText('已加入新會員 高美玲').waitFor()
  })
})

describe('a printer', () => {
  beforeEach(signIn)

  it('is set up in the settings, tried, and then prints what is sold', async () => {
    const printer = await startPrinter()
    await screen.button('設定').click()
    await screen.page.getByRole('switch').click()
    await screen.page.getByLabel('位址').fill('127.0.0.1')
    await screen.page.getByLabel('連接埠').fill(String(printer.port))
    await screen.button('測試列印').click()
    await screen.page.getByText('測試頁已送出').waitFor()
    await printer.received(1)
    expect(await screen.terminal.settings.get()).toMatchObject({ claimBaseUrl: null, printer: { port: printer.port } })
    await screen.press('Escape')
    await screen.page.getByText('印表機正常').waitFor()

    await screen.type('150')
    await screen.press('Enter')
    await screen.page.getByText('收據已列印').waitFor()
    await printer.received(2)
    expect(printer.jobs.every((job) => job.length > 1000)).toBe(true)
    const settings = await screen.terminal.settings.get()
    await screen.terminal.settings.update({ ...settings, printer: null })
  })
})

describe('the screen itself', () => {
  beforeEach(signIn)

  it.each(['wide', 'small'] as const)(
    'fits %s without scrolling, with room for fingers, in both languages',
    async (size) => {
      await screen.page.setViewportSize({ width: size === 'wide' ? 1366 : 1024, height: 768 })
      onTestFinished(() => screen.page.setViewportSize({ width: 1366, height: 768 }))
      const member = await code('coupon')
      await screen.scan(member.text)
      await screen.part('會員').getByRole('heading').waitFor()
      await screen.type('380')
      for (const other of ['English', '中文']) {
        expect(await overflow()).toEqual([])
        expect(await smallTargets()).toEqual([])
        await screen.button(other).click()
        await screen.button(other === 'English' ? '中文' : 'English').waitFor()
      }
    },
  )

  it('changes language on the spot, with the sale in hand', async () => {
    await screen.type('450')
    await screen.button('English').click()
    await screen.button(/^Pay/).waitFor()
    expect(await screen.due().innerText()).toContain('450')
    expect(await screen.page.locator('html').getAttribute('lang')).toBe('en')
    await expect.poll(async () => (await screen.terminal.settings.get()).language).toBe('en')
    await screen.terminal.settings.setLanguage({ language: 'zh-TW' })
  })

  it('says when the process is gone, and goes on when it is back', async () => {
    await counter.stopAnswering()
    await screen.page.getByText('收銀程式沒有回應').waitFor()
    await counter.answerAgain()
    await screen.page.getByText('收銀程式沒有回應').waitFor({ state: 'detached' })
    await screen.type('55')
    await screen.press('Enter')
    await paid()
  })
})

describe('three tabs of one counter', () => {
  beforeEach(signIn)

  it('all hear of what one of them does, and none keeps another waiting', async () => {
    const others = [await CounterScreen.open(context, counter.url), await CounterScreen.open(context, counter.url)]
    for (const other of others) await other.part('本次交易').waitFor()
    await screen.type('85')
    await screen.press('Enter')
    await paid()
    const [last] = others
    await last?.type('95')
    await last?.press('Enter')
    await last?.done().waitFor()
    await last?.page.getByText('收據已顯示在預覽').waitFor()
    for (const { page } of others) await page.close()
  })
})

describe('offline', () => {
  it('says so at once, explains what cannot be used here, and sells without it', async () => {
    const away = await shop.openCounter('2 號櫃台')
    await screen.page.close()
    screen = await CounterScreen.open(context, away.url)
    await signIn()
    const coupon = await code('coupon')
    await screen.scan(coupon.text)
    await screen.part('會員').getByRole('heading').waitFor()
    const name = await screen.part('會員').getByRole('heading').innerText()
    const before = await screen.memberNamed(name)
    await shop.goOffline()
    await screen.page.getByText('離線 · 自').waitFor()
    await screen.part('會員').getByText('此處可用 0').first().waitFor()

    await screen.type('300')
    await screen.press('Enter')
    await screen.page.getByText('這張優惠券現在不能在這裡使用').waitFor()
    await screen.button('不用這張券').click()
    await screen.press('Enter')
    await paid()
    const after = await screen.memberNamed(name)
    const earned = after.points.total - before.points.total
    expect(earned).toBeGreaterThan(0)
    expect(after.points.usableHere).toBe(earned)
    await screen.page.getByText('筆待同步').waitFor()
  })
})

/** What sticks out of the window, if anything. */
function overflow(): Promise<string[]> {
  return screen.page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement
    const tooBig = scrollWidth > innerWidth || scrollHeight > innerHeight
    return tooBig ? [`${scrollWidth}×${scrollHeight} in ${innerWidth}×${innerHeight}`] : []
  })
}

/** Buttons that a finger would miss. */
function smallTargets(): Promise<string[]> {
  return screen.page.evaluate(() =>
    [...document.querySelectorAll('button')].flatMap((button) => {
      const { width, height } = button.getBoundingClientRect()
      const small = width > 0 && (width < 44 || height < 44)
      return small ? [`${button.ariaLabel ?? button.innerText}: ${width}×${height}`] : []
    }),
  )
}
