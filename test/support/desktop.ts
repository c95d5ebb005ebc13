/** The desktop application started in this process, on a stand-in for Electron with the real terminal behind it. */
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { makeTempDir, removeDir } from './temp.ts'

const loadElectron = () => import('./electron.ts')

/** Prepares a desktop before each test of the file, and quits it and removes its data after. */
export function useDesktop() {
  let electron: Awaited<ReturnType<typeof loadElectron>> | undefined
  let userData = ''

  const desktop = {
    /** What stands in for Electron: fresh for each test, and the place to set what it shall say. */
    get electron() {
      if (electron === undefined) throw new Error('There is no desktop outside a test.')
      return electron
    },

    get userData() {
      return userData
    },

    windows: () => desktop.electron.BrowserWindow.getAllWindows(),

    ended: () => desktop.electron.app.exits.length > 0,

    /** Starts the application; resolves with its window when that has loaded. */
    async start() {
      await desktop.run()
      const [window] = desktop.windows()
      if (window === undefined) throw new Error(desktop.electron.stub.errorBoxes[0]?.content ?? 'There is no window.')
      return window
    },

    /** Runs the application's entry until it has loaded a window or given up. */
    async run() {
      await import('#main/index.ts')
      const loaded = () => desktop.windows().some(({ calls }) => calls.length > 0)
      await vi.waitFor(() => expect(loaded() || desktop.ended()).toBe(true), 10_000)
    },

    /** Asks the application to quit and waits until it has ended. */
    async quit() {
      if (desktop.windows().length === 0 || desktop.ended()) return
      desktop.electron.app.quit()
      await vi.waitFor(() => expect(desktop.ended()).toBe(true), 10_000)
    },

    /** The application runs when its entry is imported, and the stand-in has state: both as they were before. */
    async reset() {
      vi.resetModules()
      electron = await loadElectron()
      electron.stub.userData = userData
    },
  }

  beforeEach(async () => {
    userData = makeTempDir()
    await desktop.reset()
  })

  afterEach(async () => {
    await desktop.quit()
    vi.restoreAllMocks()
    removeDir(userData)
  })

  return desktop
}
