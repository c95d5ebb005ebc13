/** Says what is going on while it is asked what became of what was sent before the page was loaded anew. */
import { useTranslation } from 'react-i18next'
import { useKeys } from '#renderer/ui/keys.tsx'
import styles from './dialogs.module.css'

export function LeftDialog() {
  const { t } = useTranslation()
  useKeys(() => false)
  return (
    <div className={styles.stack} tabIndex={-1} data-autofocus>
      <p className={styles.soft}>{t('left.asking')}</p>
    </div>
  )
}
