/** A manager's PIN for giving anew what came back after its last day. */
import { useTranslation } from 'react-i18next'
import type { EventId } from '#core/ids.ts'
import { giveAnew, type Ended } from '#renderer/counter/ended.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { endedWords } from '#renderer/counter/words.ts'
import { ApprovalStep, type Approval } from './approval.tsx'
import styles from './dialogs.module.css'
import { FailureLine, approvalNeeded } from './failure-line.tsx'

export function ReissueDialog({ refund, ended }: { refund: EventId; ended: Ended }) {
  const { t } = useTranslation()
  const { client, formats } = useTerminal()
  const { command, reissue } = useDesk()

  async function approve(approval: Approval): Promise<void> {
    await command.send({
      ask: () => giveAnew(client, refund, ended, approval),
      done: (result) => reissue(ended, result),
    })
  }
  return (
    <div className={styles.stack} tabIndex={-1} data-autofocus>
      {!approvalNeeded(command.failure) && <FailureLine command={command} />}
      <ApprovalStep
        command={command}
        what={endedWords(ended, t, formats)}
        onApprove={(approval) => void approve(approval)}
      />
    </div>
  )
}
