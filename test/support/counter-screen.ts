/** A cashier's hands and eyes at the counter's page. */
import type { BrowserContext, Locator, Page } from 'playwright-core'
import type { DemoCode } from '#core/contract/terminal.ts'
import { PINS, screenAt, staff, type Screen } from './counter-at-work.ts'

/** Slower than any scanner, so that what is typed is never taken for a scan. */
const HAND_GAP_MS = 70
const SCANNER_GAP_MS = 8
/** An Enter that comes sooner after a scan is taken for the scanner's own: no hand is that quick, but a test is. */
const AFTER_SCAN_MS = 260

export class CounterScreen {
  readonly page: Page
  /** The same process, asked directly. */
  readonly terminal: Screen
  /** What the page complained of, to the console or by an uncaught error. */
  readonly complaints: string[] = []
  readonly #url: string
  #handsFromMs = 0

  private constructor(page: Page, url: string) {
    this.page = page
    this.#url = url
    this.terminal = screenAt(new URL(url).origin)
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
  }

  static async open(context: BrowserContext, url: string): Promise<CounterScreen> {
    const page = await context.newPage()
    const screen = new CounterScreen(page, url)
    await screen.load()
    return screen
  }

  /** Loads the page, or loads it anew with nothing in hand. */
  async load(): Promise<void> {
    if (this.page.url().startsWith(new URL(this.#url).origin)) {
      await this.page.evaluate(() => {
        sessionStorage.clear()
        // The page that goes may still have a word to say.
        Storage.prototype.setItem = () => undefined
      })
    }
    await this.page.goto(this.#url)
  }

  /** Keys by hand, into whatever has the focus. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text, { delay: HAND_GAP_MS })
  }

  async press(key: string): Promise<void> {
    const scannersMs = key === 'Enter' ? this.#handsFromMs - performance.now() : 0
    await this.page.waitForTimeout(Math.max(HAND_GAP_MS, scannersMs))
    await this.page.keyboard.press(key)
  }

  /**
   * As a keyboard-wedge scanner does: every key and an Enter, in its rhythm, whatever else the machine is doing.
   * Each key has the effect the page leaves it. With an input method on, keys arrive as 'Process'.
   */
  async scan(text: string, { inputMethod = false } = {}): Promise<void> {
    const keys = [...[...text].map(keyOf), { key: 'Enter', code: 'Enter', shiftKey: false }]
    await this.page.evaluate(
      ([keys, inputMethod, gapMs]) => {
        const startedMs = performance.now()
        for (const [index, { key, code, shiftKey }] of keys.entries()) {
          const shown = inputMethod && key !== 'Enter' ? 'Process' : key
          const target = document.activeElement ?? document.body
          const press = { key: shown, code, shiftKey, bubbles: true, cancelable: true, composed: true }
          const event = new KeyboardEvent('keydown', press)
          Object.defineProperty(event, 'timeStamp', { value: startedMs + index * gapMs })
          const used = !target.dispatchEvent(event)
          if (used) continue
          if (key === 'Enter' && target instanceof HTMLButtonElement) target.click()
          else if (key !== 'Enter') document.execCommand('insertText', false, key)
        }
      },
      [keys, inputMethod, SCANNER_GAP_MS] as const,
    )
    this.#handsFromMs = performance.now() + keys.length * SCANNER_GAP_MS + AFTER_SCAN_MS
  }

  /** As a cashier who needs a manager for some things, without the PIN pad. */
  async signIn(): Promise<void> {
    await this.terminal.session.signIn({ staff: staff('mei'), pin: PINS.mei })
    await this.part('本次交易').waitFor()
  }

  /** The first of the demo's codes of a kind. */
  async code(kind: DemoCode['kind']): Promise<DemoCode> {
    const first = (await this.terminal.demo.codes()).find((code) => code.kind === kind)
    if (!first) throw new Error(`the demo has no ${kind}`)
    return first
  }

  /** Scans a member's card, and waits for its member. */
  async serve({ label, text }: DemoCode): Promise<void> {
    await this.scan(text)
    await this.part('會員').getByRole('heading', { name: label }).waitFor()
  }

  /** Waits for what comes after Pay: it is done, and its receipt shown. */
  async paid(): Promise<void> {
    await this.done().waitFor()
    await this.page.getByText('收據已顯示在預覽').waitFor()
  }

  /** One of the screen's parts by its name. */
  part(name: string): Locator {
    return this.page.getByRole('region', { name, exact: true })
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name })
  }

  due(): Locator {
    return this.page.getByTestId('due')
  }

  done(): Locator {
    return this.page.getByTestId('done')
  }

  /** The member now served, as the process knows them. */
  async memberNamed(name: string) {
    const [found] = await this.terminal.members.find({ query: name })
    if (!found) throw new Error(`no member ${name}`)
    return this.terminal.members.get({ member: found.id })
  }
}

function keyOf(key: string): { key: string; code: string; shiftKey: boolean } {
  if (/[a-z]/i.test(key)) return { key, code: `Key${key.toUpperCase()}`, shiftKey: key < 'a' }
  return { key, code: key === '/' ? 'Slash' : `Digit${key}`, shiftKey: false }
}
