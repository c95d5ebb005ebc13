/** The state of the world in one line: in words, shape and colour. */
import { ActionIcon, Button } from '@mantine/core'
import {
  IconAlertTriangle,
  IconCloudCheck,
  IconCloudOff,
  IconLock,
  IconLogout,
  IconPrinter,
  IconPrinterOff,
  IconReceipt,
  IconSettings,
} from '#renderer/ui/icons.ts'
import { useRouter } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useDesk } from '#renderer/counter/desk.tsx'
import { LanguageSwitch } from '#renderer/counter/entry/language-switch.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { frozenWords } from '#renderer/counter/refusal-words.ts'
import styles from './status-line.module.css'
import { useSignOut } from './use-sign-out.ts'

export function StatusLine({ onPaper }: { onPaper: (() => void) | null }) {
  const { t } = useTranslation()
  const { client, status, formats } = useTerminal()
  const router = useRouter()
  const { ask } = useSignOut()
  return (
    <header>
      <div className={styles.line}>
        <div className={styles.place}>
          <strong>{status.shop}</strong>
          <span className={styles.counter}>{status.counter}</span>
          <span className={styles.staff}>{status.staff?.name}</span>
        </div>
        <div className={styles.world} role="status">
          {status.dayClosed === null ? (
            <span>{t('status.businessDay', { day: formats.day(status.businessDate) })}</span>
          ) : (
            <span className={styles.warn}>
              <IconLock size={20} />
              {t('status.dayClosed', { day: formats.day(status.dayClosed) })}
            </span>
          )}
          <Connection />
          {!onPaper && <Printer />}
        </div>
        <nav className={styles.tools}>
          {onPaper && (
            <Button variant="light" size="compact-md" leftSection={<IconReceipt size={20} />} onClick={onPaper}>
              {t('status.paper')}
            </Button>
          )}
          <LanguageSwitch client={client} />
          <ActionIcon aria-label={t('status.settings')} onClick={() => void router.navigate({ to: '/settings' })}>
            <IconSettings size={24} stroke={1.6} />
          </ActionIcon>
          <ActionIcon aria-label={t('status.signOut')} onClick={ask}>
            <IconLogout size={24} stroke={1.6} />
          </ActionIcon>
        </nav>
      </div>
      <Troubles />
    </header>
  )
}

/** What someone has to see to; a line of its own, since it matters and is rare. */
function Troubles() {
  const { t } = useTranslation()
  const { status, formats } = useTerminal()
  if (status.frozen === null && status.quarantined === 0 && status.clockSkew === null) return null
  return (
    <p className={styles.troubles} role="alert">
      <IconAlertTriangle size={20} />
      {status.frozen !== null && <span>{frozenWords(status.frozen, t)}</span>}
      {status.quarantined > 0 && <span>{t('status.quarantined', { count: status.quarantined })}</span>}
      {status.clockSkew !== null && (
        <span>
          {t(status.clockSkew > 0 ? 'status.clockSlow' : 'status.clockFast', {
            much: formats.span(Math.abs(status.clockSkew)),
          })}
        </span>
      )}
    </p>
  )
}

function Connection() {
  const { t } = useTranslation()
  const { status, formats } = useTerminal()
  const waiting =
    status.unsynced > 0
      ? t('status.unsynced', { count: status.unsynced })
      : t(status.online ? 'status.allSynced' : 'status.nothingToSend')
  return status.online ? (
    <span className={styles.good}>
      <IconCloudCheck size={20} />
      {t('status.online')} · {waiting}
    </span>
  ) : (
    <span className={styles.warn}>
      <IconCloudOff size={20} />
      {t('status.offlineSince', { time: formats.time(status.since) })} · {waiting}
    </span>
  )
}

function Printer() {
  const { t } = useTranslation()
  const { printer } = useTerminal().status
  const { open } = useDesk()
  if (printer === 'doubtful') {
    return (
      <button type="button" className={styles.warn} onClick={() => open({ kind: 'doubts' })}>
        <IconPrinterOff size={20} />
        {t('status.printer.doubtful')}
      </button>
    )
  }
  const bad = printer === 'offline'
  const Icon = bad ? IconPrinterOff : printer === 'none' ? IconReceipt : IconPrinter
  return (
    <span className={bad ? styles.warn : styles.plain}>
      <Icon size={20} />
      {t(`status.printer.${printer}`)}
    </span>
  )
}
