import type { CouponView, EndedView, TransactionView } from '#core/contract/views.ts'
import type { EventId } from '#core/ids.ts'

/** The one dialog that may be open over the counter. */
export type Dialog =
  | { kind: 'find'; query: string }
  | { kind: 'enrol'; name: string; phone: string }
  | { kind: 'topUp' | 'debit' | 'adjust' }
  | { kind: 'coupon'; coupon: CouponView }
  | { kind: 'refund'; transaction: TransactionView | null }
  | { kind: 'doubts' | 'signOut' }
  /** A command left without an answer by a page that is gone is asked about. */
  | { kind: 'left' }
  | { kind: 'reissue'; refund: EventId; ended: EndedView }
