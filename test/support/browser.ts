/**
 * A real Chromium: the machine's own where there is one, else the one that comes from npm. `COUNTERFOIL_BROWSER=bundled`
 * asks for the latter. Every test gets contexts of its own; the browser itself is shared by a file's tests.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core'
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

const systemPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Opens the browser; rejects where none can run, so that its tests fail rather than pass unseen. */
export async function openBrowser(): Promise<TestBrowser> {
  const home = makeTempDir()
  const system =
    process.env['COUNTERFOIL_BROWSER'] === 'bundled' ? undefined : systemPaths.find((path) => existsSync(path))
  try {
    const { executablePath, env } = system === undefined ? await bundled(home) : { executablePath: system, env: {} }
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

/**
 * Unpacks the npm build into `home`. It unpacks its own copies of libnss3 and others only when it believes it is where
 * it was made for, reads TMPDIR while it does, and would reuse whatever an older version left in a shared TMPDIR. Its
 * own `args` are not used: they share storage between contexts and switch web security off. Nor are its font settings:
 * they name folders that are not there, and without any font a form's field crashes it.
 */
async function bundled(home: string): Promise<{ executablePath: string; env: Record<string, string> }> {
  const touched = ['TMPDIR', 'AWS_LAMBDA_JS_RUNTIME', 'LD_LIBRARY_PATH', 'FONTCONFIG_PATH', 'HOME']
  const before = touched.map((name) => [name, process.env[name]] as const)
  try {
    process.env['TMPDIR'] = home
    process.env['AWS_LAMBDA_JS_RUNTIME'] = 'nodejs24.x'
    const packed = await import('@sparticuz/chromium')
    const executablePath = await packed.default.executablePath()
    const libraries = [`${home}/al2023/lib`, process.env['LD_LIBRARY_PATH']].filter((path) => path !== undefined)
    return { executablePath, env: { LD_LIBRARY_PATH: libraries.join(':'), FONTCONFIG_FILE: writeFontSettings(home) } }
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

/** Settings that show the browser its own Latin font, and the receipt's for Chinese; returns the file's path. */
function writeFontSettings(home: string): string {
  const resolve = createRequire(import.meta.url).resolve
  const chinese = ['400Regular/NotoSansTC_400Regular.ttf', '700Bold/NotoSansTC_700Bold.ttf']
  const folders = chinese.map((file) => dirname(resolve(`@expo-google-fonts/noto-sans-tc/${file}`)))
  const path = join(home, 'fonts.conf')
  writeFileSync(
    path,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  ${[join(home, 'fonts'), ...folders].map((folder) => `<dir>${folder}</dir>`).join('\n  ')}
  <cachedir>${join(home, 'fontconfig')}</cachedir>
  <alias>
    <family>sans-serif</family>
    <prefer><family>Open Sans</family><family>Noto Sans TC</family></prefer>
  </alias>
</fontconfig>
`,
  )
  return path
}
