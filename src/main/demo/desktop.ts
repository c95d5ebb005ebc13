/** The demo's first counter as the desktop application, where Electron's binary has been fetched and there is a display. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Electron's program, or null where it cannot be used. Only looks: asking the package itself would start a download. */
export function electronProgram(root: string, here = hasDesktop()): string | null {
  if (!here) return null
  const installed = join(root, 'node_modules', 'electron')
  const pathFile = join(installed, 'path.txt')
  if (!existsSync(pathFile)) return null
  const program = join(installed, 'dist', readFileSync(pathFile, 'utf8').trim())
  return existsSync(program) ? program : null
}

/** Chromium does not sandbox, and so does not start, for Linux's root. */
function hasDesktop(): boolean {
  if (process.platform !== 'linux') return true
  return Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']) && process.getuid?.() !== 0
}

/**
 * Starts the built application with its data in `dataDir`. Resolves when its window is open, or with null when it ends
 * before that: a desktop that cannot show it has a browser all the same.
 */
export function startElectron(
  program: string,
  root: string,
  dataDir: string,
  environment: Record<string, string>,
): Promise<ChildProcess | null> {
  const child = spawn(program, [root, '--demo', `--user-data-dir=${dataDir}`], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  return new Promise((resolve) => {
    child.once('error', () => resolve(null))
    child.once('exit', () => resolve(null))
    child.stdout.once('data', () => resolve(child))
    child.stdout.resume()
  })
}
