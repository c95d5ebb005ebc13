/** A whole shop in this process, of real parts: the demo shop's server and its counters, each asked over real HTTP. */
import { randomUUID } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { composeServer, type Server, type ServerOptions } from '#server/compose.ts'
import { seedDemoShop } from '#server/demo/seed.ts'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { CounterAtWork } from './counter-at-work.ts'
import { makeTempDir, removeDir } from './temp.ts'

/** What differs from how it was started first. */
type ServerOver = Pick<ServerOptions, 'protocols' | 'recallWaitMs' | 'eventVersion'>

export type Shop = {
  /** Where the server keeps its data. */
  dir: string
  server: Server
  counters: CounterAtWork[]
  /** The first of them, and the second. */
  readonly one: CounterAtWork
  readonly two: CounterAtWork
  /** The server's process ends; its data stays. */
  stopServer(): Promise<void>
  /** Starts it again, at the same address. */
  startServer(over?: ServerOver): Promise<void>
  /** Stops it and copies its file. */
  backUpServer(): Promise<void>
  /** Puts the copy in its place, and starts it. */
  putServerBack(over?: ServerOver): Promise<void>
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
  const backup = `${database}.yesterday`
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
    get one() {
      return counterAt(counters, 0)
    },
    get two() {
      return counterAt(counters, 1)
    },
    async stopServer() {
      await server?.close()
      server = null
    },
    async startServer(over) {
      server ??= await open(port, over)
    },
    async backUpServer() {
      await shop.stopServer()
      copyFileSync(database, backup)
    },
    async putServerBack(over) {
      await shop.stopServer()
      copyFileSync(backup, database)
      await shop.startServer(over)
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

function counterAt(counters: readonly CounterAtWork[], index: number): CounterAtWork {
  const counter = counters[index]
  if (!counter) throw new Error(`the shop has no counter ${index + 1}`)
  return counter
}

/** How many of these it has. */
export const eventsAtServer = async ({ server }: Shop, ids: readonly string[]): Promise<number> =>
  (await server.database.db.selectFrom('event').select('id').where('id', 'in', ids).execute()).length
