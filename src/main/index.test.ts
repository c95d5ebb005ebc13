/** The desktop application's settings, held to a stand-in for Electron with the real terminal behind it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { describe, expect, it, vi } from 'vitest'
import type { terminalContract } from '#core/contract/terminal.ts'
import { useDesktop } from '#test/support/desktop.ts'

const desktop = useDesktop()

describe('the window', () => {
  it('is sandboxed and isolated, has no Node and loads only the application’s own page', async () => {
    const window = await desktop.start()
    expect(desktop.electron.app.sandboxed).toBe(true)
    expect(window.options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      preload: expect.stringMatching(/preload[\\/]index\.cjs$/),
    })
    expect(window.calls).toEqual(['load app://counter/'])
    expect(desktop.electron.stub.menu).toBeNull()
  })

  it('refuses to navigate, to redirect, to open windows and to hold web views', async () => {
    const { webContents } = await desktop.start()
    expect(webContents.openHandler?.({ url: 'https://example.com' })).toEqual({ action: 'deny' })
    for (const name of ['will-navigate', 'will-redirect', 'will-attach-webview']) {
      const event = new desktop.electron.StubEvent()
      webContents.emit(name, event, 'https://example.com')
      expect([name, event.prevented]).toEqual([name, true])
    }
  })

  it('loads its page anew when its process is gone', async () => {
    const window = await desktop.start()
    window.webContents.emit('render-process-gone', {}, { reason: 'crashed' })
    expect(window.calls).toContain('reload')
  })
})

describe('the message port', () => {
  it('carries the terminal’s contract to the page that asked', async () => {
    const { webContents } = await desktop.start()
    const frame = webContents.mainFrame
    desktop.electron.ipcMain.emit('counterfoil:ask', { sender: webContents, senderFrame: frame })
    desktop.electron.ipcMain.emit('counterfoil:ask', { sender: webContents, senderFrame: frame })
    expect(frame.handed.map(({ channel }) => channel)).toEqual(['counterfoil:port', 'counterfoil:port'])
    for (const { port } of frame.handed) {
      const client: ContractRouterClient<typeof terminalContract> = createORPCClient(new RPCLink({ port }))
      port.start()
      expect(await client.setup.state()).toMatchObject({ enrolled: false })
      port.close()
    }
  })

  it('is for the main frame of the counter’s page only', async () => {
    const { webContents } = await desktop.start()
    const frames = [new desktop.electron.StubFrame('app://counter/'), null]
    for (const senderFrame of frames)
      desktop.electron.ipcMain.emit('counterfoil:ask', { sender: webContents, senderFrame })
    expect(frames[0]?.handed).toEqual([])
    webContents.mainFrame.url = 'https://example.com/'
    desktop.electron.ipcMain.emit('counterfoil:ask', { sender: webContents, senderFrame: webContents.mainFrame })
    expect(webContents.mainFrame.handed).toEqual([])
  })
})

describe('start and end', () => {
  it('a second start ends at once, and the first shows its window', async () => {
    const window = await desktop.start()
    desktop.electron.app.emit('second-instance')
    expect(window.calls.slice(1)).toEqual(['restore', 'show', 'focus'])
    await desktop.quit()

    await desktop.reset()
    desktop.electron.stub.firstInstance = false
    await import('./index.ts')
    expect(desktop.electron.app.quits).toBe(1)
    expect(desktop.windows()).toEqual([])
  })

  it('waits for the terminal to close before it ends', async () => {
    await desktop.start()
    const event = new desktop.electron.StubEvent()
    desktop.electron.app.emit('will-quit', event)
    expect(event.prevented).toBe(true)
    expect(desktop.ended()).toBe(false)
    await vi.waitFor(() => expect(desktop.electron.app.exits).toEqual([0]), 10_000)
  })

  it('says what is wrong when the data cannot be opened', async () => {
    writeFileSync(join(desktop.userData, 'terminal'), 'a file where the folder should be')
    vi.spyOn(console, 'error').mockReturnValue()
    await desktop.run()
    expect(desktop.electron.app.exits).toEqual([1])
    expect(desktop.electron.stub.errorBoxes).toEqual([{ title: 'Counterfoil', content: expect.stringMatching(/\S/) }])
  })
})

describe('updates', () => {
  const updater = async () => (await import('#test/support/electron-updater.ts')).default.autoUpdater

  it('are looked for by the packaged application only', async () => {
    await desktop.start()
    expect((await updater()).looks).toBe(0)
  })

  it('fail into the log and nowhere else', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    desktop.electron.stub.packaged = true
    const autoUpdater = await updater()
    autoUpdater.failure = new Error('no network')
    const window = await desktop.start()
    await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce())
    autoUpdater.emit('error', new Error('half a file'))
    expect(warn).toHaveBeenCalledTimes(2)
    expect(autoUpdater.looks).toBe(1)
    expect(window.options.webPreferences['devTools']).toBe(false)
  })
})
