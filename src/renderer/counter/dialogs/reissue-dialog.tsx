/** A manager's PIN for giving a coupon anew. */
import { useTranslation } from 'react-i18next'
import type { ExpiredCouponView } from '#core/contract/views.ts'
import type { EventId } from '#core/ids.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { ApprovalStep, type Approval } from './approval.tsx'
import styles from './dialogs.module.css'
import { FailureLine, needsApproval } from './failure-line.tsx'

export function ReissueDialog({ refund, coupon }: { refund: EventId; coupon: ExpiredCouponView }) {
  const { t } = useTranslation()
  const { client } = useTerminal()
  const { command, reissue } = useDesk()
  const wrong = needsApproval(command.failure)

  async function approve(approval: Approval): Promise<void> {
    await command.send({
      ask: () => client.coupons.reissue({ refund, lot: coupon.lot, approval }),
      done: (result) => reissue(coupon.lot, result),
    })
  }
  return (
    <div className={styles.stack} tabIndex={-1} data-autofocus>
      <p className={styles.soft}>{t('reissue.expired', { name: coupon.name })}</p>
      {!wrong && <FailureLine command={command} />}
      <ApprovalStep busy={command.busy} wrong={wrong} onApprove={(approval) => void approve(approval)} />
    </div>
  )
}
