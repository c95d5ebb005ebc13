import { Loader } from '@mantine/core'
import { IconPlugConnectedX } from '#renderer/ui/icons.ts'
import { useTranslation } from 'react-i18next'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import styles from './entry.module.css'

/** Before the first word from the counter's process, and when it has none. */
export function Starting({ alive }: { alive: boolean }) {
  const { t } = useTranslation()
  return <main className={styles.starting}>{alive ? <Loader aria-label={t('status.starting')} /> : <Gone />}</main>
}

/** Over everything while the process does not answer; goes by itself. */
export function GoneBanner() {
  const { alive } = useTerminal()
  return alive ? null : (
    <div className={styles.goneOver}>
      <Gone />
    </div>
  )
}

function Gone() {
  const { t } = useTranslation()
  return (
    <div className={styles.gone} role="alert">
      <IconPlugConnectedX size={40} stroke={1.5} />
      <h1>{t('status.gone')}</h1>
      <p>{t('status.goneDetail')}</p>
    </div>
  )
}
