/** A gift coupon: with the sale in hand, or on its own where it asks for no spending. */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { CouponView } from '#core/contract/views.ts'
import { couponTemplate } from '#core/loyalty/programme.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { useKeys } from '#renderer/ui/keys.tsx'
import { newCommand } from '#renderer/ui/new-command.ts'
import styles from './dialogs.module.css'
import { FailureLine } from './failure-line.tsx'

export function CouponDialog({ coupon }: { coupon: CouponView }) {
  const { t } = useTranslation()
  const { programme, formats, status } = useTerminal()
  const { act, command, open, order } = useDesk()
  const template = couponTemplate(programme, coupon.template)
  const alone = template?.minimumSpend === 0
  useKeys(() => false)

  const redeem = () => order({ kind: 'coupon', input: { ...newCommand(status), lot: coupon.lot, note: '' } })
  function toSale(): void {
    act({ do: 'coupon', coupon })
    open(null)
  }
  return (
    <div className={styles.stack}>
      <div>
        <h3 className={styles.headline}>{coupon.name}</h3>
        <p className={styles.soft}>
          {coupon.expiresOn ? t('coupon.expires', { day: formats.day(coupon.expiresOn) }) : t('coupon.neverExpires')}
        </p>
        <p>{template?.terms}</p>
        {alone && <p className={styles.soft}>{t('coupon.redeemHint')}</p>}
      </div>
      <FailureLine command={command} />
      <div className={styles.buttons}>
        <Button
          variant={alone ? 'default' : 'filled'}
          data-autofocus={!alone || undefined}
          onClick={toSale}
          disabled={command.busy}
        >
          {t('coupon.toSale')}
        </Button>
        {alone && (
          <Button data-autofocus onClick={() => void redeem()} loading={command.busy}>
            {t('coupon.redeem')}
          </Button>
        )}
      </div>
    </div>
  )
}
