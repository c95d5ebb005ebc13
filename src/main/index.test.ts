/** The desktop application's every setting, held to a stand-in for Electron with the real terminal behind it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { terminalContract } from '#core/contract/terminal.ts'
import { makeTempDir, removeDir } from '#test/support/temp.ts'

type Stub = Awaited<ReturnType<typeof load>>

/** A fresh stand-in: modules hold state, and each test starts the application anew. */
const load = () => import('#test/support/electron.ts')

let userData: string
let electron: Stub

beforeEach(async () => {
  vi.resetModules()
  userData = makeTempDir()
  electron = await load()
  electron.stub.userData = userData
})

afterEach(async () => {
  await quit()
  vi.restoreAllMocks()
  removeDir(userData)
})

/** Starts the application and waits for its window to have loaded, or for it to have given up. */
async function start() {
  await import('./index.ts')
  await vi.waitFor(() => expect(windows().some((window) => window.calls.length > 0) || ended()).toBe(true), 10_000)
  return windows()[0]!
}

const windows = () => electron.BrowserWindow.getAllWindows()
const ended = () => electron.app.exits.length > 0

async function quit(): Promise<void> {
  if (windows().length === 0 || ended()) return
  electron.app.quit()
  await vi.waitFor(() => expect(ended()).toBe(true), 10_000)
}

describe('the window', () => {
  it('is sandboxed and isolated, has no Node and loads only the application’s own page', async () => {
    const window = await start()
    expect(electron.app.sandboxed).toBe(true)
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
    expect(electron.stub.menu).toBeNull()
  })

  it('refuses to navigate, to redirect, to open windows and to hold web views', async () => {
    const { webContents } = await start()
    expect(webContents.openHandler?.({ url: 'https://example.com' })).toEqual({ action: 'deny' })
    for (const name of ['will-navigate', 'will-redirect', 'will-attach-webview']) {
      const event = new electron.StubEvent()
      webContents.emit(name, event, 'https://example.com')
      expect([name, event.prevented]).toEqual([name, true])
    }
  })

  it('loads its page anew when its process is gone', async () => {
    const window = await start()
    window.webContents.emit('render-process-gone', {}, { reason: 'crashed' })
    expect(window.calls).toContain('reload')
  })
})

describe('permissions', () => {
  const scanner = { deviceId: 's', collections: [{ usagePage: 0x8c }] }
  const keyboard = { deviceId: 'k', collections: [{ usagePage: 0x01 }] }

  async function started() {
    const { webContents } = await start()
    const { permissionCheck, permissionRequest, devicePermission } = electron.session.defaultSession
    return {
      check: permissionCheck as (...parameters: unknown[]) => boolean,
      device: devicePermission as (details: unknown) => boolean,
      request(permission: string, details: object): boolean {
        let granted: boolean | undefined
        const ask = permissionRequest as (...parameters: unknown[]) => void
        ask(webContents, permission, (answer: boolean) => (granted = answer), {
          requestingUrl: 'app://counter/',
          ...details,
        })
        if (granted === undefined) throw new Error('The request was not answered.')
        return granted
      },
    }
  }

  it('are the camera and barcode scanners', async () => {
    const { check, request } = await started()
    expect(check(null, 'media', 'app://counter/', { mediaType: 'video' })).toBe(true)
    expect(check(null, 'hid', 'app://counter/', {})).toBe(true)
    expect(request('media', { mediaTypes: ['video'] })).toBe(true)
    expect(request('hid', {})).toBe(true)
  })

  it('are not the microphone, nor anything else', async () => {
    const { check, request } = await started()
    expect(check(null, 'media', 'app://counter/', { mediaType: 'audio' })).toBe(false)
    expect(request('media', { mediaTypes: ['video', 'audio'] })).toBe(false)
    expect(request('media', { mediaTypes: [] })).toBe(false)
    for (const permission of [
      'notifications',
      'geolocation',
      'fullscreen',
      'clipboard-read',
      'usb',
      'serial',
      'unknown',
    ]) {
      expect([permission, check(null, permission, 'app://counter/', {}), request(permission, {})]).toEqual([
        permission,
        false,
        false,
      ])
    }
  })

  it('are for the counter’s page alone', async () => {
    const { check, request, device } = await started()
    expect(check(null, 'media', 'https://example.com/', { mediaType: 'video' })).toBe(false)
    expect(check(null, 'hid', 'app://counter.example.com/', {})).toBe(false)
    expect(request('media', { mediaTypes: ['video'], requestingUrl: 'https://example.com/' })).toBe(false)
    expect(device({ deviceType: 'hid', origin: 'https://example.com', device: scanner })).toBe(false)
  })

  it('open HID devices by the usage page of scanners only', async () => {
    const { device } = await started()
    expect(device({ deviceType: 'hid', origin: 'app://counter', device: scanner })).toBe(true)
    expect(device({ deviceType: 'hid', origin: 'app://counter', device: keyboard })).toBe(false)
    expect(device({ deviceType: 'usb', origin: 'app://counter', device: scanner })).toBe(false)
    const chosen = (...deviceList: object[]) => {
      let id: string | undefined | null = null
      const event = new electron.StubEvent()
      const details = { deviceList, frame: { url: 'app://counter/' } }
      electron.session.defaultSession.emit('select-hid-device', event, details, (deviceId?: string) => (id = deviceId))
      return [event.prevented, id]
    }
    expect(chosen(keyboard, scanner)).toEqual([true, 's'])
    expect(chosen(keyboard)).toEqual([true, undefined])
  })
})

