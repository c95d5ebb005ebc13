/** What becomes of a counter's disk: full, cut off, put back, copied. */
import { ORPCError } from '@orpc/client'
import { sql } from 'kysely'
import type { EpochId } from '#core/ids.ts'
import { Refusal } from '#core/ledger/refusal.ts'
import { restoreBackup } from '#main/restore/restore-backup.ts'
import { closeEpoch } from '#server/rights/close-epoch.ts'
import type { SimCounter } from '#test/simulation/counter.ts'
import { loseDisk, noteForked } from '#test/simulation/lost.ts'
import { crash, type Sale, type World } from '#test/simulation/world.ts'
import { sellAt } from './sales.ts'
import { at, powerBack, round, type Step, type Steps } from './step.ts'

/** The power fails in the middle of what the counter does next. */
async function powerCut(world: World, step: Step, runStep: Run): Promise<void> {
  const counter = at(world, step.a)
  const wasAway = world.network.away.has(counter.name)
  world.power = { counter, commits: step.b % 4, image: null, wasAway }
  const kind = ['sale', 'topUp', 'refund', 'debit', 'redeem', 'enrol', 'sync', 'sale'][step.c % 8] ?? 'sale'
  await runStep(world, { ...step, kind, b: step.b + 1, c: step.c + 3 })
  await powerBack(world, counter)
  world.power = null
}

/** A disk with no room: the sale is refused and leaves nothing; with room again all goes on. */
async function fullDisk(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const { db } = counter.engine.counter
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db)
  await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count ?? 1)}`.execute(db)
  for (let n = 0; n < 3; n += 1) await sellAt(world, counter, { ...step, b: step.b + n, c: step.c + n })
  await sql`pragma max_page_count = 1073741823`.execute(db)
}

/** The disk is put back as it is, under a new epoch; what it had sent since is at the server (R11). */
export async function putBackAs(counter: SimCounter, image: string): Promise<void> {
  await counter.stop()
  counter.dataDir = image
  await restoreBackup(image, counter.file, Date.now())
  await counter.start()
  counter.givenUp = false
}

/**
 * From a copy made now, or from one made some time ago: what was never sent since is lost with the disk. And sometimes from
 * the same copy once more, which knows nothing of the first time.
 */
async function restoreCounter(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  if (counter.twin) return
  const [image, same] = [world.freshDir(), world.freshDir()]
  for (const dir of [image, same]) counter.imageInto(dir)
  const { told } = counter
  const sold: Sale[] = []
  if (step.b % 2 === 0) {
    for (let n = 1; n <= 3; n += 1) {
      const sale = await sellAt(world, counter, { ...step, b: step.b + n, c: step.c + 5 * n })
      if (sale) sold.push(sale)
    }
    if (step.b % 4 === 0) await round(world, counter)
    await loseDisk(world, counter, image)
    world.clock.pass(60_000)
  }
  await putBackAs(counter, image)
  await askAfter(world, counter, sold, told)
  if (step.c % 3 > 0) return
  await round(world, counter)
  for (let n = 1; n <= 2; n += 1) await sellAt(world, counter, { ...step, b: step.b + n, c: step.c + 7 * n })
  await loseDisk(world, counter, same)
  await putBackAs(counter, same)
}

/** A screen has had no answer, and asks again: what the server has is done, or nobody can say so yet; never is it not done. */
async function askAfter(
  world: World,
  counter: SimCounter,
  sold: readonly Sale[],
  epoch: EpochId | undefined,
): Promise<void> {
  for (const { event } of sold) {
    const there = world.server.database.db.selectFrom('event').select('id').where('id', '=', event)
    if (!(await there.executeTakeFirst())) continue
    const told = counter.screen.transactions.told({ id: event, epoch })
    const answer = await told.then(({ event: done }) => done, refusalCode)
    if (answer !== event && answer !== 'mayBeForgotten') throw new Error(`sale ${event} is not known: ${answer}`)
  }
}

function refusalCode(error: unknown): string {
  if (error instanceof ORPCError && error.code === 'REFUSED') return Refusal.parse(error.data).code
  throw error
}

/**
 * A disk is copied into a second machine, and both sell, until the server has proof of it and a manager closes the epoch:
 * one machine is thrown away, the other goes on under an epoch of its own (R11).
 */
async function twin(world: World, step: Step): Promise<void> {
  const one = at(world, step.a)
  if (one.twin) return settleTwin(world, one, step.b % 2 === 0)
  if (one.givenUp || one.frozen || world.counters.some((counter) => counter.twin)) return
  const other = one.copyIn(world.freshDir())
  world.network.speaker = other.name
  await other.start()
  await other.screen.settings.update({ printer: null, claimBaseUrl: null, language: 'zh-TW' })
  one.twin = other
  other.twin = one
  world.counters.push(other)
}

/** Both have been heard: what is proved is proved, and one of them goes. */
export async function settleTwin(world: World, one: SimCounter, keepOne: boolean): Promise<void> {
  const other = one.twin
  if (!other) return
  const { holder } = one
  const both = [one, other]
  for (const machine of [...both, ...both]) {
    world.network.away.delete(machine.name)
    await round(world, machine)
  }
  await checkFork(world, both)
  const [kept, dropped] = keepOne ? [one, other] : [other, one]
  const image = world.freshDir()
  kept.imageInto(image)
  await loseDisk(world, dropped, image)
  await closeEpoch(world.server.ledger, holder, 'lost')
  for (const machine of both) machine.twin = null
  world.counters.splice(world.counters.indexOf(dropped), 1)
  await dropped.stop()
  await putBackAs(kept, image)
  await round(world, kept)
  await noteForked(world, kept)
}

/** Two that wrote different things under one place are found out: the terminal is frozen, and says why. */
async function checkFork(world: World, both: readonly SimCounter[]): Promise<void> {
  const [one, other] = await Promise.all(both.map(lastEvents))
  const forked = [...(one ?? [])].some(([seq, hash]) => other?.has(seq) && other.get(seq) !== hash)
  const terminal = both[0]?.holder.terminal ?? ''
  const row = await world.server.database.db
    .selectFrom('terminal')
    .selectAll()
    .where('id', '=', terminal)
    .executeTakeFirst()
  if (forked !== (row?.status === 'frozen'))
    throw new Error(
      `${row?.name} is ${row?.status}, and its disk ${forked ? 'has' : 'does not have'} a twin that forked`,
    )
}

async function lastEvents({ engine, holder }: SimCounter): Promise<Map<number, string>> {
  const own = engine.counter.db.selectFrom('event').select(['seq', 'hash']).where('epoch', '=', holder.epoch)
  return new Map((await own.execute()).map(({ seq, hash }) => [seq, hash]))
}

type Run = (world: World, step: Step) => Promise<void>

export const disks = (runStep: Run): Steps => ({
  powerCut: { odds: 3, run: (world, step) => powerCut(world, step, runStep) },
  crash: { odds: 2, run: async (world, step) => crash(world, at(world, step.a)) },
  fullDisk: { odds: 1, run: fullDisk },
  restoreCounter: { odds: 1, run: restoreCounter },
  twin: { odds: 2, run: twin },
})
