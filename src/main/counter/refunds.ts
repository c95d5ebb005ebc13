/** Undoing a sale, top-up, debit or coupon redeemed by itself whole (R5), and finding it again to do so. */
import type { TransactionWanted } from '#core/contract/sync.ts'
import type { Done, EndedView, TransactionView } from '#core/contract/views.ts'
import { Amount, LotId, type BusinessDate, type EventId, type StaffId } from '#core/ids.ts'
import { happenedAt, type LedgerEvent } from '#core/ledger/event.ts'
import {
  bringsBack,
  endedOnReturn,
  nameOf,
  spentBy,
  type Bringing,
  type CameBack,
  type Ended,
} from '#core/ledger/plan/reissue.ts'
import {
  goesBack,
  isEndedBonus,
  isOwn,
  isReversible,
  planReversal,
  REVERSIBLE,
  undoingAt,
  type Reversible,
} from '#core/ledger/plan/reversal.ts'
import { promiseOf } from '#core/ledger/moved.ts'
import { ownedBy, type Holder } from '#core/ledger/account.ts'
import { planned, type Planned } from '#core/ledger/refusal.ts'
import { eventById, eventRowById, eventsIn } from '#storage/event.repository.ts'
import { balancesOf, lotFromRow } from '#storage/ledger.repository.ts'
import { memberById } from '#storage/member.repository.ts'
import type { EventTable, LedgerName } from '#storage/schema.ts'
import { eventsOf } from './chain.ts'
import { NOTHING, run, type Needs } from './commands.ts'
import type { Counter } from './counter.ts'
import { epochsOf } from './epochs.ts'
import { summaryOf } from './member-view.ts'
import { meta } from './meta.ts'

const RECENT = 30

/** A transaction, and whether it has been undone already, here or elsewhere, as far as is known. */
export type Found = { event: Reversible; reversed: boolean }

/** This counter's own, or, with the server's help, another's. */
export async function findReversible(counter: Counter, id: EventId): Promise<Found | null> {
  const row = await eventRowById(counter.db.$pickTables<LedgerName>(), id)
  return find(counter, row ? [row] : [], { event: id })
}

/** The one behind a receipt's code. */
export async function findByReceipt(counter: Counter, code: string): Promise<TransactionView | null> {
  const rows = await counter.db.selectFrom('event').selectAll().where('receipt', '=', code).execute()
  const found = await find(counter, rows, { receipt: code })
  return found && viewOf(counter, found)
}

/** What has left this counter may have been undone at another, which only the server can say. */
async function find(counter: Counter, rows: readonly EventTable[], wanted: TransactionWanted): Promise<Found | null> {
  const here = eventsIn(rows).find(isReversible)
  const reversed = here ? await isReversed(counter, here) : false
  const askFor = !here || (!reversed && (await mayHaveLeft(counter, counter.db, here)))
  const there = askFor ? await counter.elsewhere(here ? { event: here.id } : wanted) : null
  const event = here ?? there?.event ?? null
  return event && isReversible(event) ? { event, reversed: reversed || (there?.reversed ?? false) } : null
}

async function isReversed({ db }: Pick<Counter, 'db'>, { id }: Reversible): Promise<boolean> {
  const row = await db.selectFrom('reversal').select('event_id').where('event_id', '=', id).executeTakeFirst()
  return row !== undefined
}

/** What the approval limit is measured by. No amount says whether a gift that was handed over has come back. */
export const amountAtStake = (event: Reversible): number =>
  event.kind === 'coupon.redeemed' ? Infinity : goesBack(event).total

export async function refund(
  counter: Counter,
  id: EventId,
  { event, reversed }: Found,
  reason: string,
  approvedBy: StaffId | null,
): Promise<Planned<Done>> {
  const done = await run(counter, {
    id,
    member: event.body.member,
    approvedBy,
    undoes: event,
    needs: needsOf({ event, reversed }, counter.moment().today),
    async plan(context, member, { trx }) {
      const ledger = trx.$pickTables<LedgerName>()
      const undone = undoingAt(context.holder, event, context.today)
      const touched = undone.map(({ from }) => from).filter((account) => ownedBy(account, context.holder))
      const sent = await mayHaveLeft(counter, trx, event)
      const plan = planReversal(context, event, reason, {
        sent,
        reversed: reversed || (await isReversed({ db: trx }, event)),
        offline: !counter.rights.online(),
        elsewhere: member?.elsewhere(event.lots.map((lot) => lot.id)) ?? [],
        // Of an epoch that is over, only what was never sent is surely nobody else's (R11).
        own: sent && !counter.rights.mayUseKept() ? new Map() : await balancesOf(ledger, touched),
      })
      if (!plan.ok) return plan
      await trx.insertInto('reversal').values({ event_id: event.id, reversed_by: id }).execute()
      const back = spentBy(event, counter.shop().programme).map((one) => ({ refund: id, ...one }))
      if (back.length > 0) await trx.insertInto('lot_returned').values(back).execute()
      return plan
    },
  })
  if (!done.ok) return done
  const made = await eventById(counter.db.$pickTables<LedgerName>(), id)
  return made ? planned({ ...done.value, ended: (await endedBy(counter, made)).map(endedView) }) : done
}

