/** A counter that belongs to no shop yet. */
import { Button, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { troubleJoining } from '#renderer/counter/joining.ts'
import type { TerminalClient } from '#renderer/ui/client.ts'
import styles from './entry.module.css'
import { z } from 'zod'
import { LanguageSwitch } from './language-switch.tsx'

type Props = { client: TerminalClient; serverUrl: string; onJoined: () => void }

export function SetupScreen({ client, serverUrl, onJoined }: Props) {
  const { t } = useTranslation()
  const [fields, setFields] = useState({ serverUrl, code: '', counter: '' })
  const [checked, setChecked] = useState(false)
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState('')

  const needed = { code: fields.code.trim() === '', counter: fields.counter.trim() === '' }
  const wrongUrl = !z.url().safeParse(fields.serverUrl.trim()).success

  async function join(event: FormEvent): Promise<void> {
    event.preventDefault()
    setChecked(true)
    if (needed.code || needed.counter || wrongUrl) return
    setBusy(true)
    const why = await troubleJoining(client, fields, t)
    setBusy(false)
    if (why === null) return onJoined()
    setTrouble(why)
  }
  const field = (name: keyof typeof fields) => ({
    label: t(`setup.${name}`),
    value: fields[name],
    required: true,
    onChange: (event: { currentTarget: { value: string } }) =>
      setFields({ ...fields, [name]: event.currentTarget.value }),
  })
  return (
    <main className={styles.entry}>
      <header className={styles.entryHead}>
        <strong>Counterfoil</strong>
        <LanguageSwitch client={client} />
      </header>
      <section className={styles.card}>
        <h1>{t('setup.title')}</h1>
        <p className={styles.soft}>{t('setup.intro')}</p>
        <form className={styles.form} noValidate onSubmit={(event) => void join(event)}>
          <TextInput
            {...field('serverUrl')}
            type="url"
            placeholder="https://"
            error={checked && wrongUrl && t('settings.wrongUrl')}
          />
          <TextInput
            {...field('code')}
            autoComplete="off"
            data-autofocus
            error={checked && needed.code && t('setup.codeNeeded')}
          />
          <TextInput
            {...field('counter')}
            placeholder={t('setup.counterExample')}
            maxLength={40}
            error={checked && needed.counter && t('setup.counterNeeded')}
          />
          {trouble && (
            <p className={styles.trouble} role="alert">
              {trouble}
            </p>
          )}
          <Button type="submit" loading={busy}>
            {t('setup.join')}
          </Button>
        </form>
      </section>
    </main>
  )
}
