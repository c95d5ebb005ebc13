/** Puts money on a member's account: the shop's amounts with what they bring, cash with change, or card. */
import { Button, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Amount } from '#core/ids.ts'
import type { MemberPanel } from '#core/contract/views.ts'
import { topUpBonus } from '#core/loyalty/programme.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { newCommand } from '#renderer/ui/new-command.ts'
import { AmountEntry } from './amount-entry.tsx'
import styles from './dialogs.module.css'
import { FailureLine } from './failure-line.tsx'

export function TopUpDialog({ member }: { member: MemberPanel }) {
  const { t } = useTranslation()
  const { programme, formats, status } = useTerminal()
  const { command, order } = useDesk()
  const [chosen, choose] = useState<number | null>(programme.topUp.denominations[0] ?? null)
  const [digits, setDigits] = useState('')
  const [tender, setTender] = useState<'cash' | 'card'>('cash')

  const keyed = Number(digits)
  const amount = chosen ?? keyed
  const received = tender === 'cash' && chosen !== null && keyed > 0 ? keyed : amount
  const ready = amount > 0 && received >= amount

  async function submit(): Promise<void> {
    if (!ready) return
    const input = { member: member.id, amount: Amount.parse(amount), tender, received: Amount.parse(received) }
    await order({ kind: 'topUp', input: { ...newCommand(status), ...input } })
  }
  function pick(one: number | null): void {
    choose(one)
    setDigits('')
  }
  const change = received > amount ? ` · ${t('keypad.change', { amount: formats.money(received - amount) })}` : ''
  return (
    <div className={styles.beside}>
      <div className={styles.stack}>
        <Amounts chosen={chosen} onPick={pick} />
        <SegmentedControl
          fullWidth
          size="md"
          value={tender}
          onChange={(value) => setTender(value === 'card' ? 'card' : 'cash')}
          data={[
            { value: 'cash', label: t('topUp.byCash') },
            { value: 'card', label: t('topUp.byCard') },
          ]}
        />
        {amount > 0 && (
          <p className={styles.soft}>
            {t('topUp.balanceAfter', {
              amount: formats.money(member.storedValue.total + amount + topUpBonus(programme, amount)),
            })}
          </p>
        )}
        <FailureLine command={command} />
        <Button
          className={styles.push}
          onClick={() => void submit()}
          loading={command.busy}
          disabled={!ready}
          rightSection={<kbd>Enter</kbd>}
        >
          {amount > 0 ? t('topUp.submit', { amount: formats.money(amount) }) : t('topUp.choose')}
        </Button>
      </div>
      <AmountEntry
        label={chosen === null ? t('topUp.own') : `${t('topUp.received')}${change}`}
        digits={digits}
        write={formats.money}
        onChange={setDigits}
        onEnter={() => void submit()}
      />
    </div>
  )
}

function Amounts({ chosen, onPick }: { chosen: number | null; onPick: (amount: number | null) => void }) {
  const { t } = useTranslation()
  const { programme, formats } = useTerminal()
  const { denominations, ownAmounts } = programme.topUp
  return (
    <div className={styles.choices}>
      {denominations.map((one) => (
        <button
          key={one}
          type="button"
          className={styles.choice}
          data-large
          aria-pressed={chosen === one}
          onClick={() => onPick(one)}
        >
          <strong>{formats.money(one)}</strong>
          {topUpBonus(programme, one) > 0 && (
            <small>{t('topUp.bonus', { amount: formats.money(topUpBonus(programme, one)) })}</small>
          )}
        </button>
      ))}
      {ownAmounts && (
        <button
          type="button"
          className={styles.choice}
          data-large
          aria-pressed={chosen === null}
          onClick={() => onPick(null)}
        >
          {t('topUp.own')}
        </button>
      )}
    </div>
  )
}
