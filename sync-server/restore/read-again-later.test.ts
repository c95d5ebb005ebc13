/** R12: put back with an older program, which is updated once all are heard: what it reads then proves no second restore. */
import { expect, it } from 'vitest'
import { EVENT_VERSION } from '#core/ledger/event-version.ts'
import { readAgain } from '#server/intake/read-again.ts'
import { RestorableServer, restoring, times } from '#test/support/restorable.ts'
import { withALot } from '#test/support/scene.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { startServerOn } from '#test/support/sync-server.ts'

it.each(ENGINES)('a grant that is read only after the update proves nothing new (%s)', async (engine) => {
  const server = await RestorableServer.start(engine)
  const { one, two, member, some } = await withALot(server.now)
  await server.backUp()
  await two.acquire(member, some(10))
  await two.sync()
  await server.restore()
  const older = await startServerOn(server.now.location, {
    rounds: 'byHand',
    clock: server.clock,
    eventVersion: EVENT_VERSION - 1,
  })
  for (const counter of [two, one]) {
    Object.assign(counter, { client: counter.at(older.url) })
    await counter.pull().catch(() => null)
  }
  for (const counter of [one, two]) await counter.comeAgain()
  expect(await times(server)).toBe(1)
  expect(await restoring(server)).toBe(false)
  const { db } = server.now.database
  const aside = db.selectFrom('quarantine').select('reason').where('resolved_by', 'is', null)
  expect((await aside.execute()).map(({ reason }) => reason)).toContain('newerVersion')

  // It is updated.
  await readAgain(db, server.now.ledger)
  expect(await aside.execute()).toEqual([])
  expect(await times(server)).toBe(1)
  expect(await restoring(server)).toBe(false)
})
