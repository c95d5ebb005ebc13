/** The works themselves, the same for every system. What makes a work ready is not timed. */
import { timed } from '#bench/support/figures.ts'
import { pause, type Load, type Stage, type System, type Work } from './system.ts'

export type Outcome = {
  seconds: number | null
  rssMb?: number
  lost?: number
  doubled?: number
  newEffects?: number
  /** Where the clock ran out, or what went wrong. */
  note?: string
}

type Recipe = { load: Load; second?: true; filled?: true; run(stage: Stage, limit: Limit): Promise<Outcome> }

/** Rejects with TooSlowError when the work takes longer than it may. */
type Limit = <T>(work: Promise<T>) => Promise<T>

class TooSlowError extends Error {}

const LOOK_AGAIN_MS = 5
const seconds = async (work: () => Promise<unknown>) => (await timed(work)) / 1_000

/** Until the last acknowledgement; and how long until all of it was worked out, where that comes later. */
async function acknowledged(stage: Stage, pushing: Promise<void>): Promise<Outcome> {
  const taken = await seconds(() => pushing)
  if (!stage.workedOut) return { seconds: taken }
  const after = await seconds(() => stage.workedOut?.() ?? Promise.resolve())
  return { seconds: taken, note: `worked out after ${(taken + after).toFixed(2)} s` }
}

const RECIPES: Record<Work, Recipe> = {
  A: {
    load: 'long',
    second: true,
    async run(stage, limit) {
      const sent = await seconds(() => limit(stage.push()))
      const received = await seconds(() => limit(stage.pull()))
      await stage.expectAgreement()
      return { seconds: sent + received, note: `${sent.toFixed(2)} s there, ${received.toFixed(2)} s to the second` }
    },
  },
  B: { load: 'day', run: (stage, limit) => acknowledged(stage, limit(stage.push())) },
  C: { load: 'eight', run: (stage, limit) => acknowledged(stage, limit(stage.pushAll())) },
  D: {
    load: 'none',
    filled: true,
    async run(stage, limit) {
      let rssMb = 0
      const taken = await seconds(async () => (rssMb = await limit(stage.join())))
      return { seconds: taken, rssMb }
    },
  },
  E: {
    load: 'day',
    async run(stage, limit) {
      await limit(stage.push())
      await stage.forget()
      await stage.remember()
      const taken = await seconds(() => limit(stage.pushAgain()))
      return { seconds: taken, newEffects: await stage.changed() }
    },
  },
  F: {
    load: 'day',
    async run(stage, limit) {
      let stored = 0
      const taken = await seconds(() =>
        limit(
          (async () => {
            const pushing = stage.push()
            // Should it fail before it is waited for, that is seen below.
            pushing.catch(() => undefined)
            while ((stored = await stage.stored()) < stage.made / 2) await pause(LOOK_AGAIN_MS)
            await stage.killServer()
            await stage.startServer()
            await pushing
          })(),
        ),
      )
      return { seconds: taken, ...(await stage.verdict()), note: `killed with ${stored} of ${stage.made} there` }
    },
  },
}

/** Runs one work on one system, and `after` it what needs its files. */
export async function run(
  work: Work,
  system: System,
  limitSeconds: number,
  after: (stage: Stage) => Promise<void>,
): Promise<Outcome> {
  const { load, second = false, filled = false, run: runIt } = RECIPES[work]
  let stage: Stage
  try {
    stage = await system.stage(load, { second, filled })
  } catch (error) {
    return { seconds: null, note: `did not get ready: ${wordsOf(error)}` }
  }
  let clock: NodeJS.Timeout | undefined
  const limit: Limit = (task) => {
    // What becomes of it after its time is nobody's business.
    task.catch(() => undefined)
    return Promise.race([
      task,
      new Promise<never>((_, reject) => {
        clock = setTimeout(() => reject(new TooSlowError()), limitSeconds * 1_000)
      }),
    ]).finally(() => clearTimeout(clock))
  }
  try {
    const outcome = await runIt(stage, limit)
    await after(stage)
    return outcome
  } catch (error) {
    if (error instanceof TooSlowError) return { seconds: null, note: await howFar(stage, limitSeconds) }
    return { seconds: null, note: wordsOf(error) }
  } finally {
    await stage.end()
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What was done of it when the time was up. */
async function howFar(stage: Stage, limitSeconds: number): Promise<string> {
  const stored = await Promise.race([stage.stored().catch(() => null), pause(2_000).then(() => null)])
  const there = stored === null || stage.made === 0 ? '' : `: ${stored} of ${stage.made} were at the server`
  return `not done in ${limitSeconds} s${there}`
}
