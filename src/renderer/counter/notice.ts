/** What the screen has to tell, as data; words are made when shown, so that they follow the language. */
import type { StorageFault } from '#core/contract/terminal.ts'
import type { CouponView, MemberPanel, ScanResult } from '#core/contract/views.ts'
import type { Refusal } from '#core/ledger/refusal.ts'
import type { Failure } from '#renderer/ui/outcome.ts'
import { typedAmount, type Cart, type Finished } from './cart.ts'
import type { CartAction } from './cart-reducer.ts'
import type { PadKind } from './dialog.ts'
import type { Answer, Left } from './order.ts'

type ScanNews = Extract<ScanResult, { kind: 'claim' | 'notFound' | 'invoiceCarrier' | 'unreadable' }>

export type Notice =
  /** `left`: of what was put off, or sent before the page was loaded anew, which nothing else on the screen shows. */
  | { about: 'refusal'; refusal: Refusal; left?: Left }
  | { about: 'storage'; reason: StorageFault }
  | { about: 'scan'; scan: ScanNews; offline: boolean }
  | { about: 'couponOff'; coupon: CouponView }
  | { about: 'finished'; finished: Finished }
  | { about: 'enrolled'; member: MemberPanel }
  /** A coupon's owner is served instead of who was. */
  | { about: 'memberTaken'; member: MemberPanel; before: MemberPanel }
  /** A sale, or any other command, that may have been done. */
  | { about: 'uncertain' | 'mayBeDone'; failure: Failure }
  /** A sale that is back in hand is not with its member. */
  | { about: 'memberAwaited' | 'memberLost' }
  | { about: 'unreachable' | 'failed' | 'invalid' | 'signedOut' | 'reprinting' | 'nothingToPrint' }
  /** The member has nothing of it that could be used here now. */
  | { about: 'noneUsable'; offline: boolean }
  /** What was scanned while figures are being typed for somebody. */
  | { about: 'finishFirst'; first: PadKind; scanned: string }
  /** `notAdded`: the price that was keyed in vain. */
  | { about: 'cartFull'; of: 'lines' | 'coupons'; notAdded: number }

/** Why something was not done. */
export function noticeOf(failure: Failure, left?: Left): Notice {
  if (failure.why === 'refused') return { about: 'refusal', refusal: failure.refusal, ...(left && { left }) }
  if (failure.why === 'storage') return { about: 'storage', reason: failure.reason }
  return { about: failure.why }
}

/** That something was done which nothing else on the screen shows. */
export const doneNotice = (answer: Answer): Notice =>
  answer.kind === 'enrol' ? { about: 'enrolled', member: answer.member } : { about: 'finished', finished: answer }

/** What became of an order that was left or put off: it may be told at any time, and is said nowhere else. */
export type Report = { of: string; notice: Notice }

/** Those in line with one more: of each order what is known last, and first what the cashier has just put off. */
export function withReport(line: readonly Report[], report: Report): readonly Report[] {
  const at = line.findIndex((one) => one.of === report.of)
  if (at >= 0) return line.with(at, report)
  return isUnknown(report.notice) ? [report, ...line] : [...line, report]
}

const isUnknown = (notice: Notice): boolean => notice.about === 'refusal' && notice.refusal.code === 'mayBeForgotten'

/** That this has no room in the sale. */
export const cartFull = (cart: Cart, action: CartAction): Notice => ({
  about: 'cartFull',
  of: action.do === 'coupon' ? 'coupons' : 'lines',
  notAdded: action.do === 'addTyped' ? typedAmount(cart) : 0,
})
