/** A notice in words: what is the matter, and what can be done. */
import type { TFunction } from 'i18next'
import { LINES_LIMIT } from '#core/contract/terminal.ts'
import type { CouponView, Status } from '#core/contract/views.ts'
import { WITHHELD } from '#core/contract/withheld.ts'
import { assetKind } from '#core/ledger/asset.ts'
import { printedNumber } from '#core/receipt/number.ts'
import type { Tender } from '#core/ledger/event-body.ts'
import type { HeldElsewhere, Refusal } from '#core/ledger/refusal.ts'
import type { Formats } from '#renderer/ui/format.ts'
import { BusinessDate, EventId, mintedAt } from '#core/ids.ts'
import type { Ended } from './ended.ts'
import type { Notice } from './notice.ts'
import { amountOf, type Left } from './order.ts'

export type Words = { tone: 'info' | 'good' | 'warn' | 'bad'; title: string; detail: string }

/** What the server can be asked at this moment changes what words are true. */
export type Line = Pick<Status, 'online' | 'frozen'>

export function noticeWords(notice: Notice, t: TFunction, formats: Formats, line: Line): Words {
  switch (notice.about) {
    case 'refusal':
      return {
        tone: 'warn',
        ...(notice.left
          ? leftWords(notice.left, notice.refusal, t, formats, line)
          : refusalWords(notice.refusal, t, formats, line)),
      }
    case 'storage':
      return { tone: 'bad', title: t('storage.title'), detail: t(`storage.${notice.reason}`) }
    case 'scan':
      return scanWords(notice, t, formats)
    case 'couponOff':
      return {
        tone: 'warn',
        title: t('notice.couponOff', { name: notice.coupon.name }),
        detail: couponWhere(notice.coupon, t, line),
      }
    case 'finished':
      return finishedWords(notice, t, formats, line)
    case 'enrolled':
      return { tone: 'good', title: t('notice.enrolled', { name: notice.member.name }), detail: '' }
    case 'memberTaken':
      return { tone: 'info', title: t('notice.memberTaken', { name: notice.member.name }), detail: '' }
    case 'reprinting':
      return { tone: 'info', title: t('notice.reprinting'), detail: '' }
    case 'nothingToPrint':
      return { tone: 'info', title: t('notice.nothingToPrint'), detail: '' }
    case 'cartFull':
      return {
        tone: 'warn',
        title: notice.of === 'lines' ? t('notice.linesFull', { limit: LINES_LIMIT }) : t('notice.cartFull'),
        detail:
          notice.notAdded > 0
            ? t('notice.notAdded', { amount: formats.money(notice.notAdded) })
            : t('notice.cartFullDetail'),
      }
    case 'finishFirst':
      return {
        tone: 'warn',
        title: t('notice.finishFirst', { what: t(`left.what.${notice.first}`) }),
        detail: t('notice.finishFirstDetail', { scanned: notice.scanned }),
      }
    case 'noneUsable':
      return { tone: 'warn', title: t(notice.offline ? 'notice.noneUsableOffline' : 'notice.noneUsable'), detail: '' }
    case 'uncertain':
    case 'mayBeDone': {
      const why = notice.failure.why === 'storage' ? t(`storage.${notice.failure.reason}`) : ''
      return { tone: 'bad', title: t(`notice.${notice.about}`), detail: t(`notice.${notice.about}Detail`, { why }) }
    }
    case 'unreachable':
    case 'failed':
    case 'invalid':
    case 'signedOut':
      return { tone: 'bad', title: t(`notice.${notice.about}`), detail: t(`notice.${notice.about}Detail`) }
  }
}

/** What was not done, and why; where there was only to ask if it is done, that it can be done again. */
function leftWords(
  { order, member }: Left,
  refusal: Refusal,
  t: TFunction,
  formats: Formats,
  line: Line,
): Omit<Words, 'tone'> {
  const amount = amountOf(order)
  const name = t(`left.what.${order.kind}`) + (amount > 0 ? ` ${formats.money(amount)}` : '')
  const what = [name, member, formats.time(mintedAt(EventId.parse(order.input.id)))].filter(Boolean).join(' · ')
  const title = t('left.notDone', { what })
  if (refusal.code === 'notDone') return { title, detail: t(order.kind === 'sale' ? 'left.payAgain' : 'left.again') }
  if (refusal.code === 'mayBeForgotten') return { title: t('left.putOff', { what }), detail: t('left.putOffDetail') }
  const why = refusalWords(refusal, t, formats, line)
  return { title, detail: t('left.why', why) }
}

