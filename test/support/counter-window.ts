/** A demo shop, its counter and one window for a file's tests, as a counter has it all day; the page is loaded anew before each. */
import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { openBrowser, type TestBrowser } from './browser.ts'
import { CounterScreen } from './counter-screen.ts'
import { openDemoShop, type DemoCounter, type DemoShop } from './demo-shop.ts'

type CounterWindow = { shop: DemoShop; counter: DemoCounter; context: BrowserContext; screen: CounterScreen }

/** Call it once, at a test file's top; the function answers inside the tests. */
export function counterWindow(): () => CounterWindow {
  let opened: TestBrowser
  let window: CounterWindow
  beforeAll(async () => {
    const [shop, browser] = await Promise.all([openDemoShop(), openBrowser()])
    opened = browser
    const counter = await shop.openCounter('1 號櫃台')
    const context = await browser.screen()
    window = { shop, counter, context, screen: await CounterScreen.open(context, counter.url) }
  })
  afterAll(async () => {
    await opened.close()
    await window.shop.close()
  })
  beforeEach(() => window.screen.load())
  return () => window
}
