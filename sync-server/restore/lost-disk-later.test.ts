/** R11, R12: a lost disk that turns up after a restore brings what is of before; that is no second restore. */
import { safe } from '@orpc/client'
import { expect, it } from 'vitest'
import { sound } from '#test/support/books.ts'
import { sell } from '#test/support/drafts.ts'
import { RestorableServer, restoring, times } from '#test/support/restorable.ts'
import { withALot } from '#test/support/scene.ts'
import { ENGINES, type Engine } from '#test/support/server-database.ts'

type Scene = Awaited<ReturnType<typeof withALot>>

/** Counter 2 does this after the backup, loses its disk, and a new one takes its place; then the server is put back, and hears all. */
async function afterARestore(engine: Engine, sinceTheBackup: (scene: Scene) => Promise<unknown>) {
  const server = await RestorableServer.start(engine)
  const scene = await withALot(server.now)
  const { one, two } = scene
  await server.backUp()
  await sinceTheBackup(scene)
  await two.sync()
  server.clock.advance(1_000)
  const again = two.reborn()
  await again.sync()
  await server.restore()
  for (const counter of [one, again]) await counter.pull().catch(() => null)
  for (const counter of [one, again]) await counter.comeAgain()
  const isOver = async () => {
    expect(await times(server)).toBe(1)
    expect(await restoring(server)).toBe(false)
  }
  await isOver()
  server.clock.advance(3_600_000)
  return { ...scene, server, isOver }
}

it.each(ENGINES)('what it was granted before the restore proves nothing new (%s)', async (engine) => {
  const { server, two, isOver } = await afterARestore(engine, (then) => then.two.acquire(then.member, then.some(10)))
  // The lost disk is found, and sends what it has.
  await two.push(two.chain)
  await isOver()
  await sound(server.now)
})

it.each(ENGINES)('nor does what it was told is here, and is no more (%s)', async (engine) => {
  const { one, two, member, some, isOver } = await afterARestore(engine, async (then) => sell(then.two, { total: 100 }))
  // It goes on from what it was told.
  sell(two, { total: 100 })
  await safe(two.push())
  await isOver()
  await one.acquire(member, some(10))
})
