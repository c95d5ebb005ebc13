/** Takes from a member's stored value without a sale. */
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Amount } from '#core/ids.ts'
import type { MemberPanel } from '#core/contract/views.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { newCommand } from '#renderer/ui/new-command.ts'
import { AmountEntry } from './amount-entry.tsx'
import { ApprovalStep, type Approval } from './approval.tsx'
import styles from './dialogs.module.css'
import { FailureLine, approvalNeeded } from './failure-line.tsx'

export function DebitDialog({ member }: { member: MemberPanel }) {
  const { t } = useTranslation()
  const { programme, formats, status } = useTerminal()
  const { command, order } = useDesk()
  const [digits, setDigits] = useState('')
  const [note, setNote] = useState('')
  const amount = Number(digits)

  async function submit(approval: Approval | null): Promise<void> {
    if (amount === 0) return
    const input = { member: member.id, amount: Amount.parse(amount), note, approval }
    await order({ kind: 'debit', input: { ...newCommand(status), ...input } })
  }
  if (amount > 0 && approvalNeeded(command.failure)) {
    const what = t('approval.debit', { amount: formats.money(amount), name: member.name })
    return <ApprovalStep command={command} what={what} onApprove={(approval) => void submit(approval)} />
  }
  return (
    <div className={styles.beside}>
      <div className={styles.stack}>
        <p className={styles.headline}>{t('debit.usable', { amount: formats.money(member.storedValue.usableHere) })}</p>
        <TextInput
          label={t('common.note')}
          value={note}
          maxLength={200}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {amount > programme.approvalAbove && (
          <p className={styles.soft}>{t('debit.above', { amount: formats.money(programme.approvalAbove) })}</p>
        )}
        <FailureLine command={command} />
        <Button
          className={styles.push}
          onClick={() => void submit(null)}
          loading={command.busy}
          disabled={amount === 0}
          rightSection={<kbd>Enter</kbd>}
        >
          {t('debit.submit', { amount: formats.money(amount) })}
        </Button>
      </div>
      <AmountEntry
        label={t('common.amount')}
        digits={digits}
        write={formats.money}
        onChange={setDigits}
        onEnter={() => void submit(null)}
      />
    </div>
  )
}
