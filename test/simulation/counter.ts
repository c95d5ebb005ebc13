/** One counter of a world: the real terminal on a folder of its own, with a clock, a power cord and perhaps a printer. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createRouterClient, type RouterClient } from '@orpc/server'
import { StaffId, type EpochId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import { composeTerminal, type Terminal } from '#main/compose.ts'
import type { Engine } from '#main/engine.ts'
import { isFault } from '#main/is-fault.ts'
import type { KeyStore } from '#main/keys/key-store.ts'
import { COUNTER_FILE } from '#main/restore/put-in-place.ts'
import type { TerminalRouter } from '#main/rpc/router.ts'
import type { SimPrinter } from './printer.ts'
import { seededKey } from './chance.ts'
import type { VirtualClock } from './stand-ins.ts'

type Screen = RouterClient<TerminalRouter>

/** Few, so that what it sends after an hour offline takes several pushes, which the server keeps. */
const EVENTS_A_PUSH = 4

export class SimCounter {
  readonly name: string
  readonly clock: VirtualClock
  readonly keySeed: number
  readonly keyStore: KeyStore
  dataDir: string
  readonly errors: unknown[] = []
  /** How wrong the machine's clock is, ms. */
  skew = 0
  /** A picture of the disk some time ago, where one has been taken. */
  earlier: string | null = null
  /** A manager has frozen it. */
  frozen = false
  /** It was given up for lost, and its epoch closed; it may still be found. */
  givenUp = false
  /** Another machine runs from a copy of this one's disk. */
  twin: SimCounter | null = null
  printer: SimPrinter | null = null
  /** The epoch that its screen was told of last. */
  told: EpochId | undefined
  #terminal: Terminal | null = null
  #screen: Screen | null = null

  constructor(name: string, dataDir: string, clock: VirtualClock, keySeed: number) {
    this.name = name
    this.dataDir = dataDir
    this.clock = clock
    this.keySeed = keySeed
    const key = seededKey(keySeed)
    this.keyStore = { load: async () => key, save: async () => undefined }
  }

  async start(): Promise<void> {
    this.#terminal = await composeTerminal({
      dataDir: this.dataDir,
      keyStore: this.keyStore,
      now: () => this.clock.now() + this.skew,
      ticks: () => this.clock.now(),
      rounds: 'byHand',
      eventsAPush: EVENTS_A_PUSH,
      onError: (error) => void (isFault(error) && this.errors.push(error)),
    })
    this.#screen = createRouterClient(this.#terminal.router, { context: {} })
    if (this.#terminal.engine()) await this.signIn()
  }

  async signIn(): Promise<void> {
    await this.screen.session.signIn({ staff: StaffId.parse('chen'), pin: '1234' })
    this.told = (await this.screen.status.get()).epoch
    if (!this.printer) return
    const printer = { host: '127.0.0.1', port: this.printer.port, paper: '58mm' as const }
    await this.screen.settings.update({ printer, claimBaseUrl: null, language: 'zh-TW' })
    await this.engine.spool.atRest()
  }

  async stop(): Promise<void> {
    const terminal = this.#terminal
    this.#terminal = null
    await terminal?.close()
  }

  get file(): string {
    return join(this.dataDir, COUNTER_FILE)
  }

  get terminal(): Terminal {
    if (!this.#terminal) throw new Error(`${this.name} is not running`)
    return this.#terminal
  }

  get screen(): Screen {
    if (!this.#screen) throw new Error(`${this.name} is not running`)
    return this.#screen
  }

  get engine(): Engine {
    const engine = this.terminal.engine()
    if (!engine) throw new Error(`${this.name} has not joined`)
    return engine
  }

  get holder(): Holder {
    return this.engine.counter.ledger.holder
  }

  /** Another machine that runs from this one's disk, as copied into `dir`. */
  copyIn(dir: string): SimCounter {
    this.imageInto(dir)
    return new SimCounter(`${this.name}′`, dir, this.clock, this.keySeed)
  }

  /** The file as the power would leave it now: what was committed, and nothing else. */
  imageInto(dir: string): void {
    mkdirSync(dir, { recursive: true })
    for (const suffix of ['', '-wal']) {
      if (existsSync(this.file + suffix)) copyFileSync(this.file + suffix, join(dir, COUNTER_FILE + suffix))
    }
  }
}
