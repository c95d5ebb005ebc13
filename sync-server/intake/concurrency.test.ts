/** Two server processes' worth on one PostgreSQL, counters at once on the same members: no over-spend, nothing skipped. */
import { safe } from '@orpc/client'
import { sql } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import { expect, it, vi } from 'vitest'
import { PROTOCOL } from '#core/contract/sync.ts'
import { GrantId, type MemberId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { sound } from '#test/support/books.ts'
import { allOf, enrolMember, giveBack, grantPoints, refund, sell } from '#test/support/drafts.ts'
import { loansOf } from '#test/support/epochs.ts'
import { madeAnew, SyncCounter } from '#test/support/sync-counter.ts'
import { startServer, startServerOn, type TestServer } from '#test/support/sync-server.ts'

const COUNTERS = 6
const MEMBERS = 8
const ROUNDS = 12
const GIVEN = 100

it('never over-spends, and lets no puller skip a change', { timeout: 120_000 }, async () => {
  const first = await startServer('postgres')
  const second = await startServerOn(first.location)
  const counters: SyncCounter[] = []
  for (let n = 0; n < COUNTERS; n++) counters.push(await SyncCounter.join(first, `Counter ${n}`))
  const [starter] = counters
  if (!starter) throw new Error('a counter is expected')
  const members: MemberId[] = []
  for (let n = 0; n < MEMBERS; n++) {
    const { member } = enrolMember(starter)
    giveBack(starter, allOf(grantPoints(starter, member, GIVEN)))
    members.push(member)
  }
  await starter.sync()

  let spent = 0
  let earned = 0
  const round = async (counter: SyncCounter, n: number, turn: number) => {
    const member = members[(n * 7 + turn * 3) % MEMBERS]!
    const server = (n + turn) % 2 === 0 ? first : second
    const client = counter.at(server.url)
    const wants = [{ kind: 'amount' as const, asset: POINTS, amount: 40 }]
    const asked = await safe(
      client.acquire({ protocol: PROTOCOL, ...counter.holder, grant: GrantId.parse(uuidv7()), member, wants }),
    )
    if (asked.error) expect(asked.error).toMatchObject({ code: 'SHORT' })
    if (asked.data) {
      const granted = madeAnew(asked.data)
      counter.accept(granted)
      sell(counter, { member, total: 80, pointsTender: 40, spend: granted.parts })
      spent += 40
    }
    const sale = sell(counter, { member, total: 500, points: 5, stamps: 1 })
    earned += 5
    giveBack(counter, allOf(sale))
    await client.push(counter.bodyOf(counter.unsent))
    counter.unsent = []
    if (turn % 3 === 0) await counter.pull()
  }
  await Promise.all(
    counters.map(async (counter, n) => {
      for (let turn = 0; turn < ROUNDS; turn++) await round(counter, n, turn)
    }),
  )

  await sound(first)
  expect(await first.database.db.selectFrom('quarantine').selectAll().execute()).toEqual([])
  // Who pulled all along knows the same as who starts from nothing.
  const fresh = await SyncCounter.join(second, 'Newcomer')
  await fresh.sync()
  const total = (counter: SyncCounter) => members.map((member) => counter.freeOf(member, POINTS))
  for (const counter of counters) {
    await counter.pull()
    expect(total(counter)).toEqual(total(fresh))
    expect(counter.ack).toBe(counter.seq)
  }
  const welcome = 20
  expect(total(fresh).reduce((sum, one) => sum + one, 0)).toBe(MEMBERS * (GIVEN + welcome) + earned - spent)
  expect(spent).toBeGreaterThan(0)
})

it('R9: a loan is paid from home at one while its sale is refunded at the other', async () => {
  const first = await startServer('postgres', { rounds: 'byHand' })
  const second = await startServerOn(first.location, { rounds: 'byHand' })
  const { db } = first.database
  const one = await SyncCounter.join(first, 'Counter 1')
  const two = await SyncCounter.join(first, 'Counter 2')
  const { member } = enrolMember(one)
  giveBack(one, allOf(grantPoints(one, member, 30)))
  await one.sync()
  // The answer is lost, and the store lends.
  const wants = [{ kind: 'amount' as const, asset: POINTS, amount: 50 }]
  const grant = GrantId.parse(uuidv7())
  const lost = await one.client.acquire({ protocol: PROTOCOL, ...one.holder, grant, member, wants })
  const sale = sell(one, { member, total: 50, pointsTender: 50, lent: 50 })
  await one.sync()
  const granted = madeAnew(lost)
  one.accept(granted)
  giveBack(one, granted.parts)
  refund(two, sale)

  const pushes = await db.transaction().execute(async (trx) => {
    await trx.selectFrom('member').select('id').where('id', '=', member).forUpdate().execute()
    const both = [one.push(), two.at(second.url).push(two.bodyOf(two.unsent))].map((push) => safe(push))
    await vi.waitFor(async () => expect(await waitingForLocks(first)).toBe(2), 20_000)
    return both
  })
  expect((await Promise.all(pushes)).map(({ error }) => error)).toEqual([null, null])
  expect(await loansOf(first, one.holder)).toEqual([{ reason: 'floor', amount: 50, repaid: 50 }])
  await two.pull()
  expect(two.freeOf(member, POINTS)).toBe(50)
  await sound(first)
})

async function waitingForLocks({ database }: TestServer): Promise<number> {
  const query = sql<{ count: number }>`
    select count(*) as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  return (await query.execute(database.db)).rows[0]?.count ?? 0
}
