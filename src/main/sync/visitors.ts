/** Who has been at this counter lately, and what of theirs it may keep a share of (R8). */
import { sql, type Kysely } from 'kysely'
import { SHARE_LIMIT } from '#core/contract/sync.ts'
import { addDays } from '#core/business-date.ts'
import { BusinessDate, MemberId } from '#core/ids.ts'
import { policiesFor, type Stake } from '#core/loyalty/home-share.ts'
import type { HomeShare } from '#core/loyalty/programme.ts'
import type { CounterTables } from '#storage/schema.ts'
import { bySomebody } from '#main/counter/chain.ts'
import type { Counter } from '#main/counter/counter.ts'
import { lotsOfMember } from '#main/counter/holdings.ts'

type Db = Kysely<CounterTables>

/** How many of this counter's own events are looked through: some days' work of a busy one. */
const LATELY = 5_000

/** A recent visitor, the policies that hold for them now, and what they have here and free. */
export type Visitor = { member: MemberId; policies: HomeShare[]; stakes: Stake[] }

/** The latest visitors, as many as one asking may name. */
export async function visitorsWithShare(counter: Counter, db: Db): Promise<Visitor[]> {
  const { homeShare } = counter.shop().programme
  if (homeShare.length === 0) return []
  const { today } = counter.moment()
  const dayOpen = counter.day.isOpen()
  const furthest = Math.max(...homeShare.map(({ recentDays }) => recentDays))
  const last = await lastVisits(counter, db, addDays(today, -furthest))
  const stakes = await stakesOf(counter, db, [...last.keys()])
  return [...last].flatMap(([person, date]) => {
    const policies = policiesFor(homeShare, { last: date, dayOpen }, today)
    return policies.length === 0 ? [] : [{ member: MemberId.parse(person), policies, stakes: stakes.get(person) ?? [] }]
  })
}

/** The day of each visitor's last visit, latest first, by the id that the person goes under. */
async function lastVisits({ ledger }: Counter, db: Db, since: BusinessDate): Promise<Map<string, BusinessDate>> {
  const { terminal, epoch } = ledger.holder
  const { rows } = await sql<{ person: string; day: string }>`
    select coalesce(member.root, event.member) as person, max(event.business_date) as day
    from event left join member on member.id = event.member
    where event.terminal = ${terminal} and event.epoch = ${epoch} and event.seq > ${ledger.head() - LATELY}
      and event.member is not null and ${bySomebody} and event.business_date >= ${since}
    group by person order by max(event.seq) desc limit ${SHARE_LIMIT}`.execute(db)
  return new Map(rows.map(({ person, day }) => [person, BusinessDate.parse(day)]))
}

async function stakesOf({ ledger, ack }: Counter, db: Db, people: readonly string[]): Promise<Map<string, Stake[]>> {
  const ids = db.selectFrom('member').select(['id', 'root'])
  const rows = await ids.where((eb) => eb.or([eb('id', 'in', people), eb('root', 'in', people)])).execute()
  const personOf = new Map(rows.map(({ id, root }) => [id, root ?? id]))
  const stakes = new Map<string, Stake[]>()
  for (const { lot, own, free } of await lotsOfMember(db, ledger.holder, ack(), [...personOf.keys()])) {
    if (own + free === 0) continue
    const person = personOf.get(lot.member) ?? lot.member
    stakes.set(person, [...(stakes.get(person) ?? []), { lot, own, free }])
  }
  return stakes
}
