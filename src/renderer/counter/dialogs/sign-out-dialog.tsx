/** Before what has been rung up is thrown away by signing out. */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useSignOut } from '#renderer/counter/home/use-sign-out.ts'
import { useKeys } from '#renderer/ui/keys.tsx'
import styles from './dialogs.module.css'

export function SignOutDialog() {
  const { t } = useTranslation()
  const { ringing, open } = useDesk()
  const { signOut } = useSignOut()
  useKeys(() => false)
  return (
    <div className={styles.stack}>
      <p>{t('signOut.unpaid', { count: ringing.lines.length })}</p>
      <div className={styles.buttons}>
        <Button variant="default" color="gray" onClick={() => void signOut()}>
          {t('status.signOut')}
        </Button>
        <Button data-autofocus onClick={() => open(null)}>
          {t('common.back')}
        </Button>
      </div>
    </div>
  )
}
