/** Managers' acts about counters: frozen and let go again, given up for lost and perhaps found (R11). */
import type { SimCounter } from '#test/simulation/counter.ts'
import { loseDisk } from '#test/simulation/lost.ts'
import { closeEpoch } from '#server/rights/close-epoch.ts'
import { settleRestore } from '#server/restore/restored.ts'
import { addCounter, type World } from '#test/simulation/world.ts'
import { putBackAs } from './disks.ts'
import { at, round, type Step, type Steps } from './step.ts'

export const isWell = ({ frozen, givenUp, twin }: SimCounter) => !frozen && !givenUp && twin === null

/** As the command line's `freeze` and `unfreeze` do it. */
export async function setFrozen(world: World, counter: SimCounter, frozen: boolean): Promise<void> {
  const { db } = world.server.database
  const status = frozen ? { status: 'frozen', frozen_reason: 'mislaid' } : { status: 'active', frozen_reason: null }
  await db.updateTable('terminal').set(status).where('id', '=', counter.holder.terminal).execute()
  await db.transaction().execute((trx) => settleRestore(trx, Date.now()))
  counter.frozen = frozen
}

async function freeze(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  if (counter.frozen || isWell(counter)) await setFrozen(world, counter, !counter.frozen)
}

/** A counter nobody finds: its epoch is closed, though it may be selling still. */
async function giveUp(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  if (counter.givenUp) return step.b % 3 === 0 ? replace(world, counter) : comeBack(world, counter)
  if (!isWell(counter) || world.counters.filter(isWell).length < 2) return
  await world.server.inbox.workOff()
  const closed = await closeEpoch(world.server.ledger, counter.holder, 'lost')
  // An epoch it has begun and not told the server of is no server's to close.
  if (!closed.ok && closed.reason === 'unknown') return
  if (!closed.ok) throw new Error(`${counter.name}'s epoch could not be closed: ${closed.reason}`)
  const again = await closeEpoch(world.server.ledger, counter.holder, 'lost')
  if (again.ok) throw new Error(`${counter.name}'s epoch was closed twice`)
  counter.givenUp = true
  if (step.b % 2 === 0) world.network.away.add(counter.name)
}

/** It is found: what it still has to say is heard, and it goes on under an epoch of its own. */
export async function comeBack(world: World, counter: SimCounter): Promise<void> {
  world.network.away.delete(counter.name)
  const through = await round(world, counter)
  if (through && counter.engine.unsynced() > 0) throw new Error(`${counter.name}'s late events were not taken`)
  const image = world.freshDir()
  counter.imageInto(image)
  await putBackAs(counter, image)
  await round(world, counter)
}

/** It is never found: another machine joins in its place, and what only its disk had is gone. */
async function replace(world: World, counter: SimCounter): Promise<void> {
  const store = counter.engine.counter.identity.store
  await loseDisk(world, counter)
  world.counters.splice(world.counters.indexOf(counter), 1)
  await counter.stop()
  await addCounter(world, store)
}

export const BAD_DAYS: Steps = {
  freeze: { odds: 1, run: freeze },
  giveUp: { odds: 2, run: giveUp },
}
