/** R6: what waited for something is worked out once it is here, however many look for it at once. */
import { v7 as uuidv7 } from 'uuid'
import { expect, it } from 'vitest'
import { MemberId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { sound } from '#test/support/books.ts'
import { enrolMember, grantPoints, refund, sell } from '#test/support/drafts.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { startServer, startServerOn } from '#test/support/sync-server.ts'
import { receivePush } from './push.ts'
import { settleWaiting } from './waiting.ts'

it.each(ENGINES)('a sale before its member’s enrolment counts once (%s)', async (engine) => {
  const server = await startServer(engine, { rounds: 'byHand' })
  const servers =
    engine === 'postgres' ? [server, await startServerOn(server.location, { rounds: 'byHand' })] : [server]
  const { db } = server.database
  const one = await SyncCounter.join(server, 'Counter 1')
  const two = await SyncCounter.join(server, 'Counter 2')
  const member = MemberId.parse(uuidv7())
  for (let n = 0; n < 3; n++) sell(one, { member, total: 500 })
  await one.sync()
  expect(await db.selectFrom('waiting').select('wants').execute()).toHaveLength(3)

  enrolMember(two, member)
  const { holder, store, unsent: events, personal } = two
  await receivePush(server.ledger, { holder, store, events, personal })
  const looks = [...servers, ...servers, ...servers].map(({ database, ledger }) => settleWaiting(database.db, ledger))
  await Promise.all(looks)
  expect(await db.selectFrom('waiting').select('wants').execute()).toEqual([])
  await two.pull()
  expect(two.members()).toMatchObject([{ id: member, spent: 1_500 }])
  expect(two.members()[0]?.recent).toHaveLength(3)
  await sound(server)
})

it.each(ENGINES)('what still waits, for something else, keeps no other store’s waiting (%s)', async (engine) => {
  const server = await startServer(engine, { rounds: 'byHand' })
  const { db } = server.database
  const [a, b, c] = [await SyncCounter.join(server), await SyncCounter.join(server), await SyncCounter.join(server)]
  const [d, e] = [await SyncCounter.join(server, 'D', 's2'), await SyncCounter.join(server, 'E', 's2')]
  const { member } = enrolMember(a)
  const sale = sell(b, { member, total: 300, points: 3 })
  const undone = refund(c, sale)
  for (const counter of [c, b]) await counter.push()
  server.clock.advance(1_000)
  const other = sell(d, { total: 100, claim: { points: 2 } })
  refund(e, other)
  for (const counter of [e, d]) await counter.push()
  expect(await db.selectFrom('waiting').select(['event_id', 'wants']).orderBy('event_id').execute()).toEqual([
    { event_id: sale.id, wants: member },
    { event_id: undone.id, wants: member },
  ])
  await a.push()
  expect(await db.selectFrom('waiting').select('wants').execute()).toEqual([])
  await sound(server)
})

it.each(ENGINES)('a sale undone twice while its member is unknown gives nothing back twice (%s)', async (engine) => {
  const server = await startServer(engine, { rounds: 'byHand' })
  const { db } = server.database
  const [one, two, three] = [
    await SyncCounter.join(server),
    await SyncCounter.join(server),
    await SyncCounter.join(server),
  ]
  const { member } = enrolMember(three)
  const given = grantPoints(one, member, 100)
  const spend = given.lots.map((lot) => ({ lot, amount: 60 }))
  const sale = sell(one, { member, total: 60, pointsTender: 60, spend })
  await one.push()
  one.unsent = []
  // Undone before it was marked as sent, as far as its counter knows; and elsewhere meanwhile.
  refund(one, sale, 'own')
  refund(two, sale)
  for (const counter of [two, one, three]) await counter.push()
  expect(await db.selectFrom('waiting').select('wants').execute()).toEqual([])
  await three.pull()
  expect(given.lots.map(({ id }) => three.lot(id))).toMatchObject([{ free: 0, held: [{ amount: 100 }] }])
  await sound(server)
})

it.each(ENGINES)('a refund that came first, from another store, is settled after its sale (%s)', async (engine) => {
  const server = await startServer(engine, { rounds: 'byHand' })
  const { db } = server.database
  const [a, b] = [await SyncCounter.join(server), await SyncCounter.join(server)]
  const c = await SyncCounter.join(server, 'C', 's2')
  const { member } = enrolMember(a)
  const sale = sell(b, { member, total: 300, pointsTender: 10, lent: 10 })
  refund(c, sale)
  await c.push()
  server.clock.advance(1_000)
  for (const counter of [b, a]) await counter.push()
  expect(await db.selectFrom('waiting').select('wants').execute()).toEqual([])
  await seesNothingSpent(a, member)
  const loans = await db.selectFrom('loan').select(['amount', 'repaid']).execute()
  expect(loans.filter(({ amount, repaid }) => amount !== repaid)).toEqual([])
  await sound(server)
})

it.each(ENGINES)('so is one that comes between the enrolment and what had waited for it (%s)', async (engine) => {
  const server = await startServer(engine, { rounds: 'byHand' })
  const [a, b, c] = [await SyncCounter.join(server), await SyncCounter.join(server), await SyncCounter.join(server)]
  const { member } = enrolMember(a)
  const sale = sell(b, { member, total: 300, pointsTender: 10, lent: 10 })
  await b.push()
  const { holder, store, unsent: events, personal } = a
  // What had waited is settled in a transaction of its own: a kill, or another's push, may come before it.
  await receivePush(server.ledger, { holder, store, events, personal })
  refund(c, sale)
  await c.push()
  await seesNothingSpent(a, member)
  await sound(server)
})

/** The welcome gift is whole, and no visit has counted. */
async function seesNothingSpent(counter: SyncCounter, member: MemberId): Promise<void> {
  await counter.pull()
  expect(counter.members()).toMatchObject([{ id: member, spent: 0, recent: [] }])
  expect(counter.freeOf(member, POINTS)).toBe(20)
}
