/** A real server over HTTP with a small shop, on either engine, for one test. */
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { BusinessDate } from '#core/ids.ts'
import { programme } from '#test/support/programme.ts'
import { composeServer, type Server, type ServerOptions } from '#server/compose.ts'
import { takeCursor } from '#server/ledger/cursor.ts'
import type { ServerDatabase } from '#server/ledger/database.ts'
import { databasePlace, type Engine } from './server-database.ts'

/** A clock that stands still until it is moved. */
export type TestClock = (() => number) & { advance(ms: number): void }

export function testClock(start = Date.parse('2025-11-22T04:00:00Z')): TestClock {
  let now = start
  return Object.assign(() => now, { advance: (ms: number) => void (now += ms) })
}

export const DAY_MS = 86_400_000
export const TODAY = BusinessDate.parse('2025-11-22')

/** Sets up two stores and the programme of `programme.ts`. */
export async function seedShop({ database }: { database: ServerDatabase }): Promise<void> {
  const { db } = database
  if (await db.selectFrom('store').select('id').executeTakeFirst()) return
  await db.transaction().execute(async (trx) => {
    const { seq } = await takeCursor(trx)
    const stores = ['s1', 's2'].map((id) => ({ id, shop: '山小屋', name: id, zone: 'Asia/Taipei', cut_off_hour: 0 }))
    await trx.insertInto('store').values(stores).execute()
    await trx
      .insertInto('programme')
      .values({ version: programme.version, document: JSON.stringify(programme) })
      .execute()
    const changed = [{ kind: 'programme', id: 'programme' }, ...stores.map(({ id }) => ({ kind: 'store', id }))]
    await trx
      .insertInto('change')
      .values(changed.map((one) => ({ ...one, seq, scope: '' })))
      .execute()
  })
}

export type TestServer = Server & { clock: TestClock; location: string }

/** Starts a server on a database of its own; both are gone when the test is. */
export async function startServer(engine: Engine, options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const place = await databasePlace(engine)
  onTestFinished(place.remove)
  return startServerOn(place.location, options)
}

/** Another server process' worth of server on a database that is there already. */
export async function startServerOn(location: string, options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const server = await openServer(location, options)
  onTestFinished(() => server.close())
  return server
}

/** One server for all tests of a `describe`, each with counters and members of its own. */
export function sharedServer(engine: Engine): () => TestServer {
  let server: TestServer | undefined
  let remove: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const place = await databasePlace(engine)
    remove = place.remove
    server = await openServer(place.location, {})
  })
  afterAll(async () => {
    await server?.close()
    await remove?.()
  })
  return () => {
    if (!server) throw new Error('the server starts before the tests')
    return server
  }
}

async function openServer(location: string, options: Partial<ServerOptions>): Promise<TestServer> {
  const clock = testClock()
  const server = await composeServer({ database: location, clock, beforeListening: seedShop, ...options })
  return { ...server, clock, location }
}
