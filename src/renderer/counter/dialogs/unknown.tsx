/** A command that may have been done: nothing can be changed, and all there is to do is to ask again. */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Command } from '#renderer/counter/use-command.ts'
import { useKeys } from '#renderer/ui/keys.tsx'
import styles from './dialogs.module.css'
import { FailureLine } from './failure-line.tsx'

export function Unknown({ command }: { command: Command }) {
  const { t } = useTranslation()
  useKeys((key) => {
    if (key === 'Enter') void command.again()
    return key === 'Enter' || key === 'Escape'
  })
  return (
    <div className={styles.stack}>
      <FailureLine command={command} />
      <Button onClick={() => void command.again()} loading={command.busy} rightSection={<kbd>Enter</kbd>}>
        {t('notice.retry')}
      </Button>
    </div>
  )
}
