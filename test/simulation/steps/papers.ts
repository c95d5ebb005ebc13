/** A printer nobody can be sure of, and a cashier who is asked (invariant 10). */
import { findPrintJob } from '#main/devices/printing/print-job.ts'
import type { Manners } from '#test/simulation/printer.ts'
import { crash, type World } from '#test/simulation/world.ts'
import { sellAt } from './sales.ts'
import { ask, type Step, type Steps } from './step.ts'

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

/** Who finds a paper in doubt looks, and says so: it lies there, or it is to be printed once more. */
async function answerDoubts({ engine, screen, printer }: World['counters'][number]): Promise<void> {
  for (const { job: id } of await screen.printing.doubts()) {
    const job = await findPrintJob(engine.counter.db, id)
    if (!job) throw new Error('a paper in doubt is not in the spool')
    const bytes = engine.spool.bytesOf(job)
    const printed = printer?.papers.some((paper) => paper.equals(bytes)) ?? false
    await screen.printing.settle({ job: id, printed })
  }
  await engine.spool.atRest()
  if ((await screen.printing.doubts()).length > 0) throw new Error('a paper stays in doubt that was answered for')
}

/** A customer wants the last receipt once more. */
async function reprint(world: World): Promise<void> {
  const counter = world.counters.find(({ printer }) => printer !== null)
  if (!counter?.printer) return
  const { printer, engine, screen } = counter
  await engine.spool.atRest()
  const before = printer.papers.length
  const copy = await ask(world, counter, () => screen.printing.reprint({ event: null }))
  await engine.spool.atRest()
  if (copy && printer.papers.length !== before + 1)
    throw new Error('a receipt was asked for again, and did not come out')
}

export const PAPERS: Steps = { badPaper: { odds: 2, run: badPaper }, reprint: { odds: 1, run: reprint } }
