/** A whole shop in one process, of the real parts on real files: its server, its counters, the line between them. */
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createRouterClient, type RouterClient } from '@orpc/server'
import { StaffId } from '#core/ids.ts'
import { composeTerminal, type Terminal } from '#main/compose.ts'
import type { Engine } from '#main/engine.ts'
import { isFault } from '#main/is-fault.ts'
import type { KeyStore } from '#main/key-store.ts'
import type { TerminalRouter } from '#main/rpc.ts'
import { composeServer, type Server } from '#server/compose.ts'
import { seedDemoShop } from '#server/demo/seed.ts'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { makeTempDir, removeDir } from '#test/support/temp.ts'
import { seededKey, type Chance, type VirtualClock } from './chance.ts'
import { Model } from './model.ts'
import { openNetwork, type Network } from './network.ts'

type Screen = RouterClient<TerminalRouter>

export class SimCounter {
  readonly name: string
  readonly clock: VirtualClock
  readonly keyStore: KeyStore
  dataDir: string
  readonly errors: unknown[] = []
  /** A picture of the disk some time ago, where one has been taken. */
  earlier: string | null = null
  #terminal: Terminal | null = null
  #screen: Screen | null = null

  constructor(name: string, dataDir: string, clock: VirtualClock, seed: number) {
    this.name = name
    this.dataDir = dataDir
    this.clock = clock
    const key = seededKey(seed)
    this.keyStore = { load: async () => key, save: async () => undefined }
  }

  async start(): Promise<void> {
    this.#terminal = await composeTerminal({
      dataDir: this.dataDir,
      keyStore: this.keyStore,
      now: Date.now,
      ticks: () => this.clock.now(),
      rounds: 'byHand',
      onError: (error) => void (isFault(error) && this.errors.push(error)),
    })
    this.#screen = createRouterClient(this.#terminal.router, { context: {} })
    if (this.#terminal.engine()) await this.signIn()
  }

  async signIn(): Promise<void> {
    await this.screen.session.signIn({ staff: StaffId.parse('chen'), pin: '1234' })
  }

  async stop(): Promise<void> {
    const terminal = this.#terminal
    this.#terminal = null
    await terminal?.close()
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

  /** The file as the power would leave it now: what was committed, and nothing else. */
  imageInto(dir: string): void {
    mkdirSync(dir, { recursive: true })
    for (const suffix of ['', '-wal']) {
      const file = join(this.dataDir, `counter.db${suffix}`)
      if (existsSync(file)) copyFileSync(file, join(dir, `counter.db${suffix}`))
    }
  }
}

export type World = {
  chance: Chance
  clock: VirtualClock
  network: Network
  model: Model
  dir: string
  readonly server: Server
  counters: SimCounter[]
  /** The members that come to this shop, as ids. */
  members: string[]
  /** Printed claims nobody has taken yet. */
  claims: { token: string; points: number; sale: string; voided: boolean }[]
  /** Sales that can still be refunded at their counter. */
  sales: { event: string; counter: string; member: string | null; points: number; value: number; earned: number }[]
  /** How many have been given out. */
  phones: number
  /** Planted faults: a crash finds the disk as it was a while ago; a tap on Pay is sent again as another command. */
  staleDisks: boolean
  doubleTaps: boolean
  /** Run when the world ends. */
  cleanUp: (() => void)[]
  stopServer(): Promise<void>
  startServer(): Promise<void>
  /** Folders of past lives. */
  freshDir(): string
  close(): Promise<void>
}

/** A server's first file: made under the seed, for every counter of the run to join. */
export async function openWorld(chance: Chance, clock: VirtualClock): Promise<World> {
  const dir = makeTempDir(existsSync('/dev/shm') ? '/dev/shm' : undefined)
  const database = join(dir, 'server.sqlite')
  const compose = (port: number) =>
    composeServer({
      database,
      port,
      clock: Date.now,
      recallWaitMs: 0,
      beforeListening: async (at) => void (await seedDemoShop(at.database, at.ledger, Date.now)),
    })
  let server: Server | null = await quiet(compose(0))
  const port = Number(new URL(server.url).port)
  const network = openNetwork()
  let dirs = 0
  const world: World = {
    chance,
    clock,
    network,
    model: new Model(),
    dir,
    get server() {
      if (!server) throw new Error('the server is down')
      return server
    },
    counters: [],
    members: [],
    claims: [],
    sales: [],
    phones: 0,
    staleDisks: false,
    doubleTaps: false,
    cleanUp: [],
    async stopServer() {
      await server?.close()
      server = null
    },
    async startServer() {
      server ??= await quiet(compose(port))
    },
    freshDir: () => join(dir, `disk-${(dirs += 1)}`),
    async close() {
      network.close()
      for (const undo of world.cleanUp) undo()
      for (const counter of world.counters) await counter.stop()
      await server?.close()
      removeDir(dir)
    },
  }
  for (let n = 0, count = 2 + chance.int(3); n < count; n += 1) await addCounter(world, n)
  const rows = await world.server.database.db.selectFrom('member').select('id').orderBy('id').execute()
  const from = chance.int(100)
  world.members = rows.slice(from, from + 5 + chance.int(20)).map(({ id }) => id)
  return world
}

/** A start has jobs of its own: they are over before the first step. */
async function quiet(starting: Promise<Server>): Promise<Server> {
  const server = await starting
  await new Promise((resolve) => setTimeout(resolve, 60))
  return server
}

async function addCounter(world: World, n: number): Promise<void> {
  const counter = new SimCounter(`Counter ${n + 1}`, world.freshDir(), world.clock, 1_000 + n)
  world.network.speaker = counter.name
  await counter.start()
  const code = await makeEnrolCode(world.server.database.db, n % 3 === 2 ? 's2' : 's1', Date.now())
  await counter.screen.setup.enrol({ serverUrl: world.server.url, code, counter: counter.name })
  await counter.signIn()
  await counter.engine.sync.once()
  world.counters.push(counter)
}

/** The counter's power fails: what it was doing is over, and its file is `image`, or as it is now. */
export async function crash(world: World, counter: SimCounter, image: string | null = null): Promise<void> {
  const disk = image ?? (world.staleDisks ? counter.earlier : null) ?? world.freshDir()
  if (image === null && disk !== counter.earlier) counter.imageInto(disk)
  counter.earlier = null
  await counter.stop()
  counter.dataDir = disk
  await counter.start()
}

/** Puts a copy of the server's file in its place. */
export async function putBack(world: World, copy: string): Promise<void> {
  await world.stopServer()
  const file = join(world.dir, 'server.sqlite')
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true })
  copyFileSync(copy, file)
  await world.startServer()
}
