/** The member's coupons, each a tap from being used; one that cannot be used here says why. */
import { IconCheck, IconGift, IconTicket } from '#renderer/ui/icons.ts'
import { useTranslation } from 'react-i18next'
import type { CouponView } from '#core/contract/views.ts'
import { couponTemplate } from '#core/loyalty/programme.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import styles from './member-panel.module.css'

export function CouponChips({ coupons }: { coupons: readonly CouponView[] }) {
  const { t } = useTranslation()
  if (coupons.length === 0) return <p className={styles.recent}>{t('member.noCoupons')}</p>
  return (
    <div className={styles.coupons} role="group" aria-label={t('member.coupons')}>
      {coupons.map((coupon) => (
        <CouponChip key={coupon.lot} coupon={coupon} />
      ))}
    </div>
  )
}

function CouponChip({ coupon }: { coupon: CouponView }) {
  const { t } = useTranslation()
  const { programme, formats, status } = useTerminal()
  const { cart, act, open, tell } = useDesk()
  const applied = cart.coupons.some((one) => one.lot === coupon.lot)
  const isGift = couponTemplate(programme, coupon.template)?.kind.type === 'gift'
  const Icon = applied ? IconCheck : isGift ? IconGift : IconTicket

  function press(): void {
    if (!coupon.reachable) tell({ about: 'couponOff', coupon })
    else if (applied) act({ do: 'dropCoupon', lot: coupon.lot })
    else if (isGift) open({ kind: 'coupon', coupon })
    else act({ do: 'coupon', coupon })
  }
  const where = coupon.elsewhere.map((held) => held.counter).join(t('common.listSeparator'))
  const note = coupon.usableHere
    ? coupon.expiresOn && t('coupon.expires', { day: formats.day(coupon.expiresOn) })
    : where
      ? t('member.couponElsewhere', { where })
      : t(status.online ? 'member.couponNotHere' : 'member.couponOffline')
  return (
    <button
      type="button"
      className={styles.coupon}
      data-off={!coupon.reachable || undefined}
      aria-pressed={applied}
      onClick={press}
    >
      <Icon size={18} />
      <span>{coupon.name}</span>
      {note && <small>{note}</small>}
    </button>
  )
}
