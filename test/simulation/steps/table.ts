/**
 * What can happen in a shop, with a cashier's odds. A step is four numbers drawn up front: what they mean is found out when
 * it runs, so that a run with some steps left out is still a run.
 */
import type { Chance } from '#test/simulation/chance.ts'
import type { World } from '#test/simulation/world.ts'
import { BAD_DAYS } from './bad-days.ts'
import { DAYS } from './days.ts'
import { disks } from './disks.ts'
import { MEMBERS } from './members.ts'
import { NOTICES } from './notices.ts'
import { PAPERS } from './papers.ts'
import { RECALL } from './recall.ts'
import { SALES } from './sales.ts'
import { serverSteps } from './server.ts'
import type { Step, Steps } from './step.ts'
import { UNDONE } from './undone.ts'
import { VALUE } from './value.ts'
import { WIRE } from './wire.ts'

export async function runStep(world: World, step: Step): Promise<void> {
  await STEPS[step.kind]?.run(world, step)
}

const STEPS: Steps = {
  ...SALES,
  ...VALUE,
  ...MEMBERS,
  ...UNDONE,
  ...RECALL,
  ...WIRE,
  ...DAYS,
  ...disks(runStep),
  ...BAD_DAYS,
  ...serverSteps(runStep),
  ...PAPERS,
  ...NOTICES,
}

const RANGE = 1_000_000

export function drawSteps(chance: Chance, count: number, kinds: readonly string[] = Object.keys(STEPS)): Step[] {
  const odds = kinds.flatMap((kind) => Array.from({ length: STEPS[kind]?.odds ?? 0 }, () => kind))
  return Array.from({ length: count }, () => {
    return { kind: chance.pick(odds), a: chance.int(RANGE), b: chance.int(RANGE), c: chance.int(RANGE) }
  })
}
