/** A member as the counter's screen shows them: holdings with what of each can be used here, now. */
import { sql } from 'kysely'
import { z } from 'zod'
import { VisitView, type CouponView, type Holding, type MemberPanel, type MemberSummary } from '#core/contract/views.ts'
import { Amount, BusinessDate, CardNumber, CouponTemplateId, MemberId, type EventId, type LotId } from '#core/ids.ts'
import { couponTemplateOf, POINTS, stampAsset, valueAsset, type Asset } from '#core/ledger/asset.ts'
import { byUse, isExpired } from '#core/ledger/lot.ts'
import type { Floor } from '#core/ledger/floor.ts'
import type { HeldElsewhere } from '#core/ledger/refusal.ts'
import type { Standing } from '#core/ledger/standing.ts'
import { couponName, couponTemplate, tierOf } from '#core/loyalty/programme.ts'
import { personOf } from '#storage/member.repository.ts'
import type { LedgerName, MemberTable } from '#storage/schema.ts'
import type { Counter } from './counter.ts'
import { unacknowledged } from './epochs.ts'
import { floorFor } from './floor.ts'
import { lessLent, lotsOfMember, outOfHand, type LotHere } from './holdings.ts'
import type { Acknowledged } from './meta.ts'
import { standingOf } from './standing.ts'

const RECENT = 5

export function summaryOf(counter: Counter, row: MemberTable): MemberSummary {
  const tier = tierOf(counter.shop().programme, row.tier)
  return {
    id: MemberId.parse(row.id),
    name: row.name,
    phone: row.phone,
    card: CardNumber.parse(row.card),
    tier: tier.id,
    tierName: tier.name,
  }
}

/** The panel of the person a member is: at this moment, or as an open transaction has written it. */
export async function panelOf(counter: Counter, row: MemberTable, trx?: Counter['db']): Promise<MemberPanel> {
  // At one moment: a page that came in between two readings would count twice what was handed back.
  if (!trx) return counter.db.transaction().execute((moment) => panelOf(counter, row, moment))
  const person = await personOf(trx.$pickTables<LedgerName>(), row)
  const lots = await lotsOfMember(trx, counter.ledger.holder, counter.ack(), idsOf(person))
  const { standing } = await standingOf(counter, trx, person)
  return panelWith(counter, person, { standing, lots }, trx)
}

export type Person = readonly [MemberTable, ...MemberTable[]]
export const idsOf = (person: Person): string[] => person.map(({ id }) => id)

/** The same, where all that is known of the person is at hand. */
export async function panelWith(
  counter: Counter,
  person: Person,
  { standing, lots }: { standing: Standing; lots: readonly LotHere[] },
  db = counter.db,
): Promise<MemberPanel> {
  const [row, ...merged] = person
  const { programme } = counter.shop()
  const view = lotsView(counter, lots, await floorFor(counter, db, idsOf(person)))
  return {
    ...summaryOf(counter, { ...row, tier: standing.tier }),
    joinedOn: BusinessDate.parse(row.joined_on),
    birthday: BusinessDate.safeParse(row.birthday).data ?? null,
    note: person.flatMap(({ note }) => note || []).join('\n'),
    blocked: row.blocked === 1,
    onLine: person.some((one) => one.on_line === 1),
    mergedCards: merged.map(({ card }) => CardNumber.parse(card)),
    points: { ...view.holding(POINTS), owed: await owedBy(db, idsOf(person), POINTS) },
    storedValue: view.holding(valueAsset(programme.money.currency)),
    stamps: programme.stampCards.map((card) => ({
      card: card.id,
      name: card.name,
      size: card.size,
      holding: view.holding(stampAsset(card.id)),
      rewardName: couponTemplate(programme, card.reward)?.name ?? '',
    })),
    coupons: view.coupons(),
    recent: await recentVisits(counter, person, db),
    unsynced: row.seq === 0,
  }
}

/** What a person owes, by the server's last word. */
async function owedBy(db: Counter['db'], ids: readonly string[], asset: Asset): Promise<Amount> {
  const rows = await db
    .selectFrom('owed')
    .select('amount')
    .where('member', 'in', ids)
    .where('asset', '=', asset)
    .execute()
  return sum(rows.map(({ amount }) => amount))
}

/**
 * Reads lots as holdings: totals, what is usable here, where the rest is, what ends next. Expired lots are left out, and
 * what the store has lent.
 */
