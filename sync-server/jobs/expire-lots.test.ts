/** What becomes of a lot on the day after its last one. */
import { expect, it } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import { POINTS } from '#core/ledger/asset.ts'
import { faultsOf } from '#server/ledger/prove.ts'
import { allOf, enrolMember, giveBack, grantPoints } from '#test/support/drafts.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { DAY_MS, startServer, TODAY } from '#test/support/sync-server.ts'
import { expireLots } from './expire-lots.ts'

it.each(ENGINES)('R6: on %s what is due of it is met first, and is due no more; the rest runs out', async (engine) => {
  const server = await startServer(engine, { rounds: 'byHand' })
  const { db } = server.database
  const counter = await SyncCounter.join(server)
  const { member } = enrolMember(counter)
  const given = grantPoints(counter, member, 100, { expiresOn: TODAY })
  giveBack(counter, allOf(given))
  await counter.sync()
  const [lot] = given.lots
  const due = { cause: uuidv7(), lot: lot?.id ?? '', member, asset: 'points', amount: 30 }
  await db.insertInto('due').values(due).execute()
  server.clock.advance(DAY_MS)
  expect(await expireLots(server.database, server.ledger, server.clock())).toBe(1)
  const balances = db.selectFrom('balance').select(['account', 'amount']).where('account', 'in', ENDS)
  expect(await balances.orderBy('account').execute()).toEqual([
    { account: 'expired:points', amount: 70 },
    { account: 'revoked:points', amount: 30 },
  ])
  expect(await db.selectFrom('due').select(['lot', 'amount']).execute()).toEqual([{ lot: due.lot, amount: 0 }])
  expect(await faultsOf(db)).toEqual([])
})

it.each(ENGINES)('a lot is good until its last day is over at every store (%s)', async (engine) => {
  const server = await startServer(engine, { rounds: 'byHand' })
  await server.database.db.updateTable('store').set({ cut_off_hour: 6 }).where('id', '=', 's2').execute()
  const bar = await SyncCounter.join(server, 'Bar', 's2')
  const { member } = enrolMember(bar)
  giveBack(bar, allOf(grantPoints(bar, member, 100, { expiresOn: TODAY })))
  await bar.sync()
  const expire = () => expireLots(server.database, server.ledger, server.clock())
  // Half past midnight: at the bar it is still that day.
  server.clock.advance(12.5 * 3_600_000)
  expect(await expire()).toBe(0)
  await bar.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 50 }])
  server.clock.advance(6 * 3_600_000)
  expect(await expire()).toBe(1)
})

const ENDS = ['expired:points', 'revoked:points']
