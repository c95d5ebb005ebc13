/** One counter of a shop, of real parts: its folder outlives its process, as on a real machine, and comes to harm. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import { v7 as uuidv7 } from 'uuid'
import { onTestFinished } from 'vitest'
import type { terminalContract } from '#core/contract/terminal.ts'
import { EventId, StaffId } from '#core/ids.ts'
import { composeTerminal, type Terminal } from '#main/compose.ts'
import type { Engine } from '#main/engine.ts'
import { startHost, type Host } from '#main/host.ts'
import { isFault } from '#main/is-fault.ts'
import { fileKeyStore } from '#main/keys/key-store.ts'
import { COUNTER_FILE } from '#main/restore/put-in-place.ts'
import { restoreBackup, type Restored } from '#main/restore/restore-backup.ts'

/** What a counter's screen is handed: the terminal's API. */
export type Screen = ContractRouterClient<typeof terminalContract>

export const freshId = (): EventId => EventId.parse(uuidv7())

/** The demo shop's staff, and the PINs its README tells. */
export const PINS: Record<'chen' | 'mei' | 'jun', string> = { chen: '1234', mei: '1111', jun: '2222' }
type Staff = keyof typeof PINS
export const staff = (name: Staff): StaffId => StaffId.parse(name)

export function screenAt(url: string): Screen {
  return createORPCClient(new RPCLink({ url: new URL('rpc', url).href }))
}

export class CounterAtWork {
  readonly name: string
  readonly dataDir: string
  /** What went wrong and was not an answer to anyone. */
  readonly errors: unknown[] = []
  /** What the machine's clock says. */
  now: () => number = Date.now
  #running: { terminal: Terminal; host: Host; screen: Screen } | null = null

  constructor(name: string, dataDir: string) {
    this.name = name
    this.dataDir = dataDir
  }

  /** `serverUrl` is where it is told that the shop's server is now. */
  async start(serverUrl?: string): Promise<void> {
    const onError = (error: unknown) => {
      if (isFault(error)) this.errors.push(error)
    }
    const keyStore = fileKeyStore(join(this.dataDir, 'terminal.key'))
    const terminal = await composeTerminal({
      dataDir: this.dataDir,
      keyStore,
      demo: true,
      serverUrl,
      now: () => this.now(),
      onError,
    })
    const host = await startHost({ router: terminal.router, pageDir: this.dataDir, port: 0, onError })
    this.#running = { terminal, host, screen: screenAt(host.url) }
  }

  async stop(): Promise<void> {
    const running = this.#running
    this.#running = null
    await running?.host.close()
    await running?.terminal.close()
  }

  async restart(serverUrl?: string): Promise<void> {
    await this.stop()
    await this.start(serverUrl)
  }

  get file(): string {
    return join(this.dataDir, COUNTER_FILE)
  }

  get terminal(): Terminal {
    if (!this.#running) throw new Error(`${this.name} is not running`)
    return this.#running.terminal
  }

  get url(): string {
    return this.#running?.host.url ?? ''
  }

  get screen(): Screen {
    if (!this.#running) throw new Error(`${this.name} is not running`)
    return this.#running.screen
  }

  get engine(): Engine {
    const engine = this.terminal.engine()
    if (!engine) throw new Error(`${this.name} has not joined the shop`)
    return engine
  }

  get db(): Engine['counter']['db'] {
    return this.engine.counter.db
  }

  async signIn(name: Staff = 'mei'): Promise<void> {
    const result = await this.screen.session.signIn({ staff: staff(name), pin: PINS[name] })
    if (!result.ok) throw new Error(`${name} could not sign in: ${result.reason}`)
  }

  /** Rounds until one gets through and all is sent; throws what went wrong when none does. */
  async sync(): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      const through = await this.engine.sync.once()
      if (through && this.engine.unsynced() === 0) return
    }
    throw new Error(`${this.name} does not get through`, { cause: this.errors.at(-1) })
  }

  /** A manager closes the day, and with it the file is copied. */
  async backUp(): Promise<void> {
    await this.signIn('chen')
    await this.screen.day.close()
  }

  /** A copy of its file as it is now. */
  async copy(): Promise<string> {
    const copy = join(this.dataDir, `copy-${freshId()}.db`)
    await this.#whileStopped(() => cpSync(this.file, copy))
    return copy
  }

  /** A second machine on a copy of its disk, not running yet. */
  async clone(): Promise<CounterAtWork> {
    const clone = new CounterAtWork('clone', `${this.dataDir}-clone`)
    onTestFinished(() => clone.stop())
    await this.#whileStopped(() => cpSync(this.dataDir, clone.dataDir, { recursive: true }))
    return clone
  }

  /** Restores this copy, or its latest backup, and starts. */
  async putBack(from: string | null = null, by: Staff = 'mei'): Promise<Restored> {
    await this.stop()
    const restored = await restoreBackup(this.dataDir, from, this.now())
    await this.start()
    await this.signIn(by)
    return restored
  }

  async #whileStopped(work: () => void): Promise<void> {
    await this.stop()
    work()
    await this.start()
    await this.signIn()
  }
}
