/** A member pays with what others keep, and these are there: it is asked back within the checkout (R7). */
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { MemberId } from '#core/ids.ts'
import { isRestoring } from '#server/restore/restored.ts'
import { heldFromText } from '#storage/ledger.repository.ts'
import type { SimCounter } from '#test/simulation/counter.ts'
import type { World } from '#test/simulation/world.ts'
import { isWell } from './bad-days.ts'
import { sellTo, withEverything } from './sales.ts'
import { at, nth, panelOf, round, roundHeldAt, type Step, type Steps } from './step.ts'

/** Far longer than it takes: nothing here depends on the machine. */
const WAIT_MS = 20_000

async function askedBack(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  if (!here(world).includes(counter) || !(await haveComeHome(world))) return
  const member = nth(await keptElsewhere(world, counter), step.b)
  if (!member || !(await panelOf(counter, member))) return
  await restartServer(world, WAIT_MS)
  world.network.meanwhile = (acquiring) => answerRecalls(world, counter, acquiring)
  const sale = await sellTo(world, counter, member, (panel) => withEverything(panel, step))
  world.network.meanwhile = null
  await restartServer(world, 0)
  if (!sale) throw new Error(`${counter.name} could not have all of ${member}'s, with everyone there who keeps any`)
}

async function restartServer(world: World, recallWaitMs: number): Promise<void> {
  await world.stopServer()
  await world.startServer(recallWaitMs)
}

const here = ({ counters, network }: World) => counters.filter((one) => isWell(one) && !network.away.has(one.name))

/** Whether everyone who is here has said and heard all there is. */
async function haveComeHome(world: World): Promise<boolean> {
  const { inbox, database } = world.server
  for (let turn = 0; turn < 3; turn += 1) {
    for (const counter of here(world)) await round(world, counter)
    await inbox.workOff()
  }
  const home = here(world).every(({ engine }) => engine.sync.online() && engine.unsynced() === 0)
  return home && !(await isRestoring(database.db))
}

/** Those of whom others keep something, all of them here. */
async function keptElsewhere(world: World, counter: SimCounter): Promise<MemberId[]> {
  const lots = world.server.database.db
    .selectFrom('lot')
    .innerJoin('member', 'member.id', 'lot.member')
    .select(({ fn }) => ['held', fn.coalesce('member.root', 'member.id').as('person')])
    .where('held', '<>', '[]')
    .orderBy('lot.id')
  const present = new Set(here(world).map(({ holder }) => holder.epoch))
  const kept = new Set<string>()
  const beyond = new Set<string>()
  for (const { person, held } of await lots.execute()) {
    for (const { epoch } of heldFromText(held)) {
      if (epoch !== counter.holder.epoch) kept.add(person)
      if (!present.has(epoch)) beyond.add(person)
    }
  }
  const owing = await whoOwes(world)
  return [...kept].filter((person) => !beyond.has(person) && !owing.has(person)).map((person) => MemberId.parse(person))
}

/** Who owes something, or for whom a store has lent, which counters know nothing of: it is taken from what comes home. */
async function whoOwes({ server }: World): Promise<Set<string>> {
  const { rows } = await sql<{ person: string }>`
    select coalesce(member.root, member.id) as person from member where id in (
      select member from due where amount > 0
      union all select substr(account, 6, 36) from balance where account like 'debt:%' and amount < 0
      union all select member from loan where repaid < amount
    )`.execute(server.database.db)
  return new Set(rows.map(({ person }) => person))
}

/** Whoever is asked hands back; what it does after that waits until the one who asks has its answer. */
async function answerRecalls(world: World, asking: SimCounter, acquiring: Promise<unknown>): Promise<void> {
  const held = new Map<SimCounter, () => Promise<void>>()
  let over = false
  void acquiring.catch(() => undefined).finally(() => (over = true))
  while (!over) {
    const asked = await firstAsked(world, [asking, ...held.keys()])
    if (asked) held.set(asked, await roundHeldAt(world, asked, 'push'))
    else await pause(1)
  }
  for (const goOn of held.values()) await goOn()
  world.network.speaker = asking.name
}

async function firstAsked(world: World, except: readonly SimCounter[]): Promise<SimCounter | undefined> {
  const open = world.server.database.db.selectFrom('recall').select('epoch').where('answered', '=', 0)
  const asked = new Set((await open.where('reason', '=', 'missing').execute()).map(({ epoch }) => epoch))
  return here(world).find((counter) => asked.has(counter.holder.epoch) && !except.includes(counter))
}

export const RECALL: Steps = { askedBack: { odds: 3, run: askedBack } }
