/** A printer nobody can be sure of, and a cashier who is asked (invariant 10). */
import { EventId } from '#core/ids.ts'
import type { Manners } from '#test/simulation/printer.ts'
import { crash, type World } from '#test/simulation/world.ts'
import { sellAt } from './sales.ts'
import { type Step, type Steps } from './step.ts'

const MANNERS: readonly Manners[] = ['well', 'deaf', 'torn']

/** Sales while the printer misbehaves; the power may fail as the paper comes out. */
async function badPaper(world: World, step: Step): Promise<void> {
  const counter = world.counters.find(({ printer }) => printer !== null)
  if (!counter?.printer) return
  const { printer } = counter
  world.network.speaker = counter.name
  let image: string | null = null
  printer.manners = MANNERS[step.c % 3] ?? 'well'
  printer.onPaper = () => {
    if (step.b % 3 !== 0 || image !== null) return
    image = world.freshDir()
    counter.imageInto(image)
  }
  await counter.engine.spool.atRest()
  await sellAt(world, counter, { ...step, b: step.b + 1 })
  await counter.engine.spool.atRest()
  printer.onPaper = null
  printer.manners = 'well'
  if (image !== null) await crash(world, counter, image)
  await counter.engine.spool.atRest()
  await answerDoubts(counter)
}

/** Who finds a paper in doubt looks, and has it printed once more if it is not there. */
async function answerDoubts({ engine, screen }: World['counters'][number]): Promise<void> {
  const jobs = await screen.printing.jobs()
  const doubtful = jobs.filter(({ state }) => state === 'doubtful')
  for (const { event, copy } of doubtful) {
    if (jobs.some((later) => later.event === event && later.copy > copy)) continue
    await screen.printing.reprint({ event: EventId.parse(event) })
  }
  await engine.spool.atRest()
}

export const PAPERS: Steps = { badPaper: { odds: 2, run: badPaper } }
