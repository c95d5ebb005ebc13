/** The counter's screen beside its sales: members, a printer, sizes and languages, several windows, and no network. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { CounterScreen } from '#test/support/counter-screen.ts'
import { counterWindow } from '#test/support/counter-window.ts'
import { startPrinter } from '#test/support/printer.ts'

const at = counterWindow()
let screen: CounterScreen
beforeEach(() => {
  screen = at().screen
})

describe('finding and enrolling', () => {
  beforeEach(() => screen.signIn())

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

    const member = await screen.code('member')
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
  beforeEach(() => screen.signIn())

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

describe('a paper in doubt', () => {
  beforeEach(() => screen.signIn())

  it('is asked about by name, and what did not come out is printed again', async () => {
    let hangsUp = true
    const printer = await startPrinter((socket) => (hangsUp ? socket.resetAndDestroy() : socket.end()))
    const settings = await screen.terminal.settings.get()
    await screen.terminal.settings.update({
      ...settings,
      printer: { host: '127.0.0.1', port: printer.port, paper: '80mm' },
    })
    await screen.type('150')
    await screen.press('Enter')
    await screen.page.getByRole('banner').getByRole('button', { name: '收據印出來了嗎？' }).click()
    const dialog = screen.page.getByRole('dialog')
    await dialog.getByText('NT$150').waitFor()
    hangsUp = false
    await dialog.getByRole('button', { name: '沒有，補印' }).click()
    await dialog.waitFor({ state: 'detached' })
    await screen.page.getByRole('banner').getByText('印表機正常').waitFor()
    await printer.received(2)
    const jobs = await screen.terminal.printing.jobs()
    expect(jobs.slice(0, 2)).toMatchObject([
      { copy: 1, state: 'printed' },
      { copy: 0, state: 'failed' },
    ])
    await screen.terminal.settings.update({ ...settings, printer: null })
  })
})

describe('the screen itself', () => {
  beforeEach(() => screen.signIn())

  it.each(['wide', 'small'] as const)(
    'fits %s without scrolling, with room for fingers, in both languages',
    async (size) => {
      await screen.page.setViewportSize({ width: size === 'wide' ? 1366 : 1024, height: 768 })
      onTestFinished(() => screen.page.setViewportSize({ width: 1366, height: 768 }))
      const member = await screen.code('coupon')
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

  it('puts no earlier language back by saving the settings', async () => {
    await screen.button('設定').click()
    await screen.button('儲存').waitFor()
    await screen.press('Escape')
    await screen.button('English').click()
    await expect.poll(async () => (await screen.terminal.settings.get()).language).toBe('en')
    await screen.button('Settings').click()
    await screen.button('Save').click()
    await screen.page.getByText('Saved', { exact: true }).waitFor()
    expect((await screen.terminal.settings.get()).language).toBe('en')
    await screen.terminal.settings.setLanguage({ language: 'zh-TW' })
  })

  it('says when the process is gone, takes no key or scan meanwhile, and goes on when it is back', async () => {
    const { text } = await screen.code('product')
    await at().counter.stopAnswering()
    await screen.page.getByText('收銀程式沒有回應').waitFor()
    await screen.type('471')
    await screen.press('Enter')
    await screen.scan(text)
    await at().counter.answerAgain()
    await screen.page.getByText('收銀程式沒有回應').waitFor({ state: 'detached' })
    expect(await screen.due().innerText()).toMatch(/\b0$/)
    await screen.type('55')
    await screen.press('Enter')
    await screen.paid()
  })
})

describe('three tabs of one counter', () => {
  beforeEach(() => screen.signIn())

  it('all hear of what one of them does, and none keeps another waiting', async () => {
    const others = [
      await CounterScreen.open(at().context, at().counter.url),
      await CounterScreen.open(at().context, at().counter.url),
    ]
    for (const other of others) await other.part('本次交易').waitFor()
    await screen.type('85')
    await screen.press('Enter')
    await screen.paid()
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
    const away = await at().shop.openCounter('2 號櫃台')
    await screen.page.close()
    screen = await CounterScreen.open(at().context, away.url)
    await screen.signIn()
    const coupon = await screen.code('coupon')
    await screen.scan(coupon.text)
    await screen.part('會員').getByRole('heading').waitFor()
    const name = await screen.part('會員').getByRole('heading').innerText()
    const before = await screen.memberNamed(name)
    await at().shop.goOffline()
    await screen.page.getByText('離線 · 自').waitFor()
    await screen
      .part('會員')
      .getByText(/^此處 0，店家可墊 \d+$/)
      .waitFor()

    await screen.type('300')
    await screen.press('Enter')
    await screen.page.getByText('這張優惠券現在不能在這裡使用').waitFor()
    await screen.button('不用這張券').click()
    await screen.press('Enter')
    await screen.paid()
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
