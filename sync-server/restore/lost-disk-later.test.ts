/** R11, R12: a lost disk that turns up after a restore brings grants of before; that is no second restore. */
import { safe } from '@orpc/client'
import { expect, it } from 'vitest'
import { sound } from '#test/support/books.ts'
import { sell } from '#test/support/drafts.ts'
import { RestorableServer, restoring, times } from '#test/support/restorable.ts'
import { withALot } from '#test/support/scene.ts'
import { ENGINES } from '#test/support/server-database.ts'

it.each(ENGINES)('what it was granted before the restore proves nothing new (%s)', async (engine) => {
  const server = await RestorableServer.start(engine)
  const { one, two, member, some } = await withALot(server.now)
  await server.backUp()
  await two.acquire(member, some(10))
  await two.sync()
  // Its disk is lost, and a new one has taken its place.
  server.clock.advance(1_000)
  const again = two.reborn()
  await again.sync()
  await server.restore()
  await one.pull().catch(() => null)
  await again.pull().catch(() => null)
  for (const counter of [one, again]) await counter.comeAgain()
  expect(await times(server)).toBe(1)
  expect(await restoring(server)).toBe(false)
  server.clock.advance(3_600_000)
  // The lost disk is found, and sends what it has.
  await two.push(two.chain)
  expect(await times(server)).toBe(1)
  expect(await restoring(server)).toBe(false)
  await sound(server.now)
})

it.each(ENGINES)('nor does what it was told is here, and is no more (%s)', async (engine) => {
  const server = await RestorableServer.start(engine)
  const { one, two, member, some } = await withALot(server.now)
  await server.backUp()
  sell(two, { total: 100 })
  await two.sync()
  server.clock.advance(1_000)
  const again = two.reborn()
  await again.sync()
  await server.restore()
  await one.pull().catch(() => null)
  await again.pull().catch(() => null)
  for (const counter of [one, again]) await counter.comeAgain()
  expect(await times(server)).toBe(1)
  expect(await restoring(server)).toBe(false)
  server.clock.advance(3_600_000)
  // It goes on from what it was told.
  sell(two, { total: 100 })
  await safe(two.push())
  expect(await times(server)).toBe(1)
  expect(await restoring(server)).toBe(false)
  await one.acquire(member, some(10))
})
