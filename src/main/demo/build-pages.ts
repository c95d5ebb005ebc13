/** Builds the pages, and the desktop application where it can run, when there are none or their sources are newer. */
import { execFile } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { electronProgram } from './desktop.ts'

const ROOT = join(import.meta.dirname, '../../..')
const PAGE_SOURCES = ['src/renderer', 'src/core', 'resources', 'vite.config.ts', 'package-lock.json']
const DESKTOP_SOURCES = ['src/main', 'src/preload', 'src/storage', 'electron.vite.config.ts']

const VITE = ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn']
const ELECTRON_VITE = ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn']

const pages = [
  { what: "the counter's page", made: 'out/renderer/index.html', sources: PAGE_SOURCES, build: VITE },
  {
    what: "the member's page",
    made: 'out/member/index.html',
    sources: PAGE_SOURCES,
    build: [...VITE, '--mode', 'member'],
  },
]
const desktop = {
  what: 'the desktop application',
  made: 'out/main/index.js',
  sources: [...PAGE_SOURCES, ...DESKTOP_SOURCES],
  build: ELECTRON_VITE,
}

/** Gives the folder they are in, each in one of its own. */
export async function builtPages(): Promise<string> {
  for (const { what, made, sources, build } of electronProgram(ROOT) ? [...pages, desktop] : pages) {
    const newest = Math.max(...sources.map((source) => newestIn(join(ROOT, source))))
    if (changedAt(join(ROOT, made)) > newest) continue
    console.log(`Building ${what} …`)
    await promisify(execFile)(process.execPath, build, { cwd: ROOT, env: { ...process.env, NODE_ENV: 'production' } })
  }
  return join(ROOT, 'out')
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function newestIn(path: string): number {
  if (!statSync(path).isDirectory()) return changedAt(path)
  return Math.max(0, ...readdirSync(path).map((name) => newestIn(join(path, name))))
}
