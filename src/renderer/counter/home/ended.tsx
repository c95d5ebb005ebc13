/** What came back with a refund and had ended: each is said so, and can be given anew (R5). */
import { Button } from '@mantine/core'
import { IconCheck } from '#renderer/ui/icons.ts'
import { useTranslation } from 'react-i18next'
import { isManager, type Done } from '#core/contract/views.ts'
import type { EventId } from '#core/ids.ts'
import { endedSums, giveAnew, type Ended } from '#renderer/counter/ended.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { FailureLine } from '#renderer/counter/dialogs/failure-line.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { useCommand } from '#renderer/counter/use-command.ts'
import { endedWords } from '#renderer/counter/words.ts'
import styles from './ended.module.css'

export function EndedList({ result }: { result: Done }) {
  if (result.ended.length === 0) return null
  return (
    <ul className={styles.list}>
      {endedSums(result.ended).map((ended) => (
        <EndedItem key={ended.lots[0]} refund={result.event} ended={ended} />
      ))}
    </ul>
  )
}

function EndedItem({ refund, ended }: { refund: EventId; ended: Ended }) {
  const { t } = useTranslation()
  const { client, status, formats } = useTerminal()
  const { open, reissue, reissued } = useDesk()
  const command = useCommand()

  async function issue(): Promise<void> {
    if (status.staff && !isManager(status.staff)) return open({ kind: 'reissue', refund, ended })
    await command.send({
      ask: () => giveAnew(client, refund, ended, null),
      done: (result) => reissue(ended, result),
    })
  }
  return (
    <li>
      <div className={styles.item}>
        <span>{endedWords(ended, t, formats)}</span>
        {ended.lots.every((lot) => reissued.has(lot)) ? (
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
