/**
 * Several server processes on one PostgreSQL, eight counters on the same few members: nobody spends what is not theirs,
 * nobody misses a change, and no lost race, killed server or killed database is ever a counter's business.
 */
import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MemberId } from '#core/ids.ts'
import { openServerDatabase, type ServerDatabase } from '#server/ledger/database.ts'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, card, cash, points, value } from '#test/support/at-the-counter.ts'
import { FULL } from '#test/support/full.ts'
import { databaseAt, query } from '#test/support/postgres-client.ts'
import { startPostgres, type PostgresServer } from '#test/support/postgres-server.ts'
import { startServerProcess, type ServerProcess } from '#test/support/server-process.ts'
import { CounterAtWork } from '#test/support/counter-at-work.ts'
import { makeTempDir } from '#test/support/temp.ts'

const COUNTERS = FULL ? 8 : 4
const MEMBERS = FULL ? 20 : 5
const SALES_EACH = FULL ? 150 : 12

type Shop = {
  postgres: PostgresServer
  database: ServerDatabase
  servers: ServerProcess[]
  urls: string[]
  counters: CounterAtWork[]
  members: MemberId[]
}

async function openShop(servers: number): Promise<Shop> {
  const postgres = await startPostgres({ safe: true })
  onTestFinished(() => postgres.stop())
  await query(postgres.value, 'CREATE DATABASE shop')
  const url = databaseAt(postgres.value, 'shop')
  const first = startServerProcess({ DATABASE_URL: url, PORT: '0' }, ['--demo'])
  const urls = [await first.ready]
  const others = Array.from({ length: servers - 1 }, () => startServerProcess({ DATABASE_URL: url, PORT: '0' }))
  for (const other of others) urls.push(await other.ready)
  const database = await openServerDatabase(url)
  onTestFinished(() => database.close())
  const rows = await database.db.selectFrom('member').select('id').orderBy('id').limit(MEMBERS).execute()
  const members = rows.map(({ id }) => MemberId.parse(id))
  const counters: CounterAtWork[] = []
  for (let n = 0; n < COUNTERS; n += 1) {
    const counter = new CounterAtWork(`Counter ${n + 1}`, makeTempDir())
    onTestFinished(() => counter.stop())
    await counter.start()
    const code = await makeEnrolCode(database.db, 's1', Date.now())
    await counter.screen.setup.enrol({ serverUrl: urls[n % urls.length] ?? '', code, counter: counter.name })
    await counter.signIn()
    counters.push(counter)
  }
  return { postgres, database, servers: [first, ...others], urls, counters, members }
}

/** One cashier who takes whatever member comes next, and pays with what that member has, if it can be had. */
async function sellTo(counter: CounterAtWork, members: readonly MemberId[], sold: string[]): Promise<void> {
  for (let nth = 0; nth < SALES_EACH; nth += 1) {
    const member = members[randomInt(members.length)]
    if (!member) throw new Error('there is nobody to sell to')
    const kinds = [
      basket(320, { member, pay: [cash(500)] }),
      basket(95, { member, pay: [value(20), card(75)] }),
      basket(40, { member, pay: [points(3), cash(37)] }),
    ]
    try {
      sold.push((await counter.screen.checkout.pay(kinds[nth % kinds.length] ?? basket(10))).event)
    } catch (error) {
      expect(error).toMatchObject({ code: 'REFUSED' })
    }
  }
}

async function expectAllAgree({ database, counters }: Shop, sold: readonly string[]): Promise<void> {
  for (const counter of counters) {
    await expect
      .poll(
        () =>
          counter.sync().then(
            () => true,
            () => false,
          ),
        { timeout: 60_000 },
      )
      .toBe(true)
  }
  const { db } = database
  const sales = db.selectFrom('event').select('id').where('kind', '=', 'sale.completed').orderBy('id')
  expect((await sales.execute()).map(({ id }) => id)).toEqual(sold.toSorted())
  expect(await db.selectFrom('quarantine').select('reason').execute()).toEqual([])
  await expectAgreement({ server: { database }, counters })
}

/** What went wrong; that a busy machine took too long to answer is not. */
const faultsSeen = ({ counters }: Shop): string[] =>
  counters
    .flatMap(({ errors }) => errors)
    .filter((error) => !(error instanceof Error && error.name === 'TimeoutError'))
    .map((error) => (error instanceof Error ? error.message : String(error)))

describe.each(FULL ? [2, 4] : [2])('%d server processes on one PostgreSQL', (servers) => {
  it('serve counters that all want the same members, through the death of one and of PostgreSQL', async () => {
    const shop = await openShop(servers)
    const sold: string[] = []
    const sell = () => Promise.all(shop.counters.map((counter) => sellTo(counter, shop.members, sold)))
    await sell()
    expect(sold.length).toBeGreaterThan(COUNTERS)
    expect(faultsSeen(shop)).toEqual([])
    await expectAllAgree(shop, sold)

    const selling = sell()
    for (let round = 0; round < (FULL ? 10 : 1); round += 1) {
      await pause(randomInt(200, 800))
      await shop.postgres.crash()
      await pause(randomInt(200, 800))
      await killAndStart(shop, round % servers)
    }
    await selling
    await expectAllAgree(shop, sold)
  }, 900_000)
})

async function killAndStart({ postgres, servers, urls }: Shop, nth: number): Promise<void> {
  const victim = servers[nth]
  victim?.process.kill('SIGKILL')
  await victim?.ended
  const again = startServerProcess({
    DATABASE_URL: databaseAt(postgres.value, 'shop'),
    PORT: new URL(urls[nth] ?? '').port,
  })
  await again.ready
  servers[nth] = again
}
