/**
 * `npm run simulate -- --seed N --runs R --steps M --minutes T --tries K`, or `--faults`. R runs of M steps, from seed N on, and
 * more until T minutes are over; of one that fails, K tries are made to leave steps out.
 */
import '#storage/require-node.ts'
import { parseArgs } from 'node:util'
import { FAULTS } from './faults.ts'
import { planFor, planOf, reportOf, shrink, simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    steps: { type: 'string', default: '500' },
    runs: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    tries: { type: 'string', default: '40' },
    faults: { type: 'boolean', default: false },
  },
})

async function one(seed: number, steps: number): Promise<void> {
  const run = planOf(seed, steps)
  const outcome = await simulate(run)
  if (outcome.ok) return console.log(`seed ${seed}: ${outcome.steps} steps, ${outcome.digest.slice(0, 16)}`)
  console.error(reportOf(run, outcome))
  process.exitCode = 1
  if (values.tries === '0') return
  const small = await shrink(run, outcome.why, Number(values.tries))
  const again = await simulate(small)
  if (!again.ok) console.error(`\nstill so with ${small.steps.length} steps:\n${reportOf(small, again)}`)
}

/** Each planted fault must be found within its steps; and nothing where none is planted. */
async function plantAll(): Promise<void> {
  for (const fault of FAULTS) {
    const run = planFor(fault)
    const well = await simulate(run)
    if (!well.ok) throw new Error(reportOf(run, well))
    const outcome = await simulate({ ...run, fault })
    const found = outcome.ok ? 'NOT FOUND' : `found after ${outcome.step}: ${outcome.why.split('\n')[0]}`
    console.log(`${fault.name}: ${found}`)
    if (outcome.ok) process.exitCode = 1
  }
}

async function main(): Promise<void> {
  if (values.faults) return plantAll()
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed)
  const until = Date.now() + Number(values.minutes ?? 0) * 60_000
  for (let n = 0; n < Number(values.runs) || Date.now() < until; n += 1) {
    await one(seed + n, Number(values.steps))
    if (process.exitCode === undefined) continue
    // The ids that a run mints begin where those of the run before it ended.
    if (n > 0) console.error(`\nhad again, to the last byte, by --seed=${seed} --runs=${n + 1} --steps=${values.steps}`)
    return
  }
}

await main()
