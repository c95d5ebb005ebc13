/** R8: whose share a counter gets. */
import { expect, it } from 'vitest'
import { POINTS } from '#core/ledger/asset.ts'
import { allOf, enrolMember, giveBack, grantPoints } from '#test/support/drafts.ts'
import { programme } from '#test/support/programme.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { startServer } from '#test/support/sync-server.ts'
import { grantHomeShare } from './home-share.ts'

it('is that of every recent visitor, those who have blocked the shop on LINE too', async () => {
  const server = await startServer('sqlite', { rounds: 'byHand' })
  const { db } = server.database
  const version = programme.version + 1
  const homeShare = [{ asset: 'points', percent: 50, cap: 100, recentDays: 7, overnight: false }]
  const document = JSON.stringify({ ...programme, version, homeShare })
  await db.insertInto('programme').values({ version, document }).execute()
  const counter = await SyncCounter.join(server)
  const { member } = enrolMember(counter)
  giveBack(counter, allOf(grantPoints(counter, member, 80)))
  await counter.sync()
  await db.updateTable('member').set({ blocked: 1 }).where('id', '=', member).execute()
  const { holder, store } = counter
  expect(await grantHomeShare(server.ledger, { holder, store, members: [member] })).toBe(1)
  await counter.pull()
  expect(counter.freeOf(member, POINTS)).toBe(50)
})
