/** What all steps are made of: whom they are about, and how a screen asks. */
import { ORPCError } from '@orpc/client'
import { v7 as uuidv7 } from 'uuid'
import type { Command } from '#core/contract/terminal.ts'
import type { Done, MemberPanel } from '#core/contract/views.ts'
import { Amount, EventId, MemberId } from '#core/ids.ts'
import type { SimCounter } from '#test/simulation/counter.ts'
import type { Hold } from '#test/simulation/network.ts'
import { crash, type World } from '#test/simulation/world.ts'

export type Step = { kind: string; a: number; b: number; c: number }
export type Steps = Record<string, { odds: number; run(world: World, step: Step): Promise<void> }>

export const nth = <T>(from: readonly T[], n: number): T | undefined => from[n % from.length]
/** As the counter's screen makes it, which goes by the same machine's clock. */
export const freshCommand = ({ clock, skew, told }: SimCounter): Command => ({
  id: EventId.parse(uuidv7({ msecs: clock.now() + skew })),
  epoch: told,
})
export const amount = (n: number) => Amount.parse(n)

export function at(world: World, n: number): SimCounter {
  const counter = nth(world.counters, n)
  if (!counter) throw new Error('there is no counter')
  world.network.speaker = counter.name
  return counter
}

export const someone = (world: World, n: number): MemberId => MemberId.parse(nth(world.members, n))

/** Null when it is refused, and nothing was done. Where the power fails meanwhile, the screen asks again once it is back. */
export async function ask<T>(world: World, counter: SimCounter, what: () => Promise<T>): Promise<T | null> {
  const answer = await attempt(world, what)
  return (await powerBack(world, counter)) ? attempt(world, what) : answer
}

async function attempt<T>(world: World, what: () => Promise<T>): Promise<T | null> {
  try {
    return await what()
  } catch (error) {
    if (error instanceof ORPCError && (error.code === 'REFUSED' || error.code === 'STORAGE')) return null
    throw error
  } finally {
    world.network.mishap = null
  }
}

/** Starts the counter again, if its power has failed; says whether it had. */
export async function powerBack(world: World, counter: SimCounter): Promise<boolean> {
  const { power, network } = world
  if (power?.counter !== counter || power.image === null) return false
  world.power = null
  await counter.engine.spool.atRest()
  if (counter.printer) counter.printer.manners = 'well'
  await crash(world, counter, power.image)
  if (!power.wasAway) network.away.delete(counter.name)
  return true
}

/** One round of the counter's; says whether it got through. */
export async function round(world: World, counter: SimCounter): Promise<boolean> {
  world.network.speaker = counter.name
  const through = await counter.engine.sync.once()
  return (await powerBack(world, counter)) ? counter.engine.sync.once() : through
}

/** A round until the server has answered this; gives how to let the answer through, and the round go on. */
export async function roundHeldAt(
  { network }: World,
  { name, engine }: SimCounter,
  answerTo: Hold['answerTo'],
): Promise<() => Promise<void>> {
  const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const until = () => {
    held.resolve()
    return released.promise
  }
  network.speaker = name
  network.hold = { answerTo, until }
  const syncing = engine.sync.once()
  await Promise.race([held.promise, syncing])
  network.hold = null
  return async () => {
    network.speaker = name
    released.resolve()
    await syncing
  }
}

/** Null where this counter has not heard of the member yet. */
export async function panelOf(counter: SimCounter, member: MemberId): Promise<MemberPanel | null> {
  try {
    return await counter.screen.members.get({ member })
  } catch (error) {
    if (error instanceof ORPCError && error.code === 'REFUSED') return null
    throw error
  }
}

export function did(world: World, counter: SimCounter, { event, receipt }: Pick<Done, 'event' | 'receipt'>): void {
  world.model.did(event, counter.name, receipt?.code ?? null, counter.twin !== null)
}
