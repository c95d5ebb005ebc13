/**
 * What a person has, by the server's books: less what they owe and what was lent for them; what ran out counts, as it was
 * theirs, unless it would have been taken back: of what an undone sale gave, what had run out by then is not taken again.
 */
import { sql } from 'kysely'
import type { Db } from '#server/ledger/database.ts'
import type { World } from '#test/simulation/world.ts'
import { CARD_SIZE } from '#test/simulation/model.ts'

type Row = { member: string; asset: string; amount: number }

/** By `<root> <kind of asset>`; stamps that became rewards count among the stamps. */
export async function allBelongings(db: Db): Promise<Map<string, number>> {
  const { rows } = await sql<Row>`
    with gone as materialized (
      select asset, from_account as account, amount, event.rowid as at
      from transfer join event on event.id = transfer.event_id where to_account like 'expired:%'
      union all select asset, to_account, -amount, event.rowid
      from transfer join event on event.id = transfer.event_id where from_account like 'expired:%'),
    refunded as materialized (
      select json_extract(text, '$.body.reverses') as event, max(rowid) as at from event
      where kind in ('sale.refunded', 'value.topUpRefunded', 'reversal.settled') group by 1),
    undone as materialized (
      select event, at from refunded
      union all select event.id, refunded.at from event
        join refunded on refunded.event = json_extract(event.text, '$.body.claim') where event.kind = 'claim.honoured'),
    parts as (
      select member, asset, free as amount from lot
      union all select lot.member, lot.asset, json_extract(part.value, '$.amount') from lot, json_each(lot.held) as part
      union all select substr(account, 6, 36), asset, amount from balance where account like 'debt:%'
      union all select member, asset, repaid - amount from loan where reason in ('floor', 'closedEpoch', 'restored')
      union all select lot.member, gone.asset, gone.amount from gone
        join lot on lot.id = substr(gone.account, 5, instr(gone.account || '@', '@') - 5)
        where not exists (select 1 from undone where event = substr(lot.id, 1, 36) and gone.at < undone.at)
      union all select member, 'stamp:coffee', ${CARD_SIZE} from event
        where kind = 'reward.given' and instr(text, '"occasion":"coffee:') > 0
    )
    select coalesce(member.root, member.id) as member, asset, sum(amount) as amount
    from parts join member on member.id = parts.member
    where asset not like 'coupon:%' group by 1, 2`.execute(db)
  return new Map(rows.map(({ member, asset, amount }) => [`${member} ${asset.split(':')[0]}`, amount]))
}

/** All of one person, in words that are the same if and only if it is. */
export async function belongingsOf(world: World, member: string): Promise<string> {
  const { db } = world.server.database
  const row = await db.selectFrom('member').select('root').where('id', '=', member).executeTakeFirst()
  const root = row?.root ?? member
  const all = await allBelongings(db)
  const coupons = await sql<{ lot: string }>`
    select lot.id as lot from lot join member on member.id = lot.member
    where lot.asset like 'coupon:%' and lot.asset <> 'coupon:free-latte' and (lot.free > 0 or lot.held <> '[]')
      and coalesce(member.root, member.id) = ${root} order by lot.id`.execute(db)
  const counted = ['points', 'value', 'stamp'].map((asset) => all.get(`${root} ${asset}`) ?? 0)
  return [...counted, ...coupons.rows.map(({ lot }) => lot)].join(' ')
}
