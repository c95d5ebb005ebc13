/** What of an event stands on its receipt. */
import { Amount } from '#core/ids.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { isOwnReversal } from '#core/ledger/event-about.ts'
import type { ReceiptRef, SaleLine, Tender } from '#core/ledger/event-body.ts'
import { stampsIn, takenBackIn } from '#core/ledger/moved.ts'
import { isRefund } from '#core/ledger/plan/reversal.ts'
import type { Receipt } from './receipt.ts'

export type Content = {
  kind: Receipt['kind']
  receipt: ReceiptRef
  lines: readonly SaleLine[]
  total: number
  tenders: readonly Tender[]
}

/** Null for what has no receipt. */
export function contentOf(event: LedgerEvent): Content | null {
  if (isRefund(event)) return { ...event.body, kind: isOwnReversal(event) ? 'void' : 'refund', lines: [] }
  switch (event.kind) {
    case 'sale.completed':
      return { ...event.body, kind: 'sale' }
    case 'value.toppedUp': {
      const { receipt, paid, tender } = event.body
      return { kind: 'topUp', receipt, lines: [], total: paid, tenders: [tender] }
    }
    case 'value.debited': {
      const { receipt, amount } = event.body
      const tenders: Tender[] = [{ kind: 'storedValue', amount: Amount.parse(amount) }]
      return { kind: 'debit', receipt, lines: [], total: amount, tenders }
    }
    default:
      return null
  }
}

export function tenderOnPaper(tender: Tender): Receipt['tenders'][number] {
  const { kind, amount } = tender
  if (tender.kind === 'cash') return { kind, amount, tendered: tender.received, change: tender.change }
  return tender.kind === 'points' ? { kind, amount, points: tender.points } : { kind, amount }
}

export function earnedOnPaper(event: LedgerEvent): Receipt['earned'] {
  if (event.kind === 'sale.completed') {
    const { earned } = event.body
    return { points: earned.points, stamps: stampsIn(earned) }
  }
  const { points, stamps } = takenBackIn(event)
  return { points: -points, stamps: -stamps }
}
