/**
 * The desktop application's page as it ships, in a real browser: served with its policy by the main process's own
 * handler, handed its port by the preload script, and on the port's other end the real terminal. Only what stands
 * between a page and its main process, which is Electron's, is played here.
 */
import { join } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { portMessages } from '#core/contract/message-port.ts'
import { composeServer } from '#server/compose.ts'
import { seedDemoShop } from '#server/demo/seed.ts'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { openBrowser, type TestBrowser } from '#test/support/browser.ts'
import { buildPreload } from '#test/support/build-preload.ts'
import { useDesktop } from '#test/support/desktop.ts'
import { builtPage } from '#test/support/shared.ts'
import { tempDir } from '#test/support/temp.ts'

/** Chromium alone has no `app:` scheme: the page is at this origin instead, and its requests are put to the handler. */
const origin = 'https://counter.test'

const desktop = useDesktop()
let opened: TestBrowser
let preload: string
let pages: string

beforeAll(async () => {
  ;[opened, preload, pages] = await Promise.all([openBrowser(), buildPreload(), builtPage('counter')])
})

afterAll(() => opened.close())

/** Opens the application's window on a page of the browser. `complaints` is what the page's console reported. */
async function openWindow(): Promise<{ page: Page; complaints: string[] }> {
  await desktop.start()
  const { session } = await import('electron')
  const { servePages } = await import('#main/electron/pages.ts')
  servePages(session.defaultSession, pages)
  const context = await opened.browser.newContext({ userAgent: 'Chrome/150.0.0.0 Electron/45.4.1', locale: 'zh-TW' })
  onTestFinished(() => context.close())
  await serve(context)
  await joinPorts(context)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(origin)
  return { page, complaints }
}

async function serve(context: BrowserContext): Promise<void> {
  const handler = desktop.electron.session.defaultSession.pages.get('app')
  await context.route('**', async (route) => {
    const url = route.request().url().replace(origin, 'app://counter')
    const answer = await handler?.(new Request(url))
    if (answer === undefined) return route.abort()
    const headers = Object.fromEntries(answer.headers)
    return route.fulfill({ status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) })
  })
}

/** Electron's part: `ipcRenderer` for the preload script, and a port that reaches from the page into this process. */
async function joinPorts(context: BrowserContext): Promise<void> {
  const [window] = desktop.windows()
  const frame = window?.webContents.mainFrame
  const ports: MessagePort[] = []
  await context.exposeBinding('askMain', ({ page }, channel: string) => {
    desktop.electron.ipcMain.emit(channel, { sender: window?.webContents, senderFrame: frame })
    const handed = frame?.handed.at(-1)
    if (handed === undefined) throw new Error('No port was handed out.')
    const number = ports.push(handed.port) - 1
    handed.port.on(
      'message',
      (data: string) => void page.evaluate(`ports[${number}].postMessage(${JSON.stringify(data)})`),
    )
    onTestFinished(() => handed.port.close())
    return number
  })
  await context.exposeFunction('tellMain', (number: number, data: string) => ports[number]?.postMessage(data))
  await context.addInitScript({
    content: `
      globalThis.ports = []
      const heard = {}
      const ipcRenderer = {
        on: (channel, listener) => (heard[channel] = listener),
        send: async (channel) => {
          const number = await askMain(channel)
          const { port1, port2 } = new MessageChannel()
          ports[number] = port1
          port1.onmessage = ({ data }) => tellMain(number, data)
          heard['${portMessages.port}']({ ports: [port2] })
        },
      }
      ;((require, location) => { ${preload} })(() => ({ ipcRenderer }), { protocol: 'app:', host: 'counter' })`,
  })
}

describe('the desktop application', () => {
  it('shows its page under its policy, and joins a shop over its port', async () => {
    const server = await composeServer({
      database: join(tempDir(), 'server.db'),
      beforeListening: async ({ database, ledger }) => void (await seedDemoShop(database, ledger, Date.now)),
    })
    onTestFinished(() => server.close())
    const { page, complaints } = await openWindow()
    await page.getByLabel('伺服器網址').fill('http://127.0.0.1:59999')
    await page.getByLabel('一次性代碼').fill('AAAA-BBBB')
    await page.getByLabel('收銀台名稱').fill('一號櫃檯')
    await page.getByRole('button', { name: '加入' }).click()
    await page.getByRole('alert').getByText('連不到伺服器').waitFor()

    await page.getByLabel('伺服器網址').fill(server.url)
    await page.getByLabel('一次性代碼').fill(await makeEnrolCode(server.database.db, 's1', Date.now()))
    await page.getByRole('button', { name: '加入' }).click()
    await page.getByRole('button', { name: '陳小姐' }).click()
    for (const digit of '1234') await page.getByRole('button', { name: digit, exact: true }).click()
    await page.getByRole('button', { name: '登入' }).click()
    await page.getByText('連線').first().waitFor()
    expect(complaints).toEqual([])

    await page.reload()
    await page.getByText('連線').first().waitFor()
    expect(complaints).toEqual([])
  })
})
