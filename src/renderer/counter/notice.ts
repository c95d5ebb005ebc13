/** What the screen has to tell, as data; words are made when shown, so that they follow the language. */
import type { StorageFault } from '#core/contract/terminal.ts'
import type { CouponView, MemberPanel, ScanResult } from '#core/contract/views.ts'
import type { Refusal } from '#core/ledger/refusal.ts'
import type { Failure } from '#renderer/ui/outcome.ts'
import type { Finished } from './cart.ts'
import type { Order } from './order.ts'

export type ScanNews = Extract<ScanResult, { kind: 'claim' | 'notFound' | 'invoiceCarrier' | 'unreadable' }>

export type Notice =
  /** `left`: of what was put off, or sent before the page was loaded anew, which nothing else on the screen shows. */
  | { about: 'refusal'; refusal: Refusal; left?: Order }
  | { about: 'storage'; reason: StorageFault }
  | { about: 'scan'; scan: ScanNews }
  | { about: 'couponOff'; coupon: CouponView }
  | { about: 'finished'; finished: Finished }
  | { about: 'enrolled'; member: MemberPanel }
  /** A coupon's owner is served instead of who was. */
  | { about: 'memberTaken'; member: MemberPanel; before: MemberPanel }
  /** A sale, or any other command, that may have been done. */
  | { about: 'uncertain' | 'mayBeDone'; failure: Failure }
  | { about: 'unreachable' | 'failed' | 'invalid' | 'signedOut' | 'reprinting' | 'nothingToPrint' | 'cartFull' }

/** Why something was not done. */
export function noticeOf(failure: Failure, left?: Order): Notice {
  if (failure.why === 'refused') return { about: 'refusal', refusal: failure.refusal, ...(left && { left }) }
  if (failure.why === 'storage') return { about: 'storage', reason: failure.reason }
  return { about: failure.why }
}