/** Where else a coupon is, or why it is out of reach. */
function couponWhere(coupon: Pick<CouponView, 'elsewhere'>, t: TFunction, line: Line): string {
  const where = places(coupon.elsewhere, t)
  return where ? t('refusal.couponHeldAt', { where }) : t(`refusal.coupon${beyond(line)}`)
}

/** Why the server is of no help: it cannot be reached, or it gives this counter nothing. */
const beyond = ({ online, frozen }: Line) => (online && frozen !== null ? 'Withheld' : 'Offline')

function places(elsewhere: readonly HeldElsewhere[], t: TFunction): string {
  return [...new Set(elsewhere.map((held) => held.counter))].join(t('common.listSeparator'))
}

function scanWords({ scan, offline }: Extract<Notice, { about: 'scan' }>, t: TFunction, { day }: Formats): Words {
  switch (scan.kind) {
    case 'claim':
      return {
        tone: 'info',
        title: t('notice.claim', { number: scan.receiptNumber }),
        detail: t('notice.claimDetail', { what: earningWords(scan, t), day: day(scan.expiresOn) }),
      }
    case 'notFound':
      return {
        tone: 'warn',
        title: t(`notice.notFound.${scan.what}`),
        detail: t(`notice.notFoundDetail.${offline && scan.what === 'receipt' ? 'receiptOffline' : scan.what}`, {
          text: scan.text,
        }),
      }
    case 'invoiceCarrier':
      return {
        tone: 'info',
        title: t('notice.invoiceCarrier'),
        detail: t('notice.invoiceCarrierDetail', { text: scan.text }),
      }
    case 'unreadable':
      return {
        tone: 'warn',
        title: t(`notice.${scan.reason}`),
        detail: t(`notice.${scan.reason}Detail`, { text: scan.text.slice(0, 40) }),
      }
  }
}

function finishedWords(
  { finished: { kind, result } }: Extract<Notice, { about: 'finished' }>,
  t: TFunction,
  formats: Formats,
  line: Line,
): Words {
  const amount = formats.money(result.total)
  const name =
    kind === 'sale' || kind === 'topUp' || kind === 'debit' || kind === 'refund'
      ? t(`notice.${kind}`, { amount })
      : t(`done.title.${kind}`)
  const receipt = result.receipt && t('done.receiptNumber', { number: printedNumber(result.receipt) })
  const title = [name, result.member?.name, receipt].filter(Boolean).join(' · ')
  const balance =
    kind === 'topUp' && result.member
      ? t('notice.topUpDetail', { balance: formats.money(result.member.storedValue.total) })
      : ''
  const change = result.change > 0 ? t('notice.change', { amount: formats.money(result.change) }) : ''
  const later = result.withSync && !line.online
  const returned = result.returned.map((tender) => returnedWords(tender, t, formats, later))
  return { tone: 'good', title, detail: [change, balance, ...returned].filter(Boolean).join(' · ') }
}

/** `4 點、1 格`, or nothing. */
export function earningWords(earning: { points: number; stamps: number }, t: TFunction): string {
  return [
    earning.points > 0 ? t('common.points', { count: earning.points }) : '',
    earning.stamps > 0 ? t('common.stamps', { count: earning.stamps }) : '',
  ]
    .filter(Boolean)
    .join(t('common.listSeparator'))
}

/** What a refund gives back of one tender, as the cashier has to do it; `later`: the member's own comes once connected. */
export function returnedWords(tender: Tender, t: TFunction, formats: Formats, later: boolean): string {
  if (tender.kind === 'points') {
    const figures = { count: tender.points, points: formats.number(tender.points) }
    return t(later ? 'refund.pointsBackLater' : 'refund.pointsBack', figures)
  }
  const value = later ? 'refund.valueBackLater' : 'refund.valueBack'
  const back = { cash: 'refund.cashBack', card: 'refund.cardBack', storedValue: value } as const
  return t(back[tender.kind], { amount: formats.money(tender.amount) })
}

/** What came back after its last day, and so cannot be used. */
export function endedWords({ asset, amount, name }: Ended, t: TFunction, formats: Formats): string {
  const kind = assetKind(asset)
  if (kind === 'coupon') return t('reissue.expired', { name })
  return kind === 'points'
    ? t('reissue.pointsExpired', { points: t('common.points', { count: amount }) })
    : t('reissue.valueExpired', { amount: formats.money(amount) })
}

/** What became of a manager's PIN that was not accepted. */
export function triedWords(
  { attemptsLeft, lockedUntil }: { attemptsLeft: number; lockedUntil: number | null },
  t: TFunction,
  formats: Formats,
): string {
  if (lockedUntil !== null) return t('approval.lockedOut', { time: formats.time(lockedUntil) })
  return attemptsLeft > 0 ? t('signIn.wrongPin', { count: attemptsLeft }) : t('approval.wrong')
}

