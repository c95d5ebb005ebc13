/** The model's opinion against the server's books, when everything is home. */
import { sql } from 'kysely'
import type { Db } from '#server/ledger/database.ts'
import { CARD_SIZE, WELCOME_POINTS, type Counted } from '#test/simulation/model.ts'
import type { World } from '#test/simulation/world.ts'
import { allBelongings } from './belongings.ts'

const COUNTED: readonly Counted[] = ['points', 'value', 'stamp']

/** What every member of the world has as it begins. */
export async function learnBeginning(world: World): Promise<void> {
  const rows = await world.server.database.db
    .selectFrom('lot')
    .select(['member', 'asset', 'free'])
    .where('member', 'in', world.members)
    .execute()
  for (const { member, asset, free } of rows) {
    const counted = COUNTED.find((one) => asset.split(':')[0] === one)
    if (counted) world.model.tell({ member, asset: counted, change: free, why: 'at first', event: null })
  }
}

/** What counters were told stays true: members have what they were told, coupons are used as often as they were told to be. */
export async function compareModel(world: World): Promise<void> {
  const { db } = world.server.database
  const counts = await countingEvents(world)
  const roots = await rootsOf(db)
  const root = (member: string) => roots.get(member) ?? member
  const due = new Map<string, number>()
  const add = (member: string, asset: Counted, change: number) => {
    const key = `${root(member)} ${asset}`
    due.set(key, (due.get(key) ?? 0) + change)
  }
  for (const { member, asset, change, event } of world.model.told) if (counts(event)) add(member, asset, change)
  for (const { member, amount } of await giftsTakenBack(db)) add(member, 'points', -amount)
  const has = await allBelongings(db)
  for (const [key, amount] of due) {
    const real = has.get(key) ?? 0
    if (real === amount) continue
    const story = world.model.told
      .filter(({ member, asset, event }) => `${root(member)} ${asset}` === key && counts(event))
      .map(({ change, why }) => `  ${change > 0 ? '+' : ''}${change} ${why}`)
    throw new Error(`${key}: has ${real}, and was told ${amount}:\n${story.join('\n')}`)
  }
  await compareCoupons(world, counts)
  await checkGiven(world, counts)
  await checkFullCards(db)
}

/** 3: whether an event is at the server, once. Throws for one that is nowhere though its disk is not lost. */
async function countingEvents({ model, server }: World): Promise<(event: string | null) => boolean> {
  const rows = await server.database.db.selectFrom('event').select('id').execute()
  const there = new Set(rows.map(({ id }) => id))
  const receipts = new Set<string>()
  for (const [event, { machine, receipt }] of model.done) {
    if (!there.has(event) && !model.gone.has(event))
      throw new Error(`event ${event}, told as done at ${machine}, is not at the server`)
    if (!there.has(event) || receipt === null) continue
    if (receipts.has(receipt)) throw new Error(`receipt ${receipt} was given twice`)
    receipts.add(receipt)
  }
  return (event) => event === null || (there.has(event) && there.has(model.undoes.get(event) ?? event))
}

async function rootsOf(db: Db): Promise<Map<string, string>> {
  const rows = await db.selectFrom('member').select(['id', 'root']).where('root', 'is not', null).execute()
  return new Map(rows.map(({ id, root }) => [id, root ?? id]))
}

/**
 * R10: of two welcomes of one person one is taken back, as far as it is still there; never more. What counters held of it at
 * the time is due, and is taken as it comes home: by then all of it that has not been spent.
 */
