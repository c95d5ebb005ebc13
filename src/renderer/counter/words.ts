/** A notice in words: what is the matter, and what can be done. */
import type { TFunction } from 'i18next'
import { LINES_LIMIT } from '#core/contract/terminal.ts'
import { assetKind } from '#core/ledger/asset.ts'
import { printedNumber } from '#core/receipt/number.ts'
import type { Tender } from '#core/ledger/event-body.ts'
import type { Refusal } from '#core/ledger/refusal.ts'
import type { Formats } from '#renderer/ui/format.ts'
import { EventId, mintedAt } from '#core/ids.ts'
import type { Ended } from './ended.ts'
import type { Notice } from './notice.ts'
import { couponWhere, refusalWords, type Line, type Why } from './refusal-words.ts'
import { amountOf, type Left } from './order.ts'

export type Words = { tone: 'info' | 'good' | 'warn' | 'bad'; title: string; detail: string }

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
    case 'memberAwaited':
    case 'memberLost':
      return { tone: 'warn', title: t(`notice.${notice.about}`), detail: t(`notice.${notice.about}Detail`) }
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
function leftWords({ order, member }: Left, refusal: Refusal, t: TFunction, formats: Formats, line: Line): Why {
  const amount = amountOf(order)
  const name = t(`left.what.${order.kind}`) + (amount > 0 ? ` ${formats.money(amount)}` : '')
  const what = [name, member, formats.time(mintedAt(EventId.parse(order.input.id)))].filter(Boolean).join(' · ')
  const title = t('left.notDone', { what })
  if (refusal.code === 'notDone') return { title, detail: t(order.kind === 'sale' ? 'left.payAgain' : 'left.again') }
  if (refusal.code === 'mayBeForgotten') return { title: t('left.putOff', { what }), detail: t('left.putOffDetail') }
  const why = refusalWords(refusal, t, formats, line)
  return { title, detail: t('left.why', why) }
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
