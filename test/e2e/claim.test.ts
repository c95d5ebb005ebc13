/** A receipt's QR on a customer's phone: the real server, the real page, a real browser. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { composeServer, type Server } from '#server/compose.ts'
import type { LineSettings } from '#server/line/settings.ts'
import { openBrowser, type ScreenOptions, type TestBrowser } from '#test/support/browser.ts'
import { type FakeLine, startFakeLine } from '#test/support/fake-line.ts'
import { openReceiptShop, type ReceiptShop, type Sale } from '#test/support/receipt-shop.ts'
import { builtPage } from '#test/support/shared.ts'
import { makeTempDir, removeDir } from '#test/support/temp.ts'

const DAY = 86_400_000
/** Where to leave pictures of what was seen, if anywhere. */
const PICTURES = process.env['COUNTERFOIL_PICTURES']

let opened: TestBrowser
let pages: string
let dir: string
let now: number
let server: Server
let shop: ReceiptShop
let contexts: BrowserContext[]
let complaints: string[]

beforeAll(async () => {
  ;[pages, opened] = await Promise.all([builtPage('member'), openBrowser()])
})
afterAll(() => opened.close())

beforeEach(() => {
  now = Date.parse('2026-11-22T14:05:00+08:00')
  contexts = []
  complaints = []
})
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()))
  await server.close()
  removeDir(dir)
})

async function start(line?: LineSettings): Promise<void> {
  dir = makeTempDir()
  server = await composeServer({ database: join(dir, 'server.db'), pages, clock: () => now, ...(line ? { line } : {}) })
  shop = await openReceiptShop(server.database.db, server.ledger, () => now)
}

async function phone(options: ScreenOptions = {}): Promise<Page> {
  const context = await opened.screen({ size: 'phone', ...options })
  contexts.push(context)
  const page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('ERR_INTERNET_DISCONNECTED'))
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return page
}

const open = (page: Page, sale: Sale) => page.goto(shop.url(sale, server.url))
const says = (page: Page, title: string) => page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()

async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
}

