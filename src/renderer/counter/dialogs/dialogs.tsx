/** The one dialog that is open, if any. */
import { Modal } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { padOf, type Dialog } from '#renderer/counter/dialog.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { NoticeCard } from '#renderer/counter/home/notice-card.tsx'
import { AdjustDialog } from './adjust-dialog.tsx'
import { CouponDialog } from './coupon-dialog.tsx'
import { DebitDialog } from './debit-dialog.tsx'
import { DoubtsDialog } from './doubts-dialog.tsx'
import { EnrolDialog } from './enrol-dialog.tsx'
import { FindDialog } from './find-dialog.tsx'
import { LeftDialog } from './left-dialog.tsx'
import { RefundDialog } from './refund-dialog.tsx'
import { ReissueDialog } from './reissue-dialog.tsx'
import { SignOutDialog } from './sign-out-dialog.tsx'
import { TopUpDialog } from './top-up-dialog.tsx'
import { Unknown } from './unknown.tsx'

export function Dialogs() {
  const { t } = useTranslation()
  const { command, dialog, passing, open } = useDesk()
  if (!dialog) return null
  return (
    <Modal
      opened
      onClose={() => open(null)}
      title={<strong>{t(`${dialog.kind}.title`)}</strong>}
      size={padOf(dialog) ? 760 : 600}
      closeButtonProps={{ 'aria-label': t('common.close'), size: 44 }}
    >
      {dialog.kind !== 'reissue' && <NoticeCard notice={passing} />}
      <div hidden={command.uncertain}>
        <Content dialog={dialog} />
      </div>
      {command.uncertain && <Unknown command={command} />}
    </Modal>
  )
}

function Content({ dialog }: { dialog: Dialog }) {
  const { cart } = useDesk()
  switch (dialog.kind) {
    case 'find':
      return <FindDialog initial={dialog.query} />
    case 'enrol':
      return <EnrolDialog initial={dialog} />
    case 'refund':
      return <RefundDialog key={dialog.transaction?.event} transaction={dialog.transaction} />
    case 'doubts':
      return <DoubtsDialog />
    case 'signOut':
      return <SignOutDialog />
    case 'left':
      return <LeftDialog />
    case 'reissue':
      return <ReissueDialog refund={dialog.refund} ended={dialog.ended} />
    case 'coupon':
      return <CouponDialog coupon={dialog.coupon} />
    case 'topUp':
      return cart.member && <TopUpDialog member={cart.member} />
    case 'debit':
      return cart.member && <DebitDialog member={cart.member} />
    case 'adjust':
      return cart.member && <AdjustDialog member={cart.member} />
  }
}
