/** Puts money on a member's account: the shop's amounts with what they bring, cash with change, or card. */
import { Button, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Amount } from '#core/ids.ts'
import type { MemberPanel } from '#core/contract/views.ts'
import { bonusFor } from '#renderer/counter/top-up.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { AmountEntry } from './amount-entry.tsx'
import styles from './dialogs.module.css'
import { FailureLine } from './failure-line.tsx'
import { useCommand } from './use-command.ts'

export function TopUpDialog({ member }: { member: MemberPanel }) {
  const { t } = useTranslation()
  const { client, programme, formats } = useTerminal()
  const { finish } = useDesk()
  const command = useCommand()
  const { denominations, ownAmounts } = programme.topUp
  const [chosen, choose] = useState<number | null>(null)
  const [digits, setDigits] = useState('')
  const [tender, setTender] = useState<'cash' | 'card'>('cash')

  const own = ownAmounts && chosen === null
  const amount = own ? Number(digits) : (chosen ?? 0)
  const received = tender === 'cash' && !own && digits !== '' ? Number(digits) : amount
  const bonus = bonusFor(programme, amount)
  const ready = amount > 0 && received >= amount

  async function submit(): Promise<void> {
    if (!ready) return
    const result = await command.send((id) =>
      client.value.topUp({
        id,
        member: member.id,
        amount: Amount.parse(amount),
        tender,
        received: Amount.parse(received),
      }),
    )
    if (result) finish('topUp', result)
  }
  function pick(one: number | null): void {
    choose(one)
    setDigits('')
  }
  const change = received - amount
  return (
    <div className={styles.stack}>
      <div className={styles.choices}>
        {denominations.map((one) => (
          <button
            key={one}
            type="button"
            className={styles.choice}
            data-large
            aria-pressed={chosen === one}
            onClick={() => pick(one)}
          >
            <strong>{formats.money(one)}</strong>
            {bonusFor(programme, one) > 0 && (
              <small>{t('topUp.bonus', { amount: formats.money(bonusFor(programme, one)) })}</small>
            )}
          </button>
        ))}
        {ownAmounts && (
          <button type="button" className={styles.choice} data-large aria-pressed={own} onClick={() => pick(null)}>
            {t('topUp.own')}
          </button>
        )}
      </div>
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
      {(own || (tender === 'cash' && chosen !== null)) && (
        <AmountEntry
          label={
            own
              ? t('topUp.own')
              : `${t('topUp.received')}${change > 0 ? ` · ${t('keypad.change', { amount: formats.money(change) })}` : ''}`
          }
          digits={digits}
          write={formats.money}
          onChange={setDigits}
          onEnter={() => void submit()}
        />
      )}
      <FailureLine failure={command.failure} />
      <Button onClick={() => void submit()} loading={command.busy} disabled={!ready} rightSection={<kbd>Enter</kbd>}>
        {amount > 0 ? t('topUp.submit', { amount: formats.money(amount) }) : t('topUp.choose')}
      </Button>
      {amount > 0 && (
        <p className={styles.soft}>
          {t('topUp.balanceAfter', { amount: formats.money(member.storedValue.total + amount + bonus) })}
        </p>
      )}
    </div>
  )
}
