/** Gives or takes points and stamps by hand, always with a reason. */
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Amount } from '#core/ids.ts'
import type { MemberPanel } from '#core/contract/views.ts'
import { POINTS, stampAsset } from '#core/ledger/asset.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { newCommand } from '#renderer/ui/new-command.ts'
import { AmountEntry } from './amount-entry.tsx'
import { ApprovalStep, type Approval } from './approval.tsx'
import styles from './dialogs.module.css'
import { FailureLine, approvalNeeded } from './failure-line.tsx'

export function AdjustDialog({ member }: { member: MemberPanel }) {
  const { t } = useTranslation()
  const { programme, formats, status } = useTerminal()
  const { command, order } = useDesk()
  const assets = [
    { asset: POINTS, name: t('common.pointsName'), now: member.points.total },
    ...programme.stampCards.map((card) => ({
      asset: stampAsset(card.id),
      name: card.name,
      now: member.stamps.find((one) => one.card === card.id)?.holding.total ?? 0,
    })),
  ]
  const [chosen, choose] = useState(POINTS)
  const [direction, setDirection] = useState<'grant' | 'deduct'>('grant')
  const [digits, setDigits] = useState('')
  const [note, setNote] = useState('')
  const amount = Number(digits)
  const ready = amount > 0 && note.trim() !== ''
  const { name, now } = assets.find((one) => one.asset === chosen) ?? { name: '', now: 0 }

  async function submit(approval: Approval | null): Promise<void> {
    if (!ready) return
    const input = { member: member.id, asset: chosen, direction, amount: Amount.parse(amount), note, approval }
    await order({ kind: 'adjust', input: { ...newCommand(status), ...input } })
  }
  if (ready && approvalNeeded(command.failure)) {
    const given =
      chosen === POINTS ? t('common.points', { count: amount }) : `${name} ${t('common.stamps', { count: amount })}`
    const what = t(direction === 'grant' ? 'approval.grant' : 'approval.deduct', { what: given, name: member.name })
    return <ApprovalStep command={command} what={what} onApprove={(approval) => void submit(approval)} />
  }
  return (
    <div className={styles.beside}>
      <div className={styles.stack}>
        <SegmentedControl
          fullWidth
          size="md"
          value={direction}
          onChange={(value) => setDirection(value === 'deduct' ? 'deduct' : 'grant')}
          data={[
            { value: 'grant', label: t('adjust.grant') },
            { value: 'deduct', label: t('adjust.deduct') },
          ]}
        />
        <div className={styles.choices} role="group" aria-label={t('adjust.what')}>
          {assets.map(({ asset, name }) => (
            <button
              key={asset}
              type="button"
              className={styles.choice}
              aria-pressed={asset === chosen}
              onClick={() => choose(asset)}
            >
              {name}
            </button>
          ))}
        </div>
        <TextInput
          label={t('adjust.note')}
          placeholder={t('adjust.noteExample')}
          value={note}
          maxLength={200}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <FailureLine command={command} />
        <Button className={styles.push} onClick={() => void submit(null)} loading={command.busy} disabled={!ready}>
          {t(direction === 'grant' ? 'adjust.submitGrant' : 'adjust.submitDeduct', { count: amount })}
        </Button>
      </div>
      <AmountEntry
        label={t('adjust.now', { amount: formats.number(now) })}
        digits={digits}
        write={formats.number}
        onChange={setDigits}
        onEnter={() => void submit(null)}
      />
    </div>
  )
}
