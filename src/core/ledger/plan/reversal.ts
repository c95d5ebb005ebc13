/** Reversals (R5): the exact inverse of one earlier event, whole. */
import { Amount, type BusinessDate } from '#core/ids.ts'
import { cashAsset } from '#core/ledger/asset.ts'
import {
  drawerOf,
  inKeepingOf,
  isLot,
  isSameHolder,
  lotOf,
  outsideCash,
  ownedBy,
  type Holder,
} from '#core/ledger/account.ts'
import { balanceIn, overdrawn, type Book } from '#core/ledger/book.ts'
import type { Draft, EventOf, LedgerEvent } from '#core/ledger/event.ts'
import type { Tender } from '#core/ledger/event-body.ts'
import { isExpired, type Lot } from '#core/ledger/lot.ts'
import { planned, refuse, type HeldElsewhere, type Planned } from '#core/ledger/refusal.ts'
import { inverse, type Transfer } from '#core/ledger/transfer.ts'
import type { PlanContext } from './context.ts'

/** The kinds that can be undone. */
export const REVERSIBLE = ['sale.completed', 'value.toppedUp', 'value.debited', 'coupon.redeemed'] as const
export type Reversible = EventOf<(typeof REVERSIBLE)[number]>

export const isReversible = (event: LedgerEvent): event is Reversible => REVERSIBLE.some((kind) => kind === event.kind)

/** Those that undo what was paid: money goes back, and there is a receipt. */
const REFUNDS = ['sale.refunded', 'value.topUpRefunded', 'value.debitRefunded'] as const
type Refund = EventOf<(typeof REFUNDS)[number]>
/** An event that undoes another. */
export type Reversal = Refund | EventOf<'coupon.unredeemed'>

export const isRefund = (event: LedgerEvent): event is Refund => REFUNDS.some((kind) => kind === event.kind)

export type ReversalState = {
  /** Whether the event may have left this counter already. */
  sent: boolean
  reversed: boolean
  offline: boolean
  /** Who else has something of the lots that it gave. */
  elsewhere: HeldElsewhere[]
  /** Balances of this counter's own accounts that the event touched. */
  own: Book
}

const KIND = {
  'sale.completed': 'sale.refunded',
  'value.toppedUp': 'value.topUpRefunded',
  'value.debited': 'value.debitRefunded',
} as const

export function planReversal(
  context: PlanContext,
  event: Reversible,
  reason: string,
  state: ReversalState,
): Planned<Draft> {
  if (state.reversed) return refuse({ code: 'alreadyReversed' })
  const whole = undoing(context, event, state)
  if (event.kind === 'value.toppedUp' && !whole) {
    const missing = Amount.parse(missingOf(context, event, state.own))
    return refuse({ code: 'valueNotHere', missing, elsewhere: state.elsewhere, offline: state.offline })
  }
  const undone = { reverses: event.id, mode: whole ? ('own' as const) : ('consequence' as const), reason }
  if (event.kind === 'coupon.redeemed') {
    const { member, asset } = event.body
    return planned({ kind: 'coupon.unredeemed', body: { ...undone, member, asset }, lots: [], transfers: whole ?? [] })
  }
  const { total, tenders } = goesBack(event)
  return planned({
    kind: KIND[event.kind],
    body: {
      ...undone,
      receipt: context.receipt,
      member: event.body.member,
      tenders,
      total,
    },
    lots: [],
    transfers: whole ?? cashBack(context, tenders),
  })
}

/** Whether the event is of this very chain: another terminal's, or another epoch's, is not this counter's to undo. */
export const isOwn = (holder: Holder, event: Reversible): boolean => isSameHolder(event, holder)

/**
 * The transfers that undo the event whole, when this counter may: it is its own and it never sent it (so no one else has
 * built on it), or it is a top-up, whoever's, whose lots are all in hand; and what it gave is here.
 */
function undoing({ holder, today }: PlanContext, event: Reversible, { sent, own }: ReversalState): Transfer[] | null {
  if (event.kind !== 'value.toppedUp' && (sent || !isOwn(holder, event))) return null
  const undo = undoingAt(holder, event, today)
  const ours = undo.filter(({ from }) => ownedBy(from, holder) && isLot(from))
  return overdrawn(own, ours) ? null : undo
}

/**
 * The inverse of an event on this day, out of this counter's accounts where it went into its writer's. Of a bonus that has
 * ended nothing is left to take: what was paid for its top-up is all there without it.
 */
export function undoingAt(holder: Holder, event: Reversible, on: BusinessDate): Transfer[] {
  const ended = new Set<string | null>(event.lots.filter((lot) => isEndedBonus(lot, on)).map(({ id }) => id))
  return inverse(event.transfers)
    .filter(({ from }) => !ended.has(lotOf(from)))
    .map((transfer) => ({
      ...transfer,
      from: inKeepingOf(holder, transfer.from, event),
      to: inKeepingOf(holder, transfer.to, event),
    }))
}

export const isEndedBonus = (lot: Lot, on: BusinessDate): boolean => lot.terms.source === 'bonus' && isExpired(lot, on)

function missingOf({ holder, today }: PlanContext, event: Reversible, own: Book): number {
  return undoingAt(holder, event, today)
    .filter(({ from }) => isLot(from) && ownedBy(from, holder))
    .reduce((missing, { from, asset, amount }) => missing + Math.max(0, amount - balanceIn(own, from, asset)), 0)
}

/** What the customer gets back, and how. Cash that was no more than changed is back already. */
export function goesBack(event: Reversible): { total: Amount; tenders: Tender[] } {
  if (event.kind === 'coupon.redeemed') return { total: Amount.parse(0), tenders: [] }
  if (event.kind === 'sale.completed') {
    const { total, tenders } = event.body
    return { total, tenders: tenders.filter(({ amount }) => amount > 0) }
  }
  if (event.kind === 'value.toppedUp') return { total: Amount.parse(event.body.paid), tenders: [event.body.tender] }
  const amount = Amount.parse(event.body.amount)
  return { total: amount, tenders: [{ kind: 'storedValue', amount }] }
}

function cashBack({ holder, programme }: PlanContext, tenders: readonly Tender[]): Transfer[] {
  const { currency } = programme.money
  return tenders.flatMap((tender) =>
    tender.kind === 'cash' && tender.amount > 0
      ? [
          {
            asset: cashAsset(currency),
            from: drawerOf(holder.terminal),
            to: outsideCash(currency),
            amount: tender.amount,
          },
        ]
      : [],
  )
}
