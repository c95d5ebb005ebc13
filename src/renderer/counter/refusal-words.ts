/** Why something cannot be done here and now, in words. */
import type { TFunction } from 'i18next'
import type { CouponView, Status } from '#core/contract/views.ts'
import { WITHHELD } from '#core/contract/withheld.ts'
import { BusinessDate } from '#core/ids.ts'
import { assetKind } from '#core/ledger/asset.ts'
import type { HeldElsewhere, Refusal } from '#core/ledger/refusal.ts'
import type { Formats } from '#renderer/ui/format.ts'

export type Why = { title: string; detail: string }

/** What the server can be asked at this moment changes what words are true. */
export type Line = Pick<Status, 'online' | 'frozen'>

/** Where else a coupon is, or why it is out of reach. */
export function couponWhere(coupon: Pick<CouponView, 'elsewhere'>, t: TFunction, line: Line): string {
  const where = places(coupon.elsewhere, t)
  return where ? t('refusal.couponHeldAt', { where }) : t(`refusal.coupon${beyond(line)}`)
}

/** Why the server is of no help: it cannot be reached, or it gives this counter nothing. */
const beyond = ({ online, frozen }: Line) => (online && frozen !== null ? 'Withheld' : 'Offline')

function places(elsewhere: readonly HeldElsewhere[], t: TFunction): string {
  return [...new Set(elsewhere.map((held) => held.counter))].join(t('common.listSeparator'))
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
export function refusalWords(refusal: Refusal, t: TFunction, formats: Formats, line: Line): Why {
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
): Why {
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
