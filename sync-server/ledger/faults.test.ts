/** A database that fails under the server: nothing is lost, nothing is half done, and it goes on by itself. */
import { safe } from '@orpc/client'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { POINTS } from '#core/ledger/asset.ts'
import { allOf, enrolMember, giveBack, grantPoints, sell } from '#test/support/drafts.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { startServer } from '#test/support/sync-server.ts'
import { faultsOf } from './prove.ts'

it('keeps a push for later when the disk is full', async () => {
  const server = await startServer('sqlite')
  const counter = await SyncCounter.join(server)
  const { member } = enrolMember(counter)
  giveBack(counter, allOf(grantPoints(counter, member, 30)))
  await counter.sync()

  const { db } = server.database
  const pages = await sql<{ page_count: number }>`pragma page_count`.execute(db)
  await sql.raw(`pragma max_page_count = ${pages.rows[0]?.page_count ?? 0}`).execute(db)
  for (let n = 0; n < 100; n++) sell(counter, { member, total: 100, points: 1 })
  const full = await safe(counter.push())
  expect(full.error).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', status: 500 })
  expect(await faultsOf(db)).toEqual([])

  await sql`pragma max_page_count = 1000000`.execute(db)
  await counter.sync()
  expect(counter.ack).toBe(counter.seq)
  expect(await faultsOf(db)).toEqual([])
})

it('goes on after PostgreSQL has broken every connection', async () => {
  const server = await startServer('postgres')
  const counter = await SyncCounter.join(server)
  const { member } = enrolMember(counter)
  giveBack(counter, allOf(grantPoints(counter, member, 30)))
  await counter.sync()
  const { db } = server.database
  const breakAll = sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`
  await breakAll.execute(db)
  const granted = await counter.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 40 }])
  await breakAll.execute(db)
  sell(counter, { member, total: 80, pointsTender: 40, spend: granted.parts })
  await counter.sync()
  expect(counter.ack).toBe(counter.seq)
  expect(counter.freeOf(member, POINTS)).toBe(10)
  expect(await faultsOf(db)).toEqual([])
})
