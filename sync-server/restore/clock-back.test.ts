/** R12: a server is often put back onto another machine, whose clock nobody has looked at yet. */
import { safe } from '@orpc/client'
import { expect, it } from 'vitest'
import { sell } from '#test/support/drafts.ts'
import { RestorableServer, restoring, times } from '#test/support/restorable.ts'
import { withALot } from '#test/support/scene.ts'
import { ENGINES, type Engine } from '#test/support/server-database.ts'
import { DAY_MS } from '#test/support/sync-server.ts'
import { noteRestored } from './restored.ts'

/** Put back, and told everything, while its clock was a month ahead. */
async function restoredAhead(engine: Engine) {
  const server = await RestorableServer.start(engine)
  const { one, two, member } = await withALot(server.now)
  server.clock.advance(30 * DAY_MS)
  await noteRestored(server.now.ledger, null)
  for (const counter of [one, two]) await counter.comeAgain()
  expect(await restoring(server)).toBe(false)
  server.clock.advance(-30 * DAY_MS)
  return { server, one, two, member }
}

it.each(ENGINES)('the last restore is the last one all the same (%s)', async (engine) => {
  const { server, one, two } = await restoredAhead(engine)
  await one.sync()
  await server.backUp()
  sell(two, { total: 100 })
  await two.sync()
  await server.restore()
  expect((await safe(two.pull())).error).toMatchObject({ code: 'CURSOR_UNKNOWN' })
  expect(await times(server)).toBe(2)
  // The state that it goes by is of before this restore, if after the other.
  expect((await safe(one.pull())).error).toMatchObject({ code: 'CURSOR_UNKNOWN' })
})

it.each(ENGINES)('once the clock is right, members are told again of what happens (%s)', async (engine) => {
  const { server, one, member } = await restoredAhead(engine)
  const { db } = server.now.database
  const lineUser = { line_user: `U${'0'.repeat(32)}` }
  await db.updateTable('personal').set(lineUser).where('member', '=', member).execute()
  sell(one, { member, total: 900, points: 9 })
  await one.sync()
  server.clock.advance(60_000)
  const sale = sell(one, { member, total: 900, points: 9 })
  await one.sync()
  expect(await db.selectFrom('outbox').select('event_id').execute()).toEqual([{ event_id: sale.id }])
})