async function giftsTakenBack(db: Db): Promise<{ member: string; amount: number }[]> {
  const { rows } = await sql<{ member: string; amount: number }>`
    with merged as materialized (select id, member, text from event where kind = 'member.merged'),
    taken as (
      select merged.id, transfer.amount from merged join transfer on transfer.event_id = merged.id
      where transfer.to_account = 'revoked:points'
      union all select merged.id, json_extract(said.value, '$.amount') - due.amount
      from merged, json_each(merged.text, '$.body.due') as said
      join due on due.cause = merged.id and due.lot = json_extract(said.value, '$.lot') where due.asset = 'points'
    )
    select merged.member, sum(taken.amount) as amount from merged join taken on taken.id = merged.id
    group by merged.id`.execute(db)
  for (const { member, amount } of rows)
    if (amount > WELCOME_POINTS) throw new Error(`the merge of ${member} has taken ${amount} points of a welcome`)
  const kept = await sql<{ lot: string }>`
    select lot.id as lot from due join lot on lot.id = due.lot
    where due.amount > 0 and json_extract(lot.terms, '$.source') = 'welcome' and (lot.free > 0 or lot.held <> '[]')
  `.execute(db)
  const [left] = kept.rows
  if (left) throw new Error(`${left.lot} was given twice to one person, and was not taken when it was home`)
  return rows
}

/** 7: a coupon is used as often as cashiers were told, and once at most, but for what a store has lent. */
async function compareCoupons({ model, server }: World, counts: (event: string) => boolean): Promise<void> {
  const used = new Map<string, number>()
  for (const { lot, change, event } of model.coupons) if (counts(event)) used.set(lot, (used.get(lot) ?? 0) + change)
  const { rows } = await sql<{ lot: string; used: number; lent: number }>`
    with uses as (
      select substr(from_account, 5) as account, amount from transfer where asset like 'coupon:%' and to_account like 'redeemed:%'
      union all select substr(to_account, 5), -amount from transfer where asset like 'coupon:%' and from_account like 'redeemed:%'
    ), sums as (
      select case when instr(account, '@') > 0 then substr(account, 1, instr(account, '@') - 1) else account end as lot, amount
      from uses
    )
    select lot, sum(amount) as used,
      coalesce((select sum(loan.amount - loan.repaid) from loan where loan.thing = sums.lot), 0) as lent
    from sums group by lot`.execute(server.database.db)
  const real = new Map(rows.map((row) => [row.lot, row]))
  for (const lot of new Set([...used.keys(), ...real.keys()])) {
    const [told, { used: is, lent }] = [used.get(lot) ?? 0, real.get(lot) ?? { used: 0, lent: 0 }]
    if (told !== is) throw new Error(`coupon ${lot} is used ${is} times, and was told to be ${told} times`)
    if (is > 1 + lent) throw new Error(`coupon ${lot} is used ${is} times, and ${lent} were lent`)
  }
}

/** What was given anew is one coupon, there once. */
async function checkGiven({ model, server }: World, counts: (event: string) => boolean): Promise<void> {
  for (const event of model.given.filter(counts)) {
    const lots = await server.database.db.selectFrom('lot').selectAll().where('id', 'like', `${event}.%`).execute()
    if (lots.length !== 1 || lots[0]?.quantity !== 1) throw new Error(`event ${event} gave ${lots.length} coupons anew`)
  }
}

/** R10: no full card waits, and none was rewarded twice. */
async function checkFullCards(db: Db): Promise<void> {
  const full = await sql<{ member: string; free: number }>`
    select coalesce(member.root, member.id) as member, sum(free) as free from lot join member on member.id = lot.member
    where asset = 'stamp:coffee' group by 1 having sum(free) >= ${CARD_SIZE}`.execute(db)
  const [waiting] = full.rows
  if (waiting) throw new Error(`${waiting.member} has ${waiting.free} stamps, and no reward`)
  const twice = await sql<{ member: string; nth: string }>`
    select member, substr(text, instr(text, '"occasion":"coffee:') + 19, 3) as nth from event
    where kind = 'reward.given' and instr(text, '"occasion":"coffee:') > 0 group by 1, 2 having count(*) > 1`.execute(
    db,
  )
  const [again] = twice.rows
  if (again) throw new Error(`${again.member} was given the reward of card ${again.nth} twice`)
}
