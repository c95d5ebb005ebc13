/** Coupons that came back with a refund and had ended: each is said so, and can be given anew (R5). */
import { Button } from '@mantine/core'
import { IconCheck } from '#renderer/ui/icons.ts'
import { useTranslation } from 'react-i18next'
import type { Done, ExpiredCouponView } from '#core/contract/views.ts'
import type { EventId } from '#core/ids.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { FailureLine } from '#renderer/counter/dialogs/failure-line.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { useCommand } from '#renderer/counter/use-command.ts'
import styles from './expired-coupons.module.css'

export function ExpiredCoupons({ result }: { result: Done }) {
  if (result.expiredCoupons.length === 0) return null
  return (
    <ul className={styles.coupons}>
      {result.expiredCoupons.map((coupon) => (
        <Expired key={coupon.lot} refund={result.event} coupon={coupon} />
      ))}
    </ul>
  )
}

function Expired({ refund, coupon }: { refund: EventId; coupon: ExpiredCouponView }) {
  const { t } = useTranslation()
  const { client, status } = useTerminal()
  const { open, reissue, reissued } = useDesk()
  const command = useCommand()

  async function issue(): Promise<void> {
    if (status.staff?.role === 'staff') return open({ kind: 'reissue', refund, coupon })
    await command.send({
      ask: () => client.coupons.reissue({ refund, lot: coupon.lot, approval: null }),
      done: (result) => reissue(coupon.lot, result),
    })
  }
  return (
    <li>
      <div className={styles.coupon}>
        <span>{t('reissue.expired', { name: coupon.name })}</span>
        {reissued.has(coupon.lot) ? (
          <span className={styles.issued} role="status">
            <IconCheck size={20} />
            {t('reissue.done')}
          </span>
        ) : (
          <Button className={styles.issue} variant="default" loading={command.busy} onClick={() => void issue()}>
            {t('reissue.submit')}
          </Button>
        )}
      </div>
      <FailureLine command={command} />
    </li>
  )
}
