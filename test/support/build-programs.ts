/** What runs as processes of its own, each in one file with all it needs: a test that kills one waits half as long for the next. */
import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { removeDir } from './temp.ts'

const root = join(import.meta.dirname, '..', '..')

export const programs = {
  counter: 'src/main/counter-process.ts',
  server: 'sync-server/start.ts',
  admin: 'sync-server/cli.ts',
  outbox: 'test/support/outbox-process.ts',
  simulate: 'test/simulation/main.ts',
}

/** Machine code and fonts stay where they are installed. */
const INSTALLED = ['better-sqlite3', '@napi-rs/canvas', 'node-thermal-printer', 'electron']

/** Builds into a folder from where Node finds the installed packages. */
export async function buildPrograms(): Promise<{ value: string; stop(): void }> {
  const cache = join(root, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const value = mkdtempSync(join(cache, 'programs-'))
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    ssr: { noExternal: true, external: INSTALLED },
    build: { ssr: true, outDir: value, minify: false, target: 'node24', rolldownOptions: { input: programs } },
  })
  return { value, stop: () => removeDir(value) }
}
