/** Two server processes' worth on one PostgreSQL, counters at once on the same members: no over-spend, nothing skipped. */
import { safe } from '@orpc/client'
import { v7 as uuidv7 } from 'uuid'
import { expect, it } from 'vitest'
import { PROTOCOL } from '#core/contract/sync.ts'
import { GrantId, type MemberId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { faultsOf } from '#server/ledger/prove.ts'
import { allOf, enrolMember, giveBack, grantPoints, sell } from '#test/support/drafts.ts'
import { madeAnew, SyncCounter } from '#test/support/sync-counter.ts'
import { startServer, startServerOn } from '#test/support/sync-server.ts'

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

  expect(await faultsOf(first.database.db)).toEqual([])
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
