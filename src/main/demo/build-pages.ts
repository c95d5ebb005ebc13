/** Builds the counter's and the members' pages when there are none, or their sources are newer. */
import { execFile } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../../..')
const SOURCES = ['src/renderer', 'src/core', 'resources', 'vite.config.ts', 'package-lock.json']
const PAGES = { counter: 'out/renderer/index.html', member: 'out/member/index.html' } as const

const MODE = { counter: [], member: ['--mode', 'member'] } as const

export async function buildStalePages(): Promise<void> {
  const newest = Math.max(...SOURCES.map((source) => newestIn(join(ROOT, source))))
  for (const page of ['counter', 'member'] as const) {
    if (changedAt(join(ROOT, PAGES[page])) > newest) continue
    console.log(`Building the ${page}'s page …`)
    const args = [join(ROOT, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn', ...MODE[page]]
    await promisify(execFile)(process.execPath, args, { cwd: ROOT })
  }
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function newestIn(path: string): number {
  if (!statSync(path).isDirectory()) return changedAt(path)
  return Math.max(0, ...readdirSync(path).map((name) => newestIn(join(path, name))))
}
