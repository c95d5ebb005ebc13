/** Opens the counter in the default browser, where there is a display to open it on. */
import { spawn } from 'node:child_process'

const OPENERS: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['xdg-open'],
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

export function openCounter(url: string): void {
  const headless = process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']
  const [command, ...args] = OPENERS[process.platform] ?? []
  if (headless || !command) return
  // No browser to open is no fault: the address has been printed.
  spawn(command, [...args, url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref()
}
