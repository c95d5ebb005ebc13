/** A whole shop in this process, of real parts: the demo shop's server and its counters, each asked over real HTTP. */
import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
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
import { fileKeyStore } from '#main/key-store.ts'
import { composeServer, type Server, type ServerOptions } from '#server/compose.ts'
import { seedDemoShop } from '#server/demo/seed.ts'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { makeTempDir, removeDir } from './temp.ts'

/** What a counter's screen is handed: the terminal's API. */
export type Screen = ContractRouterClient<typeof terminalContract>

export const freshId = (): EventId => EventId.parse(uuidv7())

/** The demo shop's staff, and the PINs its README tells. */
export const PINS = { chen: '1234', mei: '1111', jun: '2222' } as const
type Staff = keyof typeof PINS
export const staff = (name: Staff): StaffId => StaffId.parse(name)

export function screenAt(url: string): Screen {
  return createORPCClient(new RPCLink({ url: new URL('rpc', url).href }))
}

/** One counter: its folder outlives its process, as on a real machine. */
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
}

/** What differs from how it was started first. */
type ServerOver = Pick<ServerOptions, 'protocols' | 'recallWaitMs' | 'eventVersion'>

export type Shop = {
  /** Where the server keeps its data. */
  dir: string
  server: Server
  counters: CounterAtWork[]
  /** The server's process ends; its data stays. */
  stopServer(): Promise<void>
  /** Starts it again, at the same address. */
  startServer(over?: ServerOver): Promise<void>
  /** One more, signed in; `serverUrl` is another way to the server. */
  addCounter(name?: string, serverUrl?: string, now?: () => number): Promise<CounterAtWork>
}

let demoDatabase: Promise<Buffer> | undefined

/** The demo shop's database as a new server has it: made once a test file, for every test a copy. */
function freshDemoDatabase(): Promise<Buffer> {
  demoDatabase ??= (async () => {
    const dir = makeTempDir()
    const database = join(dir, 'server.sqlite')
    const server = await composeServer({
      database,
      beforeListening: async (at) => void (await seedDemoShop(at.database, at.ledger, Date.now)),
    })
    await server.close()
    const bytes = readFileSync(database)
    removeDir(dir)
    return bytes
  })()
  return demoDatabase
}

/**
 * The demo shop's server and `counters` counters named Counter 1, Counter 2 …, all in its first store and signed in.
 * `clock` is what time it is, for all of them.
 */
export async function startShop({
  counters: count = 1,
  clock = Date.now,
  ...first
}: { counters?: number; clock?: () => number } & ServerOver = {}): Promise<Shop> {
  const dir = makeTempDir()
  const database = join(dir, 'server.sqlite')
  writeFileSync(database, await freshDemoDatabase())
  const open = (port: number, over: ServerOver = {}) => composeServer({ ...over, database, port, clock })
  let server: Server | null = await open(0, first)
  const port = Number(new URL(server.url).port)
  const counters: CounterAtWork[] = []

  const shop: Shop = {
    dir,
    get server() {
      if (!server) throw new Error('the server is stopped')
      return server
    },
    counters,
    async stopServer() {
      await server?.close()
      server = null
    },
    async startServer(over) {
      server ??= await open(port, over)
    },
    async addCounter(name = `Counter ${counters.length + 1}`, serverUrl = shop.server.url, now = clock) {
      const counter = new CounterAtWork(name, join(dir, randomUUID()))
      counter.now = now
      counters.push(counter)
      await counter.start()
      const code = await makeEnrolCode(shop.server.database.db, 's1', Date.now())
      await counter.screen.setup.enrol({ serverUrl, code, counter: name })
      await counter.signIn()
      return counter
    },
  }
  onTestFinished(async () => {
    await shop.stopServer()
    for (const counter of counters) await counter.stop()
    removeDir(dir)
  })
  for (let number = 1; number <= count; number += 1) await shop.addCounter()
  return shop
}
