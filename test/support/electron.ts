/**
 * Stands in for the `electron` module, which in Node is a download. It keeps what the main process asked for, so that
 * tests can hold it to every setting, and plays Chromium's part: asking permissions, loading pages, handing over ports
 * (real ones, between two ends of one process).
 */
import { EventEmitter } from 'node:events'
import { tmpdir } from 'node:os'
import { MessageChannel, type MessagePort } from 'node:worker_threads'

/** What a test sets before the main process starts, and reads after. */
export const stub = {
  packaged: false,
  firstInstance: true,
  userData: tmpdir(),
  keyring: true,
  keyringBackend: 'gnome_libsecret',
  schemes: new Array<unknown>(),
  errorBoxes: new Array<{ title: string; content: string }>(),
  menu: undefined as unknown,
}

class StubApp extends EventEmitter {
  sandboxed = false
  quits = 0
  exits = new Array<number>()

  get isPackaged(): boolean {
    return stub.packaged
  }

  requestSingleInstanceLock(): boolean {
    return stub.firstInstance
  }

  enableSandbox(): void {
    this.sandboxed = true
  }

  whenReady(): Promise<void> {
    return Promise.resolve()
  }

  getPath(): string {
    return stub.userData
  }

  quit(): void {
    this.quits += 1
    this.emit('will-quit', new StubEvent())
  }

  exit(code = 0): void {
    this.exits.push(code)
    this.emit('exited', code)
  }
}

/** An event whose default can be prevented; `prevented` says whether it was. */
export class StubEvent {
  prevented = false

  preventDefault(): void {
    this.prevented = true
  }
}

type Handler = (...parameters: never[]) => unknown

class StubSession extends EventEmitter {
  permissionCheck: Handler | undefined
  permissionRequest: Handler | undefined
  devicePermission: Handler | undefined
  beforeRequest: Handler | undefined
  pages = new Map<string, (request: Request) => Promise<Response>>()

  webRequest = {
    onBeforeRequest: (handler: Handler) => (this.beforeRequest = handler),
  }

  protocol = {
    handle: (scheme: string, handler: (request: Request) => Promise<Response>) => this.pages.set(scheme, handler),
  }

  setPermissionCheckHandler(handler: Handler): void {
    this.permissionCheck = handler
  }

  setPermissionRequestHandler(handler: Handler): void {
    this.permissionRequest = handler
  }

  setDevicePermissionHandler(handler: Handler): void {
    this.devicePermission = handler
  }
}

/** A frame of a page: `handed` are the ports it was given, with the name each came under. */
export class StubFrame {
  handed = new Array<{ channel: string; port: MessagePort }>()
  url: string

  constructor(url: string) {
    this.url = url
  }

  postMessage(channel: string, _message: unknown, [port]: MessagePort[]): void {
    if (port !== undefined) this.handed.push({ channel, port })
  }
}

export class StubContents extends EventEmitter {
  mainFrame = new StubFrame('')
  openHandler: ((details: { url: string }) => { action: string }) | undefined

  getURL(): string {
    return this.mainFrame.url
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler
  }
}

class StubWindow extends EventEmitter {
  static all = new Array<StubWindow>()

  static getAllWindows(): StubWindow[] {
    return StubWindow.all
  }

  webContents = new StubContents()
  calls = new Array<string>()
  options: { webPreferences: Record<string, unknown> } & Record<string, unknown>

  constructor(options: { webPreferences: Record<string, unknown> } & Record<string, unknown>) {
    super()
    this.options = options
    StubWindow.all.push(this)
    app.emit('web-contents-created', new StubEvent(), this.webContents)
  }

  async loadURL(url: string): Promise<void> {
    this.webContents.mainFrame.url = url
    this.calls.push(`load ${url}`)
    await Promise.resolve()
  }

  isMinimized(): boolean {
    return true
  }

  show(): void {
    this.calls.push('show')
  }

  restore(): void {
    this.calls.push('restore')
  }

  focus(): void {
    this.calls.push('focus')
  }

  reload(): void {
    this.calls.push('reload')
  }
}

/** The main process's end of a channel: an emitter of `{ data }`, silent until started, as Electron has it. */
class StubPort extends EventEmitter {
  readonly #port: MessagePort
  #started = false

  constructor(port: MessagePort) {
    super()
    this.#port = port
    port.on('close', () => this.emit('close'))
  }

  start(): void {
    if (!this.#started) this.#port.on('message', (data: unknown) => this.emit('message', { data, ports: [] }))
    this.#started = true
  }

  postMessage(data: unknown): void {
    this.#port.postMessage(data)
  }

  close(): void {
    this.#port.close()
  }
}

class StubChannel {
  port1: StubPort
  port2: MessagePort

  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.port1 = new StubPort(port1)
    this.port2 = port2
  }
}

export const app = new StubApp()
export const session = { defaultSession: new StubSession() }
export const ipcMain = new EventEmitter()
export { StubWindow as BrowserWindow, StubChannel as MessageChannelMain }

export const protocol = { registerSchemesAsPrivileged: (schemes: unknown[]) => stub.schemes.push(...schemes) }
export const dialog = { showErrorBox: (title: string, content: string) => stub.errorBoxes.push({ title, content }) }
export const Menu = { setApplicationMenu: (menu: unknown) => (stub.menu = menu) }

/** Seals by turning every byte over: enough to see that what lies on the disk is not the key. */
export const safeStorage = {
  isEncryptionAvailable: () => stub.keyring,
  getSelectedStorageBackend: () => stub.keyringBackend,
  encryptString: (text: string) => flip(Buffer.from(text)),
  decryptString: (bytes: Buffer) => flip(bytes).toString(),
}

function flip(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ 0xff))
}
