/** One run from one seed: steps drawn up front, checked as it goes and at the end; a failing one made shorter. */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { chanceOf } from './chance.ts'
import { checkCounter, checkFloor } from './checks/counter.ts'
import { checkHome, checkServer } from './checks/home.ts'
import { learnBeginning } from './checks/model.ts'
import type { Fault } from './faults.ts'
import { serverImage } from './image.ts'
import { underSeed } from './stand-ins.ts'
import type { Step } from './steps/step.ts'
import { drawSteps, runStep } from './steps/table.ts'
import { openWorld, type World } from './world.ts'

export type Run = { seed: number; steps: readonly Step[]; fault?: Fault }
export type Outcome =
  | { ok: true; digest: string; steps: number }
  | { ok: false; step: number; why: string; last: Step[] }

/** How many steps lie between two looks at everything. */
const LOOK_EVERY = 40

export const planOf = (seed: number, count: number, kinds?: readonly string[]): Run => {
  return { seed, steps: drawSteps(chanceOf(seed), count, kinds) }
}

/** The run in which a planted fault must be found. */
export const planFor = ({ seed, within, kinds }: Fault): Run => planOf(seed, within, kinds)

/** Runs these steps in the world of this seed. */
export async function simulate({ seed, steps, fault }: Run): Promise<Outcome> {
  const image = await serverImage()
  return underSeed(seed, async (clock): Promise<Outcome> => {
    const world = await openWorld(chanceOf(seed + 1), clock, image)
    let at = 0
    try {
      await learnBeginning(world)
      await fault?.plant(world)
      for (const step of steps) {
        clock.pass(20_000)
        await runStep(world, step)
        at += 1
        await look(world, at)
      }
      await checkHome(world)
      return { ok: true, digest: await digestOf(world), steps: at }
    } catch (error) {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
      return { ok: false, step: at, why, last: steps.slice(Math.max(0, at - 8), at + 1) }
    } finally {
      await world.close()
    }
  })
}

async function look(world: World, at: number): Promise<void> {
  for (const one of world.counters) if (one.printer) await one.engine.spool.atRest()
  const counter = world.counters[at % world.counters.length]
  if (counter) await checkFloor(counter)
  if (at % LOOK_EVERY !== 0) return
  for (const one of world.counters) await checkCounter(one)
  await checkServer(world)
}

/** Over all that matters on every disk: two runs of one seed have the same. */
async function digestOf(world: World): Promise<string> {
  const hash = createHash('sha256')
  const bases = [world.server.database.db, ...world.counters.map(({ engine }) => engine.counter.db)]
  for (const db of bases) {
    for (const query of [
      sql`select id, hash from event order by id`,
      sql`select id, free, held from lot order by id`,
      sql`select account, asset, amount from balance order by account, asset`,
    ]) {
      const { rows } = await query.execute(db as never)
      hash.update(JSON.stringify(rows))
    }
  }
  return hash.digest('hex')
}

/** Leaves out steps as long as the run still fails: halves first, single ones last. */
export async function shrink(run: Run, why: string, tries = 40): Promise<Run> {
  const same = why.slice(0, 24)
  let { steps } = run
  let left = tries
  for (let size = Math.ceil(steps.length / 2); size >= 1 && left > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < steps.length && left > 0; left -= 1) {
      const without = [...steps.slice(0, start), ...steps.slice(start + size)]
      const outcome = await simulate({ ...run, steps: without })
      if (outcome.ok || !outcome.why.startsWith(same)) start += size
      else steps = without
    }
  }
  return { ...run, steps }
}

/** A failure in words: how to have it again, and what came before it. */
export function reportOf({ seed, steps }: Run, outcome: Extract<Outcome, { ok: false }>): string {
  const last = outcome.last.map((step) => `  ${step.kind} ${step.a} ${step.b} ${step.c}`).join('\n')
  return `seed ${seed}, after ${outcome.step} of ${steps.length} steps:\n${outcome.why}\nthe last steps:\n${last}`
}