export function lotsView(counter: Counter, lots: readonly LotHere[], floor: Floor | null) {
  const { today } = counter.moment()
  const { programme, counters } = counter.shop()
  const online = counter.rights.online()
  const here = counter.rights.mayUseKept() ? lots : outOfHand(lots)
  const unexpired = here.filter(({ lot }) => !isExpired(lot, today))
  const live = floor ? lessLent(unexpired, floor.lent) : unexpired
  const usable = ({ own, free }: LotHere) => own + (online ? free : 0)
  const total = (here: LotHere) => here.own + here.free + here.elsewhere.reduce((sum, one) => sum + one.amount, 0)

  /** What can be had of what is not usable here: from other counters while connected, else lent by the store (R9). */
  const beyond = (asset: Asset, rest: number) => (online ? rest : Math.min(rest, floor?.left(asset) ?? 0))

  function elsewhere(of: readonly LotHere[]): HeldElsewhere[] {
    const byCounter = new Map<string, number>()
    for (const { terminal, amount } of of.flatMap((one) => one.elsewhere)) {
      const name = counters.get(terminal) ?? terminal
      byCounter.set(name, (byCounter.get(name) ?? 0) + amount)
    }
    return [...byCounter].map(([name, amount]) => ({ counter: name, amount: Amount.parse(amount) }))
  }

  function holding(asset: Asset): Holding {
    const of = live.filter(({ lot }) => lot.asset === asset)
    const [next] = of.filter(({ lot }) => lot.expiresOn !== null).toSorted((a, b) => byUse(a.lot, b.lot))
    const on = next?.lot.expiresOn ?? null
    const ending = of.filter(({ lot }) => lot.expiresOn === on)
    return {
      asset,
      total: sum(of.map(total)),
      usableHere: sum(of.map(usable)),
      inHand: sum(of.map(({ own }) => own)),
      reachable: Amount.parse(sum(of.map(usable)) + beyond(asset, sum(of.map(total)) - sum(of.map(usable)))),
      elsewhere: elsewhere(of),
      nextExpiry: on === null ? null : { on, amount: sum(ending.map(total)) },
    }
  }

  function coupons(): CouponView[] {
    return live
      .filter((here) => total(here) > 0)
      .toSorted((a, b) => byUse(a.lot, b.lot))
      .flatMap((here) => {
        const template = couponTemplateOf(here.lot.asset)
        if (template === null) return []
        return [
          {
            lot: here.lot.id,
            code: here.lot.code,
            template: CouponTemplateId.parse(template),
            name: couponName(programme, template),
            expiresOn: here.lot.expiresOn,
            usableHere: usable(here) > 0,
            reachable: online || usable(here) > 0,
            elsewhere: elsewhere([here]),
          },
        ]
      })
  }

  const elsewhereOf = (ids: readonly LotId[]) => elsewhere(lots.filter(({ lot }) => ids.includes(lot.id)))

  return { holding, coupons, elsewhere: elsewhereOf }
}

const sum = (amounts: readonly number[]): Amount => Amount.parse(amounts.reduce((total, one) => total + one, 0))

const Visits = z.array(VisitView)

/** The server's list of visits, with this counter's own since, and without those it has undone since. */
async function recentVisits(counter: Counter, person: Person, db: Counter['db']): Promise<VisitView[]> {
  const told = person.flatMap(({ recent }) => Visits.parse(JSON.parse(recent)))
  const known = await notReversed(told, db)
  const seen = new Set<EventId>(known.map((visit) => visit.event))
  const later: VisitView[] = []
  for (const chain of await unacknowledged(counter, db)) later.push(...(await visitsSince(chain, person, db)))
  return [...later.filter((visit) => !seen.has(visit.event)), ...known].toSorted((a, b) => b.at - a.at).slice(0, RECENT)
}

async function visitsSince({ epoch, ack }: Acknowledged, person: Person, db: Counter['db']): Promise<VisitView[]> {
  const { rows } = await sql<VisitView>`
    select id as event, occurred_at as at, store, json_extract(text, '$.body.total') as total
    from event indexed by event_sold
    where member in (${sql.join(idsOf(person))}) and seq > ${ack} and epoch = ${epoch}
      and kind in ('sale.completed', 'sale.refunded') and kind = 'sale.completed'
      and id not in (select event_id from reversal)
    order by seq desc limit ${RECENT}`.execute(db)
  return rows.map((row) => VisitView.parse(row))
}

async function notReversed(visits: readonly VisitView[], db: Counter['db']): Promise<readonly VisitView[]> {
  if (visits.length === 0) return visits
  const ids = visits.map((visit) => visit.event)
  const rows = await db.selectFrom('reversal').select('event_id').where('event_id', 'in', ids).execute()
  const reversed = new Set<string>(rows.map((one) => one.event_id))
  return visits.filter((visit) => !reversed.has(visit.event))
}
