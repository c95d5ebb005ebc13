import { fileURLToPath } from 'node:url'
import type { CDPSession, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBrowser, type TestBrowser } from '#test/support/browser.ts'

const CARD = 'M01234567893'
const CLAIM_URL = 'https://liff.line.me/1234-abcd/c/1Ab_-9'
const SCANNER_GAP_MS = 8
const HAND_GAP_MS = 150

let script: string
let opened: TestBrowser
let page: Page
let keyboard: CDPSession

beforeAll(async () => {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    oxc: { jsx: { runtime: 'automatic', development: false } },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      lib: { entry: fileURLToPath(new URL('scanner/page.tsx', import.meta.url)), formats: ['iife'], name: 'page' },
    },
  })
  const [bundle] = Array.isArray(built) ? built : []
  const [chunk] = bundle?.output ?? []
  script = chunk?.code ?? ''
  opened = await openBrowser()
  const context = await opened.screen()
  page = await context.newPage()
  keyboard = await context.newCDPSession(page)
  await page.clock.install({ time: 0 })
  await page.clock.pauseAt(1000)
})

afterAll(() => opened.close())

/** The page's time stands still but for what a test lets pass, so that a slow machine changes no rhythm. */
beforeEach(async () => {
  await page.goto('about:blank')
  await page.setContent('<main></main>')
  await page.evaluate(() => Object.defineProperty(Event.prototype, 'timeStamp', { get: () => performance.now() }))
  await page.addScriptTag({ content: script })
  await page.locator('#pay').waitFor()
})

type Key = { key: string; code: string; shift?: boolean }

/** Presses one key, `gapMs` after the last. */
async function press({ code, key, shift = false }: Key, gapMs: number, inputMethod = false): Promise<void> {
  await page.clock.runFor(gapMs)
  const text = key === 'Enter' ? '\r' : key
  const modifiers = shift ? 8 : 0
  // A key that an input method has taken is code 229, 'Process', and makes no character by itself.
  const down = inputMethod
    ? { type: 'rawKeyDown' as const, key: 'Process', windowsVirtualKeyCode: 229 }
    : { type: 'keyDown' as const, key, text, windowsVirtualKeyCode: key === 'Enter' ? 13 : 0 }
  await keyboard.send('Input.dispatchKeyEvent', { ...down, code, modifiers })
  await keyboard.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code, modifiers })
}

function keyOf(character: string): Key {
  if (/[a-z]/i.test(character)) {
    return { key: character, code: `Key${character.toUpperCase()}`, shift: character < 'a' }
  }
  const symbols: Record<string, Key> = {
    '-': { key: '-', code: 'Minus' },
    _: { key: '_', code: 'Minus', shift: true },
    '.': { key: '.', code: 'Period' },
    '/': { key: '/', code: 'Slash' },
    ':': { key: ':', code: 'Semicolon', shift: true },
  }
  return symbols[character] ?? { key: character, code: `Digit${character}` }
}

const ENTER: Key = { key: 'Enter', code: 'Enter' }

async function scan(text: string, { inputMethod = false, terminator = true } = {}): Promise<void> {
  const keys = [...Array.from(text, keyOf), ...(terminator ? [ENTER] : [])]
  for (const [index, key] of keys.entries()) await press(key, index === 0 ? 1000 : SCANNER_GAP_MS, inputMethod)
}

/** An input method shows what it composes of the keys after each of them, and commits it after Enter. */
async function scanWhileComposing(text: string): Promise<void> {
  for (const [index, key] of Array.from(text, keyOf).entries()) {
    await press(key, index === 0 ? 1000 : SCANNER_GAP_MS, true)
    const composed = 'ㄇㄢˊ'.slice(0, index + 1)
    await compose(composed)
  }
  await press(ENTER, SCANNER_GAP_MS, true)
  await keyboard.send('Input.insertText', { text: '蠻' })
}

async function compose(text: string): Promise<void> {
  await keyboard.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
}

async function type(text: string): Promise<void> {
  for (const character of text) await press(keyOf(character), HAND_GAP_MS)
}

/** What the page noticed, once nothing more can come of the keys so far. */
async function log(): Promise<string[]> {
  await page.clock.runFor(100)
  return page.evaluate(() => window.log)
}

