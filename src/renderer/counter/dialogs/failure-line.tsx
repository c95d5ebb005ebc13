import { useTranslation } from 'react-i18next'
import type { Refusal } from '#core/ledger/refusal.ts'
import { noticeOf } from '#renderer/counter/notice.ts'
import type { Command } from '#renderer/counter/use-command.ts'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { noticeWords } from '#renderer/counter/words.ts'
import type { Failure } from '#renderer/ui/outcome.ts'
import styles from './dialogs.module.css'

/** Why a dialog's command was not done, or that this is not known. */
export function FailureLine({ command: { failure, uncertain } }: { command: Command }) {
  const { t } = useTranslation()
  const { formats, status } = useTerminal()
  if (!failure) return null
  const notice = uncertain ? ({ about: 'mayBeDone', failure } as const) : noticeOf(failure)
  const { title, detail, tone } = noticeWords(notice, t, formats, status)
  return (
    <div className={styles.failure} data-tone={tone} role="alert">
      <strong>{title}</strong>
      {detail && <p>{detail}</p>}
    </div>
  )
}

type ApprovalNeeded = Extract<Refusal, { code: 'approvalNeeded' }>

/** That a manager has to approve, and what became of a PIN that was given; null where nothing of the kind is wanted. */
export const approvalNeeded = (failure: Failure | null): ApprovalNeeded | null =>
  failure?.why === 'refused' && failure.refusal.code === 'approvalNeeded' ? failure.refusal : null
