/** What the cashier is told once an event is on disk; always made from the event, so that a retry hears the same. */
import type { Done, MemberPanel } from '#core/contract/views.ts'
import { Amount } from '#core/ids.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { isLeftToServer, memberOf, receiptOf } from '#core/ledger/event-about.ts'
import type { Tender } from '#core/ledger/event-body.ts'
import { lentIn, promiseOf, stampsIn } from '#core/ledger/moved.ts'
import { isRefund } from '#core/ledger/plan/reversal.ts'
import { memberById } from '#storage/member.repository.ts'
import type { LedgerName } from '#storage/schema.ts'
import type { Counter } from './counter.ts'
import { panelOf } from './member-view.ts'

/** The answer to an event that is on disk already. */
export async function doneBefore(counter: Counter, event: LedgerEvent, trx?: Counter['db']): Promise<Done> {
  const db = trx ?? counter.db
  const memberId = memberOf(event)
  const member = memberId ? await memberById(db.$pickTables<LedgerName>(), memberId) : undefined
  const job = await db
    .selectFrom('print_job')
    .select('id')
    .where('event_id', '=', event.id)
    .where('copy', '=', 0)
    .executeTakeFirst()
  return doneOf(event, member ? await panelOf(counter, member, trx) : null, job?.id ?? null)
}

/** The answer to an event, with its member as it has left them and its receipt's print job. */
export function doneOf(event: LedgerEvent, member: MemberPanel | null, printJob: string | null): Done {
  return {
    event: event.id,
    receipt: receiptOf(event),
    ...moneyOf(event),
    claim: promiseOf(event),
    returned: isRefund(event) ? event.body.tenders : [],
    bonus: event.kind === 'value.toppedUp' ? event.body.bonus : Amount.parse(0),
    withSync: isLeftToServer(event),
    moved: movedBy(event),
    lent: lentIn(event),
    ended: [],
    printJob,
    member,
  }
}

function movedBy(event: LedgerEvent): Done['moved'] {
  if (event.kind === 'coupon.redeemed') return { asset: event.body.asset, by: -1 }
  if (event.kind === 'coupon.unredeemed') return { asset: event.body.asset, by: 1 }
  if (event.kind !== 'member.adjusted') return null
  const { asset, direction, amount } = event.body
  return { asset, by: direction === 'grant' ? amount : -amount }
}

const NOTHING_EARNED = { points: Amount.parse(0), stamps: Amount.parse(0) }

function moneyOf(event: LedgerEvent): Pick<Done, 'total' | 'change' | 'earned'> {
  const none = { change: Amount.parse(0), earned: NOTHING_EARNED }
  if (event.kind === 'sale.completed') {
    const { total, tenders, earned } = event.body
    return { total, change: changeOf(tenders), earned: { points: earned.points, stamps: stampsIn(earned) } }
  }
  if (event.kind === 'value.toppedUp') {
    return { ...none, total: Amount.parse(event.body.paid), change: changeOf([event.body.tender]) }
  }
  if (event.kind === 'value.debited') return { ...none, total: Amount.parse(event.body.amount) }
  if (isRefund(event)) return { ...none, total: event.body.total }
  return { ...none, total: Amount.parse(0) }
}

const changeOf = (tenders: readonly Tender[]): Amount =>
  Amount.parse(tenders.reduce((sum, tender) => sum + (tender.kind === 'cash' ? tender.change : 0), 0))
