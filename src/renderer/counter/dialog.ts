import type { CouponView, TransactionView } from '#core/contract/views.ts'
import type { EventId } from '#core/ids.ts'
import type { Ended } from './ended.ts'

/** Those with a pad of digits beside what it is for. */
export type PadKind = 'topUp' | 'debit' | 'adjust'

/** The one dialog that may be open over the counter. */
export type Dialog =
  | { kind: 'find'; query: string }
  | { kind: 'enrol'; name: string; phone: string }
  | { kind: PadKind }
  | { kind: 'coupon'; coupon: CouponView }
  | { kind: 'refund'; transaction: TransactionView | null }
  | { kind: 'doubts' | 'signOut' }
  /** A command left without an answer by a page that is gone is asked about. */
  | { kind: 'left' }
  | { kind: 'reissue'; refund: EventId; ended: Ended }

/** What the open dialog has figures for, which a scan must not throw away. */
export const padOf = (dialog: Dialog | null): PadKind | null =>
  dialog?.kind === 'topUp' || dialog?.kind === 'debit' || dialog?.kind === 'adjust' ? dialog.kind : null
