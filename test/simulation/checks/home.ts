/** When everyone has come home: all agree with the server, and the server with the model. */
import { sql, type Kysely } from 'kysely'
import { parseAccount, Account } from '#core/ledger/account.ts'
import { readEvent } from '#core/ledger/event.ts'
import type { Db } from '#server/ledger/database.ts'
import { readCursor } from '#server/ledger/cursor.ts'
import { openEpochs } from '#server/intake/chain.ts'
import { faultsOf } from '#server/ledger/prove.ts'
import { heldFromText } from '#storage/ledger.repository.ts'
import type { SimCounter } from '#test/simulation/counter.ts'
import { comeBack, setFrozen } from '#test/simulation/steps/bad-days.ts'
import { settleTwin } from '#test/simulation/steps/disks.ts'
import { checkNotices } from '#test/simulation/steps/notices.ts'
import { round } from '#test/simulation/steps/step.ts'
import type { World } from '#test/simulation/world.ts'
import { checkCounter, checkPapers } from './counter.ts'
import { compareModel } from './model.ts'

/** 1, 2, 12 at the server. */
export async function checkServer(world: World): Promise<void> {
  const faults = await faultsOf(world.server.database.db)
  if (faults.length > 0) throw new Error(`the server does not prove: ${faults[0]}`)
}

/** Brings everyone home, and compares everything. */
export async function checkHome(world: World): Promise<void> {
  await bringHome(world)
  await checkServer(world)
  const { db } = world.server.database
  const lots = await lotsIn(db)
  const members = await membersIn(db)
  const owed = await owedIn(db)
  const branched = await enrolledInBranches(db)
  for (const counter of world.counters) {
    await checkCounter(counter)
    await checkPapers(counter)
    if (counter.engine.unsynced() > 0) throw new Error(`${counter.name} still has ${counter.engine.unsynced()} to send`)
    agree(counter, 'lot', await lotsIn(counter.engine.counter.db), lots)
    const known = await membersIn(counter.engine.counter.db)
    agree(counter, 'member', new Map([...known].filter(([id]) => !branched.has(id))), members)
    agree(counter, 'debt', await owedAt(counter), owed)
    await compareHeld(counter, lots)
    await checkCards(counter)
  }
  await checkNothingOpen(world)
  await checkEpochs(world)
  checkNotices(world)
  await compareModel(world)
}

const TURNS = 20

async function bringHome(world: World): Promise<void> {
  const { network, counters } = world
  network.away.clear()
  network.mishap = null
  for (const counter of counters) if (counter.frozen) await setFrozen(world, counter, false)
  const twin = counters.find((one) => one.twin)
  if (twin) await settleTwin(world, twin, true)
  for (const counter of counters) if (counter.givenUp) await comeBack(world, counter)
  for (let turn = 0, before = -1; ; turn += 1) {
    for (const counter of counters) {
      const through = await round(world, counter)
      await world.server.inbox.workOff()
      const { frozen } = counter.engine.sync.connection()
      if ((!through || frozen !== null) && turn > 1)
        throw new Error(`${counter.name} does not get through: ${frozen}`, { cause: counter.errors.at(-1) })
    }
    const { seq } = await readCursor(world.server.database.db)
    if (seq === before && turn > 2) return
    if (turn > TURNS) throw new Error('they never come to rest')
    before = seq
  }
}

/** Everything granted has been accepted, and nothing was put aside but what a fork's branch holds. */
async function checkNothingOpen({ server, model }: World): Promise<void> {
  const { db } = server.database
  const grant = await db
    .selectFrom('grant_made')
    .innerJoin('terminal_epoch as at', (join) =>
      join.onRef('at.terminal', '=', 'grant_made.terminal').onRef('at.epoch', '=', 'grant_made.epoch'),
    )
    .select('grant_made.id')
    .where('accepted', '=', 0)
    .where('at.closed_at', 'is', null)
    .executeTakeFirst()
  if (grant) throw new Error(`grant ${grant.id} was never accepted`)
  const aside = await db
    .selectFrom('quarantine')
    .select(['terminal', 'seq', 'reason'])
    .where('reason', '<>', 'forked')
    .executeTakeFirst()
  if (aside) throw new Error(`put aside: ${JSON.stringify(aside)}`)
  const waiting = await db.selectFrom('waiting').selectAll().execute()
  // A refund of a sale that went down with a fork's branch has nothing to undo.
  const strange = waiting.find(({ event_id, wants }) => model.done.has(event_id) && !model.gone.has(wants))
  if (strange) throw new Error(`event ${strange.event_id} still waits for ${strange.wants}`)
}

