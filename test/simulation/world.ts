/** A whole shop in one process, of the real parts on real files: its server, its counters, the line between them, LINE. */
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { composeServer, type Server } from '#server/compose.ts'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { startFakeLine, type FakeLine } from '#test/support/fake-line.ts'
import { makeTempDir, removeDir } from '#test/support/temp.ts'
import type { EventId, LotId } from '#core/ids.ts'
import type { Chance } from './chance.ts'
import { SimCounter } from './counter.ts'
import { MEMBERS } from './image.ts'
import { Model } from './model.ts'
import { openNetwork, SERVER_URL, type Network } from './network.ts'
import { watchCommits } from './power.ts'
import { startPrinter, type SimPrinter } from './printer.ts'
import type { VirtualClock } from './stand-ins.ts'

/** A sale that can still be refunded at its counter, with all that its member was told of it. */
export type Sale = {
  event: string
  counter: string
  member: string | null
  points: number
  value: number
  earned: number
  stamps: number
  coupon: string | null
}

/** A top-up, a debit or a coupon redeemed by itself, and how the model is told that `undo` has undone it. */
export type Doing = { event: EventId; tellUndone(undo: EventId): void }

/** A printed claim. `voidedBy`: the refund of its sale. */
export type PrintedClaim = { token: string; points: number; stamps: number; sale: string; voidedBy: string | null }

/** A power cut to come: after so many transactions of the counter's file. */
export type PowerCut = { counter: SimCounter; commits: number; image: string | null; wasAway: boolean }

export type World = {
  chance: Chance
  clock: VirtualClock
  network: Network
  line: FakeLine
  model: Model
  dir: string
  readonly server: Server
  counters: SimCounter[]
  printers: SimPrinter[]
  /** The members that come to this shop, as ids. */
  members: string[]
  /** LINE users who claim what receipts promise. */
  lineUsers: string[]
  claims: PrintedClaim[]
  sales: Sale[]
  /** What else can be undone. */
  doings: Doing[]
  /** What these refunds have brought back after its last day. */
  ended: { counter: string; refund: EventId; lot: LotId }[]
  /** How many have been given out. */
  phones: number
  machines: number
  power: PowerCut | null
  /** What each retry key stands for: the event and the kind of its message. */
  notices: Map<string, string>
  /** Planted faults: a crash finds the disk as it was a while ago; a tap on Pay is sent again as another command; … */
  staleDisks: boolean
  doubleTaps: boolean
  /** Run when the world ends, the last first. */
  cleanUp: (() => void)[]
  stopServer(): Promise<void>
  /** `recallWaitMs`: how long an acquire waits for what others are asked for. */
  startServer(recallWaitMs?: number): Promise<void>
  /** Folders of past lives. */
  freshDir(): string
  close(): Promise<void>
}

export async function openWorld(chance: Chance, clock: VirtualClock, image: Buffer): Promise<World> {
  const dir = makeTempDir(existsSync('/dev/shm') ? '/dev/shm' : undefined)
  const database = join(dir, 'server.sqlite')
  writeFileSync(database, image)
  const line = await startFakeLine(clock.now)
  const { accessToken, channelSecret } = line
  const settings = { baseUrl: line.url, messaging: { accessToken, channelSecret }, login: null }
  const compose = (recallWaitMs = 0) =>
    composeServer({ database, rounds: 'byHand', clock: Date.now, recallWaitMs, line: settings })
  let server: Server | null = await compose()
  const running = () => {
    if (!server) throw new Error('the server is down')
    return server
  }
  const network = openNetwork(() => running().url)
  let dirs = 0
  const world: World = {
    chance,
    clock,
    network,
    line,
    model: new Model(),
    dir,
    get server() {
      return running()
    },
    counters: [],
    printers: [],
    members: [],
    lineUsers: Array.from({ length: 5 }, (_, n) => line.addUser(`LINE ${n}`)),
    claims: [],
    sales: [],
    doings: [],
    ended: [],
    phones: 0,
    machines: 0,
    power: null,
    notices: new Map(),
    staleDisks: false,
    doubleTaps: false,
    cleanUp: [watchCommits((file) => cutPower(world, file))],
    async stopServer() {
      await server?.close()
      server = null
    },
    async startServer(recallWaitMs) {
      server ??= await compose(recallWaitMs)
    },
    freshDir: () => join(dir, `disk-${(dirs += 1)}`),
    async close() {
      network.close()
      for (const counter of world.counters) await counter.stop()
      for (const printer of world.printers) await printer.close()
      await server?.close()
      await line.close()
      for (const undo of world.cleanUp.toReversed()) undo()
      removeDir(dir)
    },
  }
  await chooseMembers(world)
  const stores = 1 + chance.int(2)
  for (let n = 0, count = 2 + chance.int(5); n < count; n += 1) await addCounter(world, n % stores === 1 ? 's2' : 's1')
  const [first] = world.counters
  if (first && chance.int(2) === 0) {
    first.printer = await startPrinter()
    world.printers.push(first.printer)
    await first.signIn()
  }
  return world
}

/** Five to fifty of the shop's members come here; those on LINE are its friends. */
async function chooseMembers(world: World): Promise<void> {
  const { db } = world.server.database
  const rows = await db.selectFrom('member').select(['id', 'name', 'on_line']).orderBy('id').execute()
  const chosen = rows.slice(0, 5 + world.chance.int(MEMBERS - 4))
  world.members = chosen.map(({ id }) => id)
  for (const { id, name } of chosen.filter(({ on_line }) => on_line === 1))
    await db
      .updateTable('personal')
      .set({ line_user: world.line.addUser(name) })
      .where('member', '=', id)
      .execute()
}

/** A counter fresh from its box joins the shop. */
export async function addCounter(world: World, store: string): Promise<SimCounter> {
  world.machines += 1
  const counter = new SimCounter(`Counter ${world.machines}`, world.freshDir(), world.clock, 1_000 + world.machines)
  world.network.speaker = counter.name
  await counter.start()
  const code = await makeEnrolCode(world.server.database.db, store, Date.now())
  await counter.screen.setup.enrol({ serverUrl: SERVER_URL, code, counter: counter.name })
  await counter.signIn()
  await counter.engine.sync.once()
  world.counters.push(counter)
  return counter
}

function cutPower(world: World, file: string): void {
  const { power, network } = world
  if (!power || power.image !== null || file !== power.counter.file) return
  power.commits -= 1
  if (power.commits >= 0) return
  power.image = world.freshDir()
  power.counter.imageInto(power.image)
  if (power.counter.printer) power.counter.printer.manners = 'torn'
  // What the old machine still does reaches nobody.
  network.away.add(power.counter.name)
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
