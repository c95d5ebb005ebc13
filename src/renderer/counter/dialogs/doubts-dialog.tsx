/** Papers nobody knows the fate of, each with the two answers a person can give who has looked. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { DoubtView } from '#core/contract/views.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { useCommand } from '#renderer/counter/use-command.ts'
import { useKeys } from '#renderer/ui/keys.tsx'
import styles from './dialogs.module.css'
import { FailureLine } from './failure-line.tsx'

export function DoubtsDialog() {
  const { t } = useTranslation()
  const { queries } = useTerminal()
  const { data: doubts = [], refetch } = useQuery(queries.printing.doubts.queryOptions({ staleTime: 0 }))
  const { open } = useDesk()
  useKeys(() => false)

  async function answered(): Promise<void> {
    const { data: left } = await refetch()
    if (left?.length === 0) open(null)
  }
  return (
    <div className={styles.stack} tabIndex={-1} data-autofocus>
      <p className={styles.soft}>{t('doubts.look')}</p>
      {doubts.map((doubt) => (
        <Doubt key={doubt.job} doubt={doubt} onAnswered={() => void answered()} />
      ))}
    </div>
  )
}

function Doubt({ doubt, onAnswered }: { doubt: DoubtView; onAnswered: () => void }) {
  const { t } = useTranslation()
  const { client, formats } = useTerminal()
  const command = useCommand()

  async function answer(printed: boolean): Promise<void> {
    await command.send({ ask: () => client.printing.settle({ job: doubt.job, printed }), done: onAnswered })
  }
  return (
    <section className={styles.stack} aria-label={doubt.receiptNumber}>
      <h3 className={styles.headline}>
        {formats.time(doubt.at)}　{doubt.receiptNumber}
        <span className={styles.right}>{formats.money(doubt.total)}</span>
      </h3>
      <FailureLine command={command} />
      <div className={styles.buttons}>
        {command.uncertain ? (
          <Button loading={command.busy} onClick={() => void command.again()}>
            {t('notice.retry')}
          </Button>
        ) : (
          <>
            <Button variant="default" disabled={command.busy} onClick={() => void answer(true)}>
              {t('doubts.printed')}
            </Button>
            <Button disabled={command.busy} onClick={() => void answer(false)}>
              {t('doubts.notPrinted')}
            </Button>
          </>
        )}
      </div>
    </section>
  )
}