/** A counter at work has one epoch; whatever others of it held is free. */
async function checkEpochs({ server, counters }: World): Promise<void> {
  const { db } = server.database
  for (const { name, holder } of counters) {
    const open = await openEpochs(db, holder.terminal)
    const others = open.filter(({ epoch }) => epoch !== holder.epoch)
    if (others.length > 0) throw new Error(`${name} works under ${holder.epoch}, and ${others[0]?.epoch} is open too`)
  }
}

type Rows = ReadonlyMap<string, string>

async function rowsOf<T>(db: Kysely<T>, query: ReturnType<typeof sql<{ id: string; is: string }>>): Promise<Rows> {
  const { rows } = await query.execute(db)
  return new Map(rows.map(({ id, is }) => [id, is]))
}

const lotsIn = <T>(db: Kysely<T>): Promise<Rows> =>
  rowsOf(db, sql`select id, free || ' ' || held as "is" from lot where free > 0 or held <> '[]'`)

const membersIn = <T>(db: Kysely<T>): Promise<Rows> =>
  rowsOf(db, sql`select id, card || ' ' || tier || ' ' || spent || ' ' || coalesce(root, '') as "is" from member`)

const owedIn = (db: Db): Promise<Rows> =>
  rowsOf(db, sql`select account as id, -amount || '' as "is" from balance where account like 'debt:%' and amount < 0`)

const owedAt = ({ engine }: SimCounter): Promise<Rows> =>
  rowsOf(
    engine.counter.db,
    sql`select 'debt:' || member || ':' || asset as id, amount || '' as "is" from owed where amount > 0`,
  )

/** Whom others may know still: their enrolment was the server's until it was put back, and a twin took its place (R11, R12). */
async function enrolledInBranches(db: Db): Promise<Set<string>> {
  const rows = await db.selectFrom('quarantine').select('text').where('reason', '=', 'forked').execute()
  return new Set(
    rows.flatMap(({ text }) => {
      const read = readEvent(text)
      return read.ok && read.event.kind === 'member.enrolled' ? [read.event.body.member] : []
    }),
  )
}

/** 5. */
function agree({ name }: SimCounter, what: string, here: Rows, there: Rows): void {
  for (const id of new Set([...here.keys(), ...there.keys()])) {
    const [a, b] = [here.get(id), there.get(id)]
    if (a !== b) throw new Error(`${name} and the server do not agree: ${what} ${id} is ${a} here and ${b} there`)
  }
}

/** What a counter holds by its own books is what the server thinks it holds. */
async function compareHeld({ name, engine, holder }: SimCounter, lots: Rows): Promise<void> {
  const { terminal, epoch } = holder
  const rows = await engine.counter.db
    .selectFrom('balance')
    .selectAll()
    .where('account', 'like', `lot:%@${terminal}.${epoch}`)
    .where('amount', '>', 0)
    .execute()
  const here = new Map(
    rows.map(({ account, amount }) => {
      const parts = parseAccount(Account.parse(account))
      return [parts.kind === 'held' ? parts.lot : '', amount]
    }),
  )
  for (const [id, is] of lots) {
    const held = heldFromText(is.slice(is.indexOf(' ') + 1))
    const there = held.find((one) => one.terminal === terminal && one.epoch === epoch)?.amount ?? 0
    if ((here.get(id) ?? 0) !== there)
      throw new Error(`${name} holds ${here.get(id) ?? 0} of lot ${id}; the server thinks ${there}`)
  }
}

/** Of members who turned out to be one, every card finds the one. */
async function checkCards({ name, engine, screen }: SimCounter): Promise<void> {
  const merged = await engine.counter.db
    .selectFrom('member')
    .select(['card', 'root'])
    .where('root', 'is not', null)
    .execute()
  for (const { card, root } of merged) {
    const [found] = await screen.members.find({ query: card })
    if (found?.id !== root) throw new Error(`at ${name} card ${card} finds ${found?.id}, not ${root}`)
  }
}
