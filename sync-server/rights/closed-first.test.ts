/** R11: that its epoch is over is what a counter is told first, whatever else is in the way. */
import { safe } from '@orpc/client'
import { expect, it } from 'vitest'
import { PROTOCOL } from '#core/contract/sync.ts'
import { WITHHELD } from '#core/contract/withheld.ts'
import { noteRestored } from '#server/restore/restored.ts'
import { RestorableServer } from '#test/support/restorable.ts'
import { scene, withALot } from '#test/support/scene.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { startServer, startServerOn } from '#test/support/sync-server.ts'
import { closeEpoch } from './close-epoch.ts'

const OVER = { code: 'FROZEN', data: { reason: WITHHELD.epochClosed } }

it.each(ENGINES)('R12: by a server too that has not heard it since it was put back (%s)', async (engine) => {
  const server = await RestorableServer.start(engine)
  const { one, two } = await withALot(server.now)
  await closeEpoch(server.now.ledger, one.holder, 'lost')
  await noteRestored(server.now.ledger, null)
  await two.comeAgain()
  // It is found again, and switched on.
  expect((await safe(one.pull())).error).toMatchObject(OVER)
})

it('by a newer server too, for which it is too old', async () => {
  const server = await startServer('postgres', { rounds: 'byHand' })
  const { one } = await scene(server)
  await closeEpoch(server.ledger, one.holder, 'lost')
  const protocols = { oldest: PROTOCOL + 1, newest: PROTOCOL + 1 }
  const { url } = await startServerOn(server.location, { rounds: 'byHand', protocols })
  const { holder, cursor, seq: head } = one
  expect((await safe(one.at(url).pull({ protocol: PROTOCOL, ...holder, cursor, head }))).error).toMatchObject(OVER)
})