describe('without any focus', () => {
  it.each([CARD, CLAIM_URL, '4710018000102', 'P42N'])(
    '%s is scanned, and no key of it reaches the page',
    async (text) => {
      await scan(text)
      expect(await log()).toEqual([`scan ${text}`])
    },
  )

  it('a scan needs no Enter', async () => {
    await scan(CARD, { terminator: false })
    expect(await log()).toEqual([`scan ${CARD}`])
  })

  it('what a hand types comes as typed, in order, and its Enter stays Enter', async () => {
    await type('450')
    await press(ENTER, HAND_GAP_MS)
    expect(await log()).toEqual(['typed 4', 'typed 5', 'typed 0', 'key Enter'])
  })

  it('a scan does not press the button that has the focus', async () => {
    await page.locator('#pay').focus()
    await scan(CARD)
    expect(await log()).toEqual([`scan ${CARD}`])
    await press(ENTER, HAND_GAP_MS * 4)
    expect(await log()).toEqual([`scan ${CARD}`, 'key Enter', 'submit'])
  })
})

describe('in a field', () => {
  it("a hand's typing is left alone", async () => {
    await page.locator('#name').focus()
    await type('abc123')
    expect(await page.locator('#name').inputValue()).toBe('abc123')
    expect((await log()).filter((entry) => !entry.startsWith('key '))).toEqual([])
  })

  it.each([CARD, 'P42N'])(
    'a scan of %s leaves a controlled input, its state and its selection as they were',
    async (text) => {
      const field = page.locator('#name')
      await field.focus()
      await type('abc123')
      await field.evaluate((input: HTMLInputElement) => input.setSelectionRange(1, 3))
      await scan(text)
      expect((await log()).filter((entry) => /^(scan|submit|key Enter)/.test(entry))).toEqual([`scan ${text}`])
      expect(await field.inputValue()).toBe('abc123')
      expect(await page.locator('output').textContent()).toBe('abc123')
      const selection = await field.evaluate((input: HTMLInputElement) => [input.selectionStart, input.selectionEnd])
      expect(selection).toEqual([1, 3])
      await type('x')
      expect(await page.locator('output').textContent()).toBe('ax123')
    },
  )

  it('numbers, paragraphs and choices are put back too', async () => {
    for (const [id, before] of [
      ['#amount', '12'],
      ['#note', 'first\nsecond'],
      ['#tier', 'gold'],
    ] as const) {
      await page.locator(id).focus()
      await scan(CARD)
      expect(await page.locator(id).inputValue()).toBe(before)
      await page.evaluate(() => (window.log = []))
    }
  })

  it('rich text keeps its markup and its caret', async () => {
    const rich = page.locator('#rich')
    const before = await rich.innerHTML()
    await rich.evaluate((element) => {
      element.focus()
      getSelection()?.collapse(element.querySelector('b')?.firstChild ?? element, 2)
    })
    await scan(CARD)
    expect(await rich.innerHTML()).toBe(before)
    await type('x')
    expect(await rich.textContent()).toBe('one twxo three')
  })
})

describe('under an input method', () => {
  it('a scan is read from the physical keys', async () => {
    await scan(CLAIM_URL, { inputMethod: true })
    expect(await log()).toEqual([`scan ${CLAIM_URL}`])
  })

  it.each(['#name', '#note', '#rich'])(
    'what it composed in %s is undone, and what it commits late as well',
    async (id) => {
      const field = page.locator(id)
      await field.focus()
      await type('abc')
      const before = await contentOf(id)
      expect(before).toContain('abc')
      await scanWhileComposing(CARD)
      expect((await log()).filter((entry) => entry.startsWith('scan'))).toEqual([`scan ${CARD}`])
      expect(await contentOf(id)).toBe(before)
      await type('d')
      expect(await contentOf(id)).toBe(before.replace('abc', 'abcd'))
    },
  )

  it("a hand's composing is left alone", async () => {
    await page.locator('#name').focus()
    for (const [index, key] of Array.from('a06', keyOf).entries()) {
      await press(key, HAND_GAP_MS, true)
      await compose('ㄇㄢˊ'.slice(0, index + 1))
    }
    await press(ENTER, HAND_GAP_MS, true)
    await keyboard.send('Input.insertText', { text: '蠻' })
    await log()
    expect(await contentOf('#name')).toBe('蠻')
    expect(await page.locator('output').textContent()).toBe('蠻')
  })
})

function contentOf(id: string): Promise<string> {
  return page.locator(id).evaluate((field) => ('value' in field ? String(field.value) : (field.textContent ?? '')))
}
