/** The invariants (DESIGN §7), over what is on the disks of everyone. Each throws in words what does not hold. */
import { sql } from 'kysely'
import { parseAccount, Account } from '#core/ledger/account.ts'
import { readEvent } from '#core/ledger/event.ts'
import { lentBy } from '#core/ledger/floor.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { faultsOf } from '#server/ledger/prove.ts'
import { heldFromText } from '#storage/ledger.repository.ts'
import { proveBalances, verifyChains } from '#storage/prove.ts'
import type { LedgerName } from '#storage/schema.ts'
import type { SimCounter, World } from './world.ts'

/** 1, 2, 4, 12 at one counter: its own accounts prove and never go below nothing, its chain verifies. */
export async function checkCounter(counter: SimCounter): Promise<void> {
  const { db, ledger } = counter.engine.counter
  const tables = db.$pickTables<LedgerName>()
  const { terminal, epoch } = ledger.holder
  const unproved = await proveBalances(tables, { like: [`lot:%@${terminal}.${epoch}`] })
  if (unproved.length > 0) throw new Error(`${counter.name}: ${JSON.stringify(unproved[0])} does not prove`)
  const broken = await verifyChains(tables)
  if (broken.length > 0) throw new Error(`${counter.name}: its chain is broken: ${JSON.stringify(broken[0])}`)
  const below = await db
    .selectFrom('balance')
    .selectAll()
    .where('amount', '<', 0)
    .where('account', 'like', 'lot:%')
    .execute()
  if (below.length > 0) throw new Error(`${counter.name}: ${below[0]?.account} is below nothing`)
}

/** 6: what a counter lends is within its store's limits, since it last heard the server. */
export async function checkFloor(counter: SimCounter): Promise<void> {
  const { db, ack, ledger } = counter.engine.counter
  const rows = await db
    .selectFrom('event')
    .select('text')
    .where('epoch', '=', ledger.holder.epoch)
    .where('seq', '>', ack())
    .where(sql<boolean>`instr(text, '"risk:') > 0`)
    .execute()
  const byMember = new Map<string, number>()
  for (const { text } of rows) {
    const read = readEvent(text)
    if (!read.ok || !('member' in read.event.body)) continue
    const member = read.event.body.member ?? ''
    byMember.set(member, (byMember.get(member) ?? 0) + lentBy(read.event, POINTS))
  }
  for (const [member, lent] of byMember)
    if (lent > 50) throw new Error(`${counter.name} has lent ${lent} points to ${member}, where 50 is the limit`)
}

/** 1, 2, 12 at the server. */
export async function checkServer(world: World): Promise<void> {
  const faults = await faultsOf(world.server.database.db)
  if (faults.length > 0) throw new Error(`the server does not prove: ${faults[0]}`)
}

/** Brings everyone home, and compares everything: 3, 5, 7 and the model's opinion. */
export async function checkHome(world: World): Promise<void> {
  world.network.away.clear()
  world.network.mishap = null
  for (let round = 0; round < 4; round += 1) {
    for (const counter of world.counters) {
      world.network.speaker = counter.name
      const through = await counter.engine.sync.once()
      if (!through && round > 1)
        throw new Error(`${counter.name} does not get through`, { cause: counter.errors.at(-1) })
    }
  }
  await checkServer(world)
  const { db } = world.server.database
  const lots = await lotsIn(db)
  for (const counter of world.counters) {
    await checkCounter(counter)
    if (counter.engine.unsynced() > 0) throw new Error(`${counter.name} still has ${counter.engine.unsynced()} to send`)
    const here = await lotsIn(counter.engine.counter.db)
    const differs = difference(here, lots)
    if (differs) throw new Error(`${counter.name} and the server do not agree: ${differs}`)
    await compareHeld(counter, lots)
  }
  const open = await db
    .selectFrom('grant_made')
    .innerJoin('terminal', (join) =>
      join.onRef('terminal.id', '=', 'grant_made.terminal').onRef('terminal.epoch', '=', 'grant_made.epoch'),
    )
    .select('grant_made.id')
    .where('accepted', '=', 0)
    .execute()
  if (open.length > 0) throw new Error(`grant ${open[0]?.id} was never accepted`)
  const aside = await db.selectFrom('quarantine').select(['terminal', 'seq', 'reason']).execute()
  if (aside.length > 0) throw new Error(`put aside: ${JSON.stringify(aside[0])}`)
  for (const event of world.model.done.keys()) {
    const found = await db.selectFrom('event').select('id').where('id', '=', event).execute()
    if (found.length !== 1) throw new Error(`event ${event}, told as done, is ${found.length} times at the server`)
  }
  await compareModel(world)
}