/** What a reversal brought back into lots that had ended by its day, as far as these are known here. */
export async function endedBy(counter: Counter, reversal: LedgerEvent): Promise<Ended[]> {
  const back = bringsBack(reversal) ? await cameBack(counter, reversal) : []
  return endedOf(counter, back, reversal.businessDate)
}

async function endedOf({ db }: Counter, back: readonly CameBack[], on: BusinessDate): Promise<Ended[]> {
  if (back.length === 0) return []
  const ids = back.map(({ lot }) => lot)
  const lots = await db.selectFrom('lot').selectAll().where('id', 'in', ids).execute()
  return endedOnReturn(back, on, lots.map(lotFromRow))
}

export const endedView = ({ lot: { id, asset }, amount, name }: Ended): EndedView => ({
  lot: id,
  asset,
  amount: Amount.parse(amount),
  name,
})

async function cameBack(counter: Counter, { id, body }: Bringing): Promise<CameBack[]> {
  const kept = await counter.db.selectFrom('lot_returned').selectAll().where('refund', '=', id).execute()
  if (kept.length > 0) return kept.map(({ lot, amount, name }) => ({ lot: LotId.parse(lot), amount, name }))
  // None, or of a refund that an earlier program has made, or a lost file.
  const undone = await findReversible(counter, body.reverses)
  return undone ? spentBy(undone.event, counter.shop().programme) : []
}

/** Money goes back only against value in hand: a top-up's lots whole, a bonus too while it lasts. */
function needsOf({ event, reversed }: Found, today: BusinessDate): Needs {
  if (event.kind !== 'value.toppedUp' || reversed) return NOTHING
  const lots = event.lots.filter((lot) => !isEndedBonus(lot, today))
  return { amounts: [], lots: lots.map(({ id, quantity }) => ({ lot: id, amount: quantity })) }
}

/** What was sent is known by its place in this epoch's chain; of what other epochs did, nothing is (R11). */
async function mayHaveLeft(counter: Counter, db: Counter['db'], event: Reversible): Promise<boolean> {
  if (!isOwn(counter.ledger.holder, event)) return true
  return event.seq <= Math.max((await meta.sent.read(db)) ?? 0, counter.ack())
}

export async function recentTransactions(counter: Counter): Promise<TransactionView[]> {
  const { db, identity } = counter
  const rows: EventTable[] = []
  for await (const epoch of epochsOf(db, identity)) {
    rows.push(...(await latestIn(db, { ...identity, epoch }, RECENT - rows.length)))
    if (rows.length === RECENT) break
  }
  const views: TransactionView[] = []
  for (const event of eventsIn(rows).filter(isReversible)) {
    views.push(await viewOf(counter, { event, reversed: await isReversed(counter, event) }))
  }
  return views
}

/** By their places in the chain, which no clock has moved; its index answers that. */
const latestIn = (db: Counter['db'], holder: Holder, limit: number): Promise<EventTable[]> =>
  eventsOf(db, holder).selectAll().where('kind', 'in', REVERSIBLE).orderBy('seq', 'desc').limit(limit).execute()

async function viewOf(counter: Counter, { event, reversed }: Found): Promise<TransactionView> {
  const ledger = counter.db.$pickTables<LedgerName>()
  const { programme } = counter.shop()
  const member = event.body.member ? await memberById(ledger, event.body.member) : undefined
  const ending = await endedOf(counter, spentBy(event, programme), counter.moment().today)
  return {
    event: event.id,
    kind: event.kind,
    receipt: event.kind === 'coupon.redeemed' ? null : event.body.receipt,
    coupon: event.kind === 'coupon.redeemed' ? nameOf(programme, event.body.asset) : null,
    at: happenedAt(event),
    businessDate: event.businessDate,
    staffName: counter.shop().staff.find((one) => one.id === event.staff)?.name ?? '',
    member: member ? summaryOf(counter, member) : null,
    lines: event.kind === 'sale.completed' ? event.body.lines : [],
    discounts:
      event.kind === 'sale.completed' ? event.body.discounts.map(({ name, amount }) => ({ name, amount })) : [],
    ...goesBack(event),
    bonus: event.kind === 'value.toppedUp' ? event.body.bonus : Amount.parse(0),
    claim: promiseOf(event),
    ending: ending.map(endedView),
    reversed,
    sent: await mayHaveLeft(counter, counter.db, event),
    madeAt: counterNameOf(counter, event),
  }
}

function counterNameOf({ shop, ledger }: Counter, { terminal }: Reversible): string | null {
  return terminal === ledger.holder.terminal ? null : (shop().counters.get(terminal) ?? terminal)
}
