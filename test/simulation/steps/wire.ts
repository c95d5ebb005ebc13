/** What the line between counters and server does. */
import { crash, type World } from '#test/simulation/world.ts'
import { sellAt } from './sales.ts'
import { at, nth, round, roundHeldAt, type Step, type Steps } from './step.ts'

async function sync(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const through = await round(world, counter)
  if (through && counter.frozen && counter.engine.sync.online())
    throw new Error(`${counter.name} is frozen, and works on`)
  if (through && counter.frozen && counter.engine.unsynced() > 0)
    throw new Error(`${counter.name} is frozen, and could not push`)
}

/** A round with something going wrong on the line; whoever is struck may lose power at that very moment. */
async function badSync(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const what = (['requestLost', 'answerLost', 'twice'] as const)[step.c % 3] ?? 'twice'
  let image: string | null = null
  world.network.mishap = { after: step.b % 4, what }
  world.network.onMishap = () => {
    if (step.b % 5 !== 0) return
    image = world.freshDir()
    counter.imageInto(image)
    // What the old machine still does reaches nobody.
    world.network.away.add(counter.name)
  }
  await counter.engine.sync.once()
  world.network.mishap = null
  world.network.onMishap = null
  if (image === null) return
  await crash(world, counter, image)
  world.network.away.delete(counter.name)
}

/** A sale while the answer to a pull is still on its way: it comes when it tells of the past. */
async function slowSync(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const goOn = await roundHeldAt(world, counter, 'pull')
  await sellAt(world, counter, step)
  await goOn()
}

/** What the server has kept is worked out, at some time. */
async function workOff({ server }: World): Promise<void> {
  await server.inbox.workOff()
}

/** What the network still had somewhere comes once more, long after its time. */
async function lateRequests(world: World, step: Step): Promise<void> {
  for (const n of [step.a, step.b, step.c]) {
    const old = nth(world.network.old, n)
    if (old) await (await world.network.deliver(old)).arrayBuffer()
  }
}

async function partition(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const { away } = world.network
  if (away.has(counter.name)) away.delete(counter.name)
  else away.add(counter.name)
  await round(world, counter)
}

export const WIRE: Steps = {
  sync: { odds: 22, run: sync },
  badSync: { odds: 5, run: badSync },
  slowSync: { odds: 2, run: slowSync },
  lateRequests: { odds: 2, run: lateRequests },
  workOff: { odds: 8, run: workOff },
  partition: { odds: 4, run: partition },
}
