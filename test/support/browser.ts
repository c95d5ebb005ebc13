/** A real Chromium. Every test gets contexts of its own; the browser itself is shared by a file's tests. */
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core'
import { BrowserProgram } from './browser-program.ts'
import { browserProgram } from './shared.ts'
import { makeTempDir, removeDir } from './temp.ts'

export type TestBrowser = {
  browser: Browser
  /** A context as a counter's touch screen has it. Close it, or let {@link TestBrowser.close} do so. */
  screen(options?: ScreenOptions): Promise<BrowserContext>
  close(): Promise<void>
}

export type ScreenOptions = {
  size?: keyof typeof screens
  language?: 'zh-TW' | 'en'
  colorScheme?: 'light' | 'dark'
}

/** The two sizes a counter's screen has in practice, and a member's telephone. */
const screens = {
  wide: { width: 1366, height: 768 },
  small: { width: 1024, height: 768 },
  phone: { width: 390, height: 844 },
} as const

/** Opens the browser; rejects where none can run, so that its tests fail rather than pass unseen. */
export async function openBrowser(): Promise<TestBrowser> {
  const home = makeTempDir()
  try {
    const { executablePath, env } = BrowserProgram.parse(JSON.parse(await browserProgram()))
    const browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
      env: { ...ownEnvironment(), TMPDIR: home, ...env },
    })
    return {
      browser,
      screen: (options = {}) => browser.newContext(contextOptions(options)),
      close: async () => {
        await browser.close()
        removeDir(home)
      },
    }
  } catch (error) {
    removeDir(home)
    throw error
  }
}

function contextOptions({
  size = 'wide',
  language = 'zh-TW',
  colorScheme = 'light',
}: ScreenOptions): BrowserContextOptions {
  return {
    viewport: screens[size],
    hasTouch: true,
    locale: language,
    timezoneId: 'Asia/Taipei',
    colorScheme,
    reducedMotion: 'reduce',
  }
}

function ownEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(entries)
}