/** Why something cannot be done here and now. */
export function refusalWords(refusal: Refusal, t: TFunction, formats: Formats, line: Line): Omit<Words, 'tone'> {
  switch (refusal.code) {
    case 'insufficient':
      return insufficientWords(refusal, t, formats, line)
    case 'couponUnavailable': {
      const where = places(refusal.elsewhere, t)
      const detail = where
        ? t('refusal.couponHeldAt', { where })
        : t(refusal.offline ? `refusal.coupon${beyond(line)}` : 'refusal.couponUsed')
      return { title: t('refusal.couponUnavailable'), detail }
    }
    case 'couponExpired':
      return {
        title: t('refusal.couponExpired', { day: formats.day(BusinessDate.parse(refusal.expiredOn)) }),
        detail: '',
      }
    case 'couponNotApplicable': {
      const detail = t(`sale.rejected.${refusal.reason}`, { needed: formats.money(refusal.needed), short: '' })
      return { title: t('refusal.couponNotApplicable'), detail: refusal.reason === 'minimumSpend' ? '' : detail }
    }
    case 'couponWithdrawn':
      return {
        title: t('refusal.couponWithdrawn', { name: refusal.name }),
        detail: t('refusal.couponWithdrawnDetail'),
      }
    case 'notPaidInFull':
      return { title: t('refusal.notPaidInFull', { short: formats.money(refusal.due - refusal.paid) }), detail: '' }
    case 'overpaid':
      return { title: t('refusal.overpaid', { over: formats.money(refusal.paid - refusal.due) }), detail: '' }
    case 'amountNotAllowed': {
      const amounts = refusal.allowed.map(formats.money).join(t('common.listSeparator'))
      return { title: t('refusal.amountNotAllowed'), detail: t('refusal.amountNotAllowedDetail', { amounts }) }
    }
    case 'valueNotHere': {
      const why = refusal.offline ? beyond(line) : refusal.elsewhere.length > 0 ? 'Elsewhere' : 'Spent'
      const missing = formats.money(refusal.missing)
      return {
        title: t(`refusal.value${why}`),
        detail: t(`refusal.value${why}Detail`, { missing, where: places(refusal.elsewhere, t) }),
      }
    }
    case 'memberExists':
      return { title: t('refusal.memberExists', { name: refusal.name }), detail: '' }
    case 'frozen':
      return { title: t('refusal.frozen'), detail: frozenWords(refusal.reason, t, 'refusal.frozenDetail') }
    case 'restoring':
    case 'mayBeForgotten':
    case 'notDone':
    case 'memberNeeded':
    case 'memberUnknown':
    case 'saleUnknown':
    case 'nothingToReissue':
    case 'tooLarge':
      return { title: t(`refusal.${refusal.code}`), detail: t(`refusal.${refusal.code}Detail`) }
    case 'nothingToSell':
    case 'alreadyReversed':
    case 'alreadyReissued':
    case 'approvalNeeded':
      return { title: t(`refusal.${refusal.code}`), detail: '' }
  }
}

const KNOWN_REASONS = Object.values(WITHHELD)

/** Why the server gives this counter nothing: what the server itself found out, or a manager's words. */
export function frozenWords(
  reason: string,
  t: TFunction,
  other: 'status.frozen' | 'refusal.frozenDetail' = 'status.frozen',
): string {
  const known = KNOWN_REASONS.find((one) => one === reason)
  return known ? t(`status.withheld.${known}`) : t(other, { reason })
}

function insufficientWords(
  refusal: Extract<Refusal, { code: 'insufficient' }>,
  t: TFunction,
  formats: Formats,
  line: Line,
): Omit<Words, 'tone'> {
  const kind = assetKind(refusal.asset)
  const write = kind === 'value' ? formats.money : formats.number
  const figures = { usable: write(refusal.usableHere), wanted: write(refusal.wanted) }
  const title =
    kind === 'value'
      ? t('refusal.insufficientValue', figures)
      : kind === 'points'
        ? t('refusal.insufficientPoints', figures)
        : t('refusal.insufficientOther', figures)
  const named = (amount: number) => (kind === 'points' ? t('common.points', { count: amount }) : write(amount))
  const total = named(refusal.total)
  const where = refusal.elsewhere
    .map((held) => t('refusal.where', { counter: held.counter, amount: named(held.amount) }))
    .join(t('common.listSeparator'))
  if (where)
    return { title, detail: t(`refusal.restElsewhere${refusal.offline ? beyond(line) : ''}`, { total, where }) }
  const rest = refusal.offline && refusal.total > refusal.usableHere ? beyond(line) : 'None'
  return { title, detail: t(`refusal.rest${rest}`, { total }) }
}