describe('pages', () => {
  const page = join(import.meta.dirname, '..', 'renderer')

  const get = (url: string) => electron.session.defaultSession.pages.get('app')!({ url } as Request)

  it('have a scheme with an origin of its own, claimed before the application is ready', async () => {
    await start()
    expect(electron.stub.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ])
  })

  it('come with a policy that lets nothing in from outside', async () => {
    await start()
    const answer = await get('app://counter/nothing-there.js')
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe-inline/)
    for (const name of ['base-uri', 'form-action', 'frame-ancestors', 'object-src'])
      expect(policy).toContain(`${name} 'none'`)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('are files of the built folder and nothing outside it', async () => {
    await start()
    expect(existsSync(join(page, 'tsconfig.json'))).toBe(true)
    expect((await get('app://counter/tsconfig.json')).status).toBe(200)
    for (const url of [
      'app://counter/%2e%2e/main/tsconfig.json',
      'app://counter/..%2fmain%2ftsconfig.json',
      'app://counter/..%5cmain%5ctsconfig.json',
      'app://elsewhere/tsconfig.json',
      'app://counter/%00.json',
      'app://counter/%zz.json',
      'app://counter/tsconfig.tsbuildinfo',
    ]) {
      expect([url, (await get(url)).status]).toEqual([url, 404])
    }
  })

  it('ask nothing of the network', async () => {
    await start()
    const asked = (url: string): unknown => {
      let answer: unknown
      const ask = electron.session.defaultSession.beforeRequest as (
        details: object,
        callback: (given: unknown) => void,
      ) => void
      ask({ url }, (given) => (answer = given))
      return answer
    }
    expect(asked('app://counter/')).toEqual({ cancel: false })
    for (const url of ['https://example.com/', 'http://127.0.0.1:8080/', 'ws://example.com/', 'file:///etc/passwd']) {
      expect([url, asked(url)]).toEqual([url, { cancel: true }])
    }
  })
})

describe('the message port', () => {
  it('carries the terminal’s contract to the page that asked', async () => {
    const { webContents } = await start()
    const frame = webContents.mainFrame
    electron.ipcMain.emit('counterfoil:ask', { sender: webContents, senderFrame: frame })
    electron.ipcMain.emit('counterfoil:ask', { sender: webContents, senderFrame: frame })
    expect(frame.handed.map(({ channel }) => channel)).toEqual(['counterfoil:port', 'counterfoil:port'])
    for (const { port } of frame.handed) {
      const client: ContractRouterClient<typeof terminalContract> = createORPCClient(new RPCLink({ port }))
      port.start()
      expect(await client.setup.state()).toMatchObject({ enrolled: false })
      port.close()
    }
  })

  it('is for the main frame of the counter’s page only', async () => {
    const { webContents } = await start()
    const frames = [new electron.StubFrame('app://counter/'), null]
    for (const senderFrame of frames) electron.ipcMain.emit('counterfoil:ask', { sender: webContents, senderFrame })
    expect(frames[0]?.handed).toEqual([])
    webContents.mainFrame.url = 'https://example.com/'
    electron.ipcMain.emit('counterfoil:ask', { sender: webContents, senderFrame: webContents.mainFrame })
    expect(webContents.mainFrame.handed).toEqual([])
  })
})

