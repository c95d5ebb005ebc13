/** A manager's own PIN for what needs one. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isManager } from '#core/contract/views.ts'
import type { StaffId } from '#core/ids.ts'
import type { Command } from '#renderer/counter/use-command.ts'
import { triedWords } from '#renderer/counter/refusal-words.ts'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { useKeys, type Key } from '#renderer/ui/keys.tsx'
import { keyed, Pad } from '#renderer/ui/pad.tsx'
import styles from './dialogs.module.css'
import { approvalNeeded } from './failure-line.tsx'

export type Approval = { staff: StaffId; pin: string }

const LONGEST_PIN = 12

/** `what`: what is to be approved, in words. */
type Props = { command: Command; what: string; onApprove: (approval: Approval) => void }

export function ApprovalStep({ command: { busy, failure }, what, onApprove }: Props) {
  const { t } = useTranslation()
  const { queries, formats } = useTerminal()
  const { data: staff = [] } = useQuery(queries.shop.staff.queryOptions())
  const managers = staff.filter(isManager)
  const [chosen, choose] = useState<StaffId | null>(null)
  const [pin, setPin] = useState('')
  const [asked, setAsked] = useState<StaffId | null>(null)
  const tried = approvalNeeded(failure)?.tried
  const manager = managers.find((one) => one.id === chosen) ?? managers[0]

  function approve(): void {
    if (busy || !manager || pin === '') return
    setAsked(manager.id)
    onApprove({ staff: manager.id, pin })
    setPin('')
  }
  function onKey(key: Key): boolean {
    if (key === 'Escape' && pin === '') return false
    if (key === 'Enter') approve()
    else setPin((before) => (key === 'Escape' ? '' : keyed(before, key, LONGEST_PIN)))
    return true
  }
  useKeys(onKey)
  return (
    <div className={`${styles.stack} ${styles.narrow}`}>
      <div>
        <strong>{t('approval.title')}</strong>
        <p>{what}</p>
      </div>
      <div className={styles.choices}>
        {managers.map((one) => (
          <button
            key={one.id}
            type="button"
            className={styles.choice}
            aria-pressed={one.id === manager?.id}
            onClick={() => choose(one.id)}
          >
            {one.name}
          </button>
        ))}
      </div>
      {manager && (
        <div className={styles.display} tabIndex={-1} data-autofocus>
          <span>{t('approval.pin', { name: manager.name })}</span>
          <output>{'•'.repeat(pin.length)}</output>
        </div>
      )}
      {tried && !busy && asked === manager?.id && (
        <p className={styles.trouble} role="alert">
          {triedWords(tried, t, formats)}
        </p>
      )}
      <Pad onKey={onKey} corner="clear" />
      <Button onClick={approve} loading={busy} disabled={pin === ''} rightSection={<kbd>Enter</kbd>}>
        {t('approval.submit')}
      </Button>
    </div>
  )
}
