/** The server's own bad days: put back from a backup (R12). */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRestoring, waitedFor, waive } from '#server/restore/restored.ts'
import { putBack, type World } from '#test/simulation/world.ts'
import { nth, round, type Step, type Steps } from './step.ts'

type Run = (world: World, step: Step) => Promise<void>

/** What goes on between the backup and its being put back; the server's own facts are only as safe as the copy. */
const MEANWHILE = ['sale', 'sync', 'topUp', 'sync', 'refund', 'sync', 'redeem', 'badSync', 'enrol', 'sync']

async function restoreServer(world: World, step: Step, runStep: Run): Promise<void> {
  const { database } = world.server
  if (await isRestoring(database.db)) return
  const copy = join(world.dir, `server-${step.b}.copy`)
  await world.stopServer()
  copyFileSync(join(world.dir, 'server.sqlite'), copy)
  await world.startServer()
  for (const [n, kind] of MEANWHILE.entries())
    await runStep(world, { kind, a: step.a + n, b: step.b + 7 * n, c: step.c + 3 * n })
  await putBack(world, copy)
  world.network.old = []
  const absent = step.c % 3 === 0 ? nth(world.counters, step.c) : undefined
  const rounds = async () => {
    for (const counter of world.counters.filter((one) => one !== absent)) {
      world.network.away.delete(counter.name)
      await round(world, counter)
    }
  }
  for (let turn = 0; turn < 4; turn += 1) await rounds()
  // A backlog that was stored before the copy and is not worked out yet keeps its counter from being heard.
  const waited = await waitedFor(world.server.database.db)
  if (waited.some(({ id }) => id !== absent?.holder.terminal)) {
    await world.server.inbox.workOff()
    await rounds()
  }
  await giveUpWaiting(world, absent?.holder.terminal)
}

/** A manager no longer waits for whoever is not there; nobody else is waited for. */
async function giveUpWaiting(world: World, absent: string | undefined): Promise<void> {
  const { database, ledger } = world.server
  const waited = await waitedFor(database.db)
  const missing = waited.filter(({ id }) => id !== absent)
  if (missing.length > 0) throw new Error(`a restored server still waits for ${missing.map(({ name }) => name).join()}`)
  for (const { id } of waited) await waive(ledger, id)
  if (await isRestoring(database.db)) throw new Error('a restored server waits for nobody, and goes on waiting')
}

export const serverSteps = (runStep: Run): Steps => ({
  restoreServer: { odds: 1, run: (world, step) => restoreServer(world, step, runStep) },
})