describe('a receipt on a phone, in a dry run', () => {
  beforeEach(() => start())

  it('is claimed under a name, once, and says so ever after', async () => {
    const sale = shop.sale({ points: 12, stamps: 1, amount: 1250 })
    await shop.sync()
    const page = await phone()
    await open(page, sale)
    await says(page, '您有點數可以領取')
    expect(await page.locator('main').innerText()).toMatch(/12 點\s+＋集點 1 格/)
    for (const text of ['晨光咖啡', '信義店', 'NT$1,250', '2026年11月22日', '可領到2026年11月29日為止', '示範模式']) {
      expect(await page.locator('body').innerText()).toContain(text)
    }
    expect(await page.title()).toBe('領取點數 · 晨光咖啡')
    await picture(page, 'open-zh')
    await page.getByLabel('示範登入的姓名').fill('王小明')
    await page.getByRole('button', { name: '以此姓名領取' }).dblclick()
    await says(page, '領取成功')
    expect(await page.locator('main').innerText()).toContain('目前共有 17 點')
    await picture(page, 'taken-zh')

    await page.reload()
    await says(page, '您已領取過這張收據')
    await picture(page, 'yours-zh')
    const other = await phone()
    await open(other, sale)
    await says(other, '這張收據已被領取')
    await picture(other, 'claimed-zh')
    expect(complaints).toEqual([])
  })

  it('remembers who the phone is, and can be someone else', async () => {
    const [one, two, three] = [1, 2, 3].map((points) => shop.sale({ points }))
    await shop.sync()
    const page = await phone()
    await open(page, one!)
    await page.getByLabel('示範登入的姓名').fill('王小明')
    await page.getByRole('button', { name: '以此姓名領取' }).click()
    await says(page, '領取成功')
    await open(page, two!)
    await page.getByRole('button', { name: '以「王小明」領取' }).click()
    await page.getByText('目前共有 8 點').waitFor()
    await open(page, three!)
    await page.getByRole('button', { name: '換一個人' }).click()
    await page.getByLabel('示範登入的姓名').fill('王小美')
    await page.getByRole('button', { name: '以此姓名領取' }).click()
    await page.getByText('目前共有 8 點').waitFor()
    const members = await server.database.db.selectFrom('member').select('name').orderBy('id').execute()
    expect(members.map((member) => member.name)).toEqual(['王小明', '王小美'])
  })

  it('of a counter that is not trusted waits for its sale', async () => {
    const sale = shop.sale({ points: 4 })
    await server.database.db.updateTable('terminal').set({ status: 'frozen', frozen_reason: 'lost' }).execute()
    const page = await phone()
    await open(page, sale)
    await says(page, '店家尚未上傳這筆消費')
    expect(await page.locator('main').innerText()).toContain('請保留收據')
    await picture(page, 'unsynced-zh')
    await shop.sync()
    await page.getByRole('button', { name: '再試一次' }).click()
    await says(page, '您有點數可以領取')
    await server.database.db.updateTable('terminal').set({ status: 'active', frozen_reason: null }).execute()
  })

  it('says when it is too late, cancelled, damaged or not from here', async () => {
    const [late, voided] = [shop.sale({ points: 4 }), shop.sale({ points: 7 })]
    shop.voidSale(voided)
    await shop.sync()
    const page = await phone()
    await open(page, voided)
    await says(page, '這筆消費已取消')
    await picture(page, 'voided-zh')
    now += 8 * DAY
    await open(page, late)
    await says(page, '已過領取期限')
    await picture(page, 'expired-zh')
    await page.goto(`${server.url}/c/${late.token.slice(0, 60)}`)
    await says(page, '讀不到這張收據')
    await picture(page, 'damaged-zh')
    await page.goto(`${server.url}/c/${'x'.repeat(2000)}`)
    await says(page, '讀不到這張收據')
    await page.goto(server.url)
    await says(page, '掃描收據領點數')
    await picture(page, 'landing-zh')
  })

  it('says when the shop is out of reach, and looks again by itself when it is back', async () => {
    const sale = shop.sale({ points: 4 })
    await shop.sync()
    const page = await phone()
    await page.route('**/member/rpc/**', (route) => route.abort('internetdisconnected'))
    await open(page, sale)
    await says(page, '連不上店家的系統')
    await picture(page, 'offline-zh')
    await page.unroute('**/member/rpc/**')
    await page.getByRole('button', { name: '再試一次' }).click()
    await says(page, '您有點數可以領取')

    await page.getByLabel('示範登入的姓名').fill('王小明')
    await page.context().setOffline(true)
    await page.getByRole('button', { name: '以此姓名領取' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).toContain('連不上店家的系統')
    await picture(page, 'lost-zh')
    await page.context().setOffline(false)
    await page.getByRole('button', { name: '以此姓名領取' }).click()
    await says(page, '領取成功')
  })

  it('speaks English to a phone that does, and either at a tap', async () => {
    const sale = shop.sale({ points: 1, amount: 120 })
    await shop.sync()
    const page = await phone({ language: 'en', colorScheme: 'dark' })
    await open(page, sale)
    await says(page, 'You have points waiting')
    expect(await page.locator('main').innerText()).toMatch(/1 point\s/)
    expect(await page.locator('main').innerText()).toContain('Claim by 29 November 2026')
    expect(await page.getAttribute('html', 'lang')).toBe('en')
    await picture(page, 'open-en-dark')
    await page.getByRole('button', { name: '中文' }).click()
    await says(page, '您有點數可以領取')
    await page.reload()
    await says(page, '您有點數可以領取')
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByLabel('Name for the demo sign-in').fill('Amy')
    await page.getByRole('button', { name: 'Claim under this name' }).click()
    await says(page, 'All yours')
    await picture(page, 'taken-en-dark')
  })

  it.each(['light', 'dark'] as const)('can be read and hit in %s', async (colorScheme) => {
    const [sale, taken] = [shop.sale({ points: 4 }), shop.sale({ points: 7 })]
    await shop.sync()
    const page = await phone({ colorScheme })
    await open(page, taken)
    await page.getByLabel('示範登入的姓名').fill('王小明')
    await page.getByRole('button', { name: '以此姓名領取' }).click()
    await says(page, '領取成功')
    expect(await faults(page)).toEqual([])
    await open(page, sale)
    await page.getByRole('button', { name: '以「王小明」領取' }).waitFor()
    expect(await faults(page)).toEqual([])
    await page.getByRole('button', { name: '換一個人' }).click()
    expect(await faults(page)).toEqual([])
    now += 8 * DAY
    await page.reload()
    await says(page, '已過領取期限')
    expect(await faults(page)).toEqual([])
  })

  it('shows the message it would have sent, to whoever has the key', async () => {
    const sale = shop.sale({ points: 12, amount: 1250 })
    await shop.sync()
    const page = await phone()
    await open(page, sale)
    await page.getByLabel('示範登入的姓名').fill('<b>王小明</b>')
    await page.getByRole('button', { name: '以此姓名領取' }).click()
    await says(page, '領取成功')
    const outbox = await phone({ size: 'small' })
    await outbox.goto(server.notes['outbox'] ?? '')
    expect(await outbox.locator('.banner').innerText()).toContain('模擬執行')
    await outbox.locator('article').waitFor()
    expect(await outbox.locator('article').innerText()).toContain('收件人 <b>王小明</b>')
    expect(await outbox.locator('.bubble').innerText()).toMatch(
      /晨光咖啡\s+收據點數已入帳\s+\+12 點\s+目前點數\s+17 點/,
    )
    await outbox.getByText('模擬，未送出', { exact: true }).last().waitFor()
    await picture(outbox, 'outbox-zh')
    await outbox.getByRole('link', { name: 'English' }).click()
    expect(await outbox.locator('.chip').innerText()).toBe('Dry run, not sent')
    expect(await faults(outbox)).toEqual([])
    const refused = await outbox.goto(`${server.url}/office/outbox?key=guess`)
    expect(refused?.status()).toBe(403)
    expect(await outbox.locator('article').count()).toBe(0)
    expect(complaints.filter((text) => !text.includes('403'))).toEqual([])
  })
})

describe('a receipt on a phone, with LINE', () => {
  let line: FakeLine

  beforeEach(async () => {
    line = await startFakeLine(() => now)
    await start({
      baseUrl: line.url,
      messaging: { accessToken: line.accessToken, channelSecret: line.channelSecret },
      login: { channelId: line.loginChannelId, liffId: `${line.loginChannelId}-abcdefgh` },
    })
  })
  afterEach(() => line.close())

  /** LINE's SDK, as far as the page uses it: signing in leaves for LINE's page and comes back signed in. */
  async function withLiff(page: Page, idToken: () => string): Promise<void> {
    await page.route('https://static.line-scdn.net/liff/edge/2/sdk.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: LIFF }),
    )
    await page.route('https://access.line.me/**', (route) => {
      const back = new URL(new URL(route.request().url()).searchParams.get('redirect') ?? '')
      back.searchParams.set('code', idToken())
      return route.fulfill({ status: 302, headers: { location: back.href } })
    })
  }

  it('goes to LINE to sign in, and comes back with the points', async () => {
    const user = line.addUser('林美麗')
    const sale = shop.sale({ points: 4 })
    await shop.sync()
    const page = await phone()
    await withLiff(page, () => line.idToken(user))
    await page.goto(`${server.url}/?liff.state=${encodeURIComponent(`/c/${sale.token}`)}`)
    await page.getByRole('button', { name: '用 LINE 領取點數' }).click()
    await says(page, '領取成功')
    expect(await page.locator('body').innerText()).not.toContain('示範')
    await expect.poll(() => line.accepted.length, { timeout: 10_000 }).toBe(1)
    expect(line.accepted[0]).toMatchObject({ to: user, delivered: true })
    expect(complaints).toEqual([])
  })

  it('signs in again when LINE’s word has run out', async () => {
    const user = line.addUser('林美麗')
    const sale = shop.sale({ points: 4 })
    await shop.sync()
    const page = await phone()
    let visits = 0
    await withLiff(page, () => line.idToken(user, { expired: visits++ === 0 }))
    await open(page, sale)
    await page.getByRole('button', { name: '用 LINE 領取點數' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).toContain('登入已過期')
    await page.getByRole('button', { name: '重新登入 LINE' }).click()
    await says(page, '領取成功')
  })

  it('still shows the receipt when LINE’s SDK does not load', async () => {
    const sale = shop.sale({ points: 4 })
    await shop.sync()
    const page = await phone()
    await page.route('https://static.line-scdn.net/**', (route) => route.abort())
    await open(page, sale)
    await page.getByRole('button', { name: 'LINE 沒有回應，再試一次' }).waitFor()
    await says(page, '您有點數可以領取')
    const user = line.addUser('林美麗')
    await page.unroute('https://static.line-scdn.net/**')
    await withLiff(page, () => line.idToken(user))
    await page.getByRole('button', { name: 'LINE 沒有回應，再試一次' }).click()
    await page.getByRole('button', { name: '用 LINE 領取點數' }).click()
    await says(page, '領取成功')
  })
})

const LIFF = `{
  const kept = 'liff-token'
  const url = new URL(location.href)
  const code = url.searchParams.get('code')
  window.liff = {
    async init() {
      if (!code) return
      sessionStorage.setItem(kept, code)
      url.searchParams.delete('code')
      history.replaceState(null, '', url)
    },
    isLoggedIn: () => sessionStorage.getItem(kept) !== null,
    isInClient: () => false,
    login: ({ redirectUri }) => location.assign('https://access.line.me/login?redirect=' + encodeURIComponent(redirectUri)),
    logout: () => sessionStorage.removeItem(kept),
    getIDToken: () => sessionStorage.getItem(kept),
  }
}`

/** What a person could not read or hit: text under WCAG AA's contrast, targets under 44 px, words running off the side. */
function faults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number)
    const luminance = ([r = 0, g = 0, b = 0]: number[]) => {
      const linear = [r, g, b].map((one) =>
        one / 255 <= 0.03928 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4,
      )
      return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!
    }
    const groundOf = (element: Element | null): number[] => {
      if (!element) return [255, 255, 255]
      const ground = channels(getComputedStyle(element).backgroundColor)
      return ground.length === 4 && ground[3] === 0 ? groundOf(element.parentElement) : ground
    }
    const found: string[] = []
    for (const element of document.body.querySelectorAll('*')) {
      const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim())
      const box = element.getBoundingClientRect()
      const style = getComputedStyle(element)
      const name = `${element.tagName.toLowerCase()} «${(element.textContent ?? '').trim().slice(0, 20)}»`
      if (own && box.width > 0 && !element.matches(':disabled, script, style, noscript')) {
        const [ink, ground] = [luminance(channels(style.color)), luminance(groundOf(element))]
        const contrast = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05)
        const size = Number.parseFloat(style.fontSize)
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
        if (contrast < (large ? 3 : 4.5)) found.push(`${name}: contrast ${contrast.toFixed(2)}`)
        if (box.right > innerWidth + 1) found.push(`${name}: runs off the side`)
      }
      if (element.matches('button, a, input') && (box.height < 44 || box.width < 44))
        found.push(`${name}: ${box.width}×${box.height}`)
    }
    return found
  })
}
