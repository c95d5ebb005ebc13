/** Who is at the counter: a tile for each of the staff, then their PIN by finger or keyboard. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SignInResult } from '#core/contract/terminal.ts'
import type { StaffView } from '#core/contract/views.ts'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { useKeys, type Key } from '#renderer/ui/keys.tsx'
import { outcomeOf } from '#renderer/ui/outcome.ts'
import { keyed, Pad } from '#renderer/ui/pad.tsx'
import styles from './entry.module.css'
import { LanguageSwitch } from './language-switch.tsx'

export function SignIn({ scannedEarly }: { scannedEarly: boolean }) {
  const { t } = useTranslation()
  const { client, queries, status } = useTerminal()
  const { data: staff = [] } = useQuery(queries.shop.staff.queryOptions())
  const [chosen, choose] = useState<StaffView | null>(null)
  return (
    <main className={styles.entry}>
      <header className={styles.entryHead}>
        <div>
          <strong>{status.shop}</strong>
          <span className={styles.soft}>
            {status.storeName} · {status.counter}
          </span>
        </div>
        <LanguageSwitch client={client} />
      </header>
      {chosen ? (
        <PinEntry staff={chosen} onOther={() => choose(null)} />
      ) : (
        <section className={styles.card}>
          <h1>{t('signIn.title')}</h1>
          <div className={styles.tiles}>
            {staff.map((one) => (
              <button key={one.id} type="button" className={styles.tile} onClick={() => choose(one)}>
                <span className={styles.tileName}>{one.name}</span>
                <span className={styles.soft}>{t(`signIn.role.${one.role}`)}</span>
              </button>
            ))}
          </div>
          {scannedEarly && <p role="status">{t('signIn.scanFirst')}</p>}
        </section>
      )}
    </main>
  )
}

const LONGEST_PIN = 12

function PinEntry({ staff, onOther }: { staff: StaffView; onOther: () => void }) {
  const { t } = useTranslation()
  const { client, formats } = useTerminal()
  const [pin, setPin] = useState('')
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState('')

  function explain(result: Extract<SignInResult, { ok: false }>): string {
    if (result.reason === 'unknown') return t('signIn.unknown')
    if (result.lockedUntil !== null) return t('signIn.lockedOut', { time: formats.time(result.lockedUntil) })
    return t('signIn.wrongPin', { count: result.attemptsLeft })
  }
  async function submit(): Promise<void> {
    if (pin === '' || busy) return
    setBusy(true)
    const outcome = await outcomeOf(client.session.signIn({ staff: staff.id, pin }))
    setBusy(false)
    setPin('')
    if (!outcome.ok) setTrouble(t('signIn.failed'))
    else if (!outcome.value.ok) setTrouble(explain(outcome.value))
  }
  function onKey(key: Key): boolean {
    if (key === 'Enter') void submit()
    else if (key === 'Escape') (pin === '' ? onOther : setPin)('')
    else {
      setTrouble('')
      setPin((before) => keyed(before, key, LONGEST_PIN))
    }
    return true
  }
  useKeys(onKey)
  return (
    <section className={styles.card} data-narrow>
      <h1>{t('signIn.pin', { name: staff.name })}</h1>
      <div className={styles.dots} role="img" aria-label={String(pin.length)}>
        {[...pin].map((_, index) => (
          <i key={index} />
        ))}
      </div>
      <p className={styles.trouble} role="alert">
        {trouble}
      </p>
      <Pad onKey={onKey} corner="clear" />
      <div className={styles.entryActions}>
        <Button variant="subtle" color="gray" onClick={onOther}>
          {t('signIn.other')}
        </Button>
        <Button onClick={() => void submit()} loading={busy} disabled={pin === ''} rightSection={<kbd>Enter</kbd>}>
          {t('signIn.submit')}
        </Button>
      </div>
    </section>
  )
}