describe('the terminal’s key', () => {
  const folder = () => join(userData, 'terminal')
  const key = (name: string) => readFileSync(join(folder(), name))

  it('lies on the disk sealed by the system, and is the same next time', async () => {
    const { sealedKeyStore } = await import('./electron/sealed-key-store.ts')
    const store = sealedKeyStore(join(folder(), 'terminal.key'))
    expect(await store.load()).toBeNull()
    await store.save(Buffer.from('the private key'))
    expect(readdirSync(folder())).toEqual(['terminal.key.sealed'])
    expect(key('terminal.key.sealed').includes('the private key')).toBe(false)
    expect(key('terminal.key.sealed').includes(Buffer.from('the private key').toString('base64'))).toBe(false)
    expect(await store.load()).toEqual(Buffer.from('the private key'))
  })

  it('is never taken for missing when the keyring is', async () => {
    const { sealedKeyStore } = await import('./electron/sealed-key-store.ts')
    const store = sealedKeyStore(join(folder(), 'terminal.key'))
    await store.save(Buffer.from('the private key'))
    electron.stub.keyring = false
    await expect(store.load()).rejects.toThrow('keyring')
  })

  it('is in an owner-only file where the system has nothing better', async () => {
    electron.stub.keyringBackend = 'basic_text'
    electron.stub.keyring = process.platform === 'linux'
    const { sealedKeyStore } = await import('./electron/sealed-key-store.ts')
    await sealedKeyStore(join(folder(), 'terminal.key')).save(Buffer.from('the private key'))
    expect(key('terminal.key')).toEqual(Buffer.from('the private key'))
  })
})

describe('start and end', () => {
  it('a second start ends at once, and the first shows its window', async () => {
    const window = await start()
    electron.app.emit('second-instance')
    expect(window.calls.slice(1)).toEqual(['restore', 'show', 'focus'])
    await quit()

    vi.resetModules()
    electron = await load()
    electron.stub.firstInstance = false
    await import('./index.ts')
    expect(electron.app.quits).toBe(1)
    expect(windows()).toEqual([])
  })

  it('waits for the terminal to close before it ends', async () => {
    await start()
    const event = new electron.StubEvent()
    electron.app.emit('will-quit', event)
    expect(event.prevented).toBe(true)
    expect(ended()).toBe(false)
    await vi.waitFor(() => expect(electron.app.exits).toEqual([0]), 10_000)
  })

  it('says what is wrong when the data cannot be opened', async () => {
    mkdirSync(userData, { recursive: true })
    writeFileSync(join(userData, 'terminal'), 'a file where the folder should be')
    vi.spyOn(console, 'error').mockReturnValue()
    await start()
    expect(electron.app.exits).toEqual([1])
    expect(electron.stub.errorBoxes).toEqual([{ title: 'Counterfoil', content: expect.stringMatching(/\S/) }])
  })
})

describe('updates', () => {
  const updater = async () => (await import('#test/support/electron-updater.ts')).default.autoUpdater

  it('are looked for by the packaged application only', async () => {
    await start()
    expect((await updater()).looks).toBe(0)
  })

  it('fail into the log and nowhere else', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    electron.stub.packaged = true
    const autoUpdater = await updater()
    autoUpdater.failure = new Error('no network')
    const window = await start()
    await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce())
    autoUpdater.emit('error', new Error('half a file'))
    expect(warn).toHaveBeenCalledTimes(2)
    expect(autoUpdater.looks).toBe(1)
    expect(window.options.webPreferences['devTools']).toBe(false)
  })
})
