/** Undoing a sale, top-up or debit whole (R5), and finding it again to do so. */
import type { Done, TransactionView } from '#core/contract/views.ts'
import { Amount, type EventId, type StaffId } from '#core/ids.ts'
import { happenedAt, readEvent, type LedgerEvent } from '#core/ledger/event.ts'
import { planReversal, type Reversible } from '#core/ledger/plan/reversal.ts'
import { ownedBy } from '#core/ledger/account.ts'
import type { Planned } from '#core/ledger/refusal.ts'
import { balancesOf, eventRowById } from '#storage/ledger.repository.ts'
import { memberById } from '#storage/member.repository.ts'
import type { EventTable, LedgerName } from '#storage/schema.ts'
import { run, type Needs } from './commands.ts'
import type { Counter } from './counter.ts'
import { summaryOf } from './member-view.ts'
import { meta } from './meta.ts'

const RECENT = 30

export async function findReversible(counter: Counter, id: EventId): Promise<Reversible | null> {
  const row = await eventRowById(counter.db.$pickTables<LedgerName>(), id)
  return row ? reversibleIn(row) : null
}

function reversibleIn(row: EventTable): Reversible | null {
  const read = readEvent(row.text)
  return read.ok && isReversible(read.event) ? read.event : null
}

const isReversible = (event: LedgerEvent): event is Reversible =>
  event.kind === 'sale.completed' || event.kind === 'value.toppedUp' || event.kind === 'value.debited'

/** What the customer gets back; also what the approval limit is measured by. */
export function amountOf(event: Reversible): number {
  if (event.kind === 'sale.completed') return event.body.total
  return event.kind === 'value.toppedUp' ? event.body.paid : event.body.amount
}

export function refund(
  counter: Counter,
  id: EventId,
  event: Reversible,
  reason: string,
  approvedBy: StaffId | null,
): Promise<Planned<Done>> {
  return run(counter, {
    id,
    member: event.body.member,
    approvedBy,
    needs: needsOf(event),
    async plan(context, _member, { trx }) {
      const ledger = trx.$pickTables<LedgerName>()
      const touched = event.transfers.map(({ to }) => to).filter((account) => ownedBy(account, context.holder))
      const before = await trx.selectFrom('reversal').selectAll().where('event_id', '=', event.id).executeTakeFirst()
      const plan = planReversal(context, event, reason, {
        sent: (await sentSeq(counter, trx)) >= event.seq,
        reversed: before !== undefined,
        own: await balancesOf(ledger, touched),
      })
      if (plan.ok) await trx.insertInto('reversal').values({ event_id: event.id, reversed_by: id }).execute()
      return plan
    },
  })
}

/** Money goes back only against value in hand: a top-up's lots whole, bonus too. */
function needsOf(event: Reversible): Needs {
  if (event.kind !== 'value.toppedUp') return { amounts: [], lots: [] }
  return { amounts: [], lots: event.lots.map(({ id, quantity }) => ({ lot: id, amount: quantity })) }
}

async function sentSeq(counter: Counter, db: Counter['db']): Promise<number> {
  return Math.max((await meta.sent.read(db)) ?? 0, counter.ack())
}

/** This counter's transaction behind a receipt's code. */
export async function findByReceipt(counter: Counter, code: string): Promise<TransactionView | null> {
  const rows = await counter.db.selectFrom('event').selectAll().where('receipt', '=', code).execute()
  for (const row of rows) {
    const event = reversibleIn(row)
    if (event) return viewOf(counter, event)
  }
  return null
}

export async function recentTransactions(counter: Counter): Promise<TransactionView[]> {
  const rows = await counter.db
    .selectFrom('event')
    .selectAll()
    .where('kind', 'in', ['sale.completed', 'value.toppedUp', 'value.debited'])
    .where('terminal', '=', counter.ledger.holder.terminal)
    .orderBy('seq', 'desc')
    .limit(RECENT)
    .execute()
  const views: TransactionView[] = []
  for (const row of rows) {
    const event = reversibleIn(row)
    if (event) views.push(await viewOf(counter, event))
  }
  return views
}

async function viewOf(counter: Counter, event: Reversible): Promise<TransactionView> {
  const ledger = counter.db.$pickTables<LedgerName>()
  const member = event.body.member ? await memberById(ledger, event.body.member) : undefined
  const reversal = await counter.db
    .selectFrom('reversal')
    .selectAll()
    .where('event_id', '=', event.id)
    .executeTakeFirst()
  return {
    event: event.id,
    kind: event.kind,
    receipt: event.body.receipt,
    at: happenedAt(event),
    businessDate: event.businessDate,
    staffName: counter.shop().staff.find((one) => one.id === event.staff)?.name ?? '',
    member: member ? summaryOf(counter, member) : null,
    lines: event.kind === 'sale.completed' ? event.body.lines : [],
    tenders: tendersOf(event),
    total: Amount.parse(amountOf(event)),
    reversed: reversal !== undefined,
  }
}

function tendersOf(event: Reversible): TransactionView['tenders'] {
  if (event.kind === 'sale.completed') return event.body.tenders
  if (event.kind === 'value.toppedUp') return [event.body.tender]
  return [{ kind: 'storedValue', amount: Amount.parse(event.body.amount) }]
}