type LotRow = { id: string; free: number; held: string }

async function lotsIn(db: unknown): Promise<Map<string, LotRow>> {
  const { rows } = await sql<LotRow>`select id, free, held from lot where free > 0 or held <> '[]' order by id`.execute(
    db as never,
  )
  return new Map(rows.map((row) => [row.id, row]))
}

function difference(here: ReadonlyMap<string, LotRow>, there: ReadonlyMap<string, LotRow>): string | null {
  for (const id of new Set([...here.keys(), ...there.keys()])) {
    const [a, b] = [here.get(id), there.get(id)]
    if (a?.free !== b?.free || a?.held !== b?.held)
      return `lot ${id} is ${JSON.stringify(a)} here and ${JSON.stringify(b)} there`
  }
  return null
}

/** What a counter holds by its own books is what the server thinks it holds. */
async function compareHeld(counter: SimCounter, lots: ReadonlyMap<string, LotRow>): Promise<void> {
  const { db, ledger } = counter.engine.counter
  const { terminal, epoch } = ledger.holder
  const rows = await db
    .selectFrom('balance')
    .selectAll()
    .where('account', 'like', `lot:%@${terminal}.${epoch}`)
    .execute()
  const here = new Map(
    rows
      .filter(({ amount }) => amount > 0)
      .map(({ account, amount }) => {
        const parts = parseAccount(Account.parse(account))
        return [parts.kind === 'held' ? parts.lot : '', amount]
      }),
  )
  for (const { id, held } of lots.values()) {
    const there = heldFromText(held).find((one) => one.terminal === terminal && one.epoch === epoch)?.amount ?? 0
    if ((here.get(id) ?? 0) !== there)
      throw new Error(`${counter.name} holds ${here.get(id) ?? 0} of lot ${id}; the server thinks ${there}`)
  }
}

/** What members have, less what they owe and what was lent for them, is what they were told. */
async function compareModel(world: World): Promise<void> {
  const { db } = world.server.database
  const { rows } = await sql<{ member: string; asset: string; amount: number }>`
    with gone as materialized (select asset, from_account, amount from transfer where to_account like 'expired:%')
    select member, asset, sum(amount) as amount from (
      select member, asset, free as amount from lot
      union all select lot.member, lot.asset, json_extract(part.value, '$.amount') from lot, json_each(lot.held) as part
      union all select substr(account, 6, 36), asset, amount from balance where account like 'debt:%'
      union all select member, asset, repaid - amount from loan where reason in ('floor', 'closedEpoch', 'restored')
      union all select lot.member, gone.asset, gone.amount from gone join lot on lot.id = substr(gone.from_account, 5)
    ) group by member, asset`.execute(db)
  const has = new Map(rows.map(({ member, asset, amount }) => [`${member} ${asset.split(':')[0]}`, amount]))
  for (const member of world.members) {
    for (const asset of ['points', 'value'] as const) {
      const due = world.model.of(member, asset)
      const real = has.get(`${member} ${asset}`) ?? 0
      if (real !== due) {
        const story = world.model.told.filter((one) => one.member === member && one.asset === asset)
        const lines = story.map(({ change, why }) => `  ${change > 0 ? '+' : ''}${change} ${why}`).join('\n')
        throw new Error(`${member} has ${real} ${asset}, and was told ${due}:\n${lines}`)
      }
    }
  }
}

/** What every member of the world has as it begins. */
export async function learnBeginning(world: World): Promise<void> {
  const rows = await world.server.database.db
    .selectFrom('lot')
    .select(['member', 'asset', 'free'])
    .where('member', 'in', world.members)
    .execute()
  for (const { member, asset, free } of rows) {
    if (asset === 'points') world.model.tell(member, 'points', free, 'at first')
    if (asset.startsWith('value:')) world.model.tell(member, 'value', free, 'at first')
  }
}
