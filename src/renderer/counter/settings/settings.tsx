/** What a shop sets up once: the printer, where claims lead, the language. One level away from the counter. */
import { Button, NumberInput, SegmentedControl, Switch, TextInput } from '@mantine/core'
import { IconArrowLeft } from '#renderer/ui/icons.ts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import type { Settings } from '#core/contract/terminal.ts'
import { isManager } from '#core/contract/views.ts'
import { WITHHELD } from '#core/contract/withheld.ts'
import { troubleJoining } from '#renderer/counter/joining.ts'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { useKeys } from '#renderer/ui/keys.tsx'
import { outcomeOf } from '#renderer/ui/outcome.ts'
import styles from './settings.module.css'

export function SettingsScreen() {
  const { t } = useTranslation()
  const { queries } = useTerminal()
  const router = useRouter()
  // As they are now: the form begins with them, and would put back what it had the last time.
  const { data } = useQuery(queries.settings.get.queryOptions({ staleTime: 0, gcTime: 0 }))
  const { data: setup } = useQuery(queries.setup.state.queryOptions())
  const back = () => void router.navigate({ to: '/' })
  useKeys((key) => {
    if (key === 'Escape') back()
    return key === 'Escape'
  })
  return (
    <div className={styles.screen}>
      <main className={styles.page}>
        <header className={styles.head}>
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconArrowLeft size={20} />}
            rightSection={<kbd>Esc</kbd>}
            onClick={back}
          >
            {t('common.back')}
          </Button>
          <h1>{t('settings.title')}</h1>
        </header>
        {setup && <JoinAgain serverUrl={setup.serverUrl} />}
        <BusinessDay />
        {data && setup && <Form saved={data} serverUrl={setup.serverUrl} />}
      </main>
    </div>
  )
}

/** Closing sends home what this counter keeps for its visitors by day; selling may go on. */
function BusinessDay() {
  const { t } = useTranslation()
  const { client, status, formats } = useTerminal()
  const [message, setMessage] = useState<'sent' | 'notSent' | 'failed' | 'reopened' | null>(null)
  const [busy, setBusy] = useState(false)
  if (!status.staff || !isManager(status.staff)) return null

  async function close(): Promise<void> {
    setBusy(true)
    const outcome = await outcomeOf(client.day.close())
    setBusy(false)
    setMessage(!outcome.ok ? 'failed' : outcome.value.sent ? 'sent' : 'notSent')
  }
  async function reopen(): Promise<void> {
    setBusy(true)
    const outcome = await outcomeOf(client.day.reopen())
    setBusy(false)
    setMessage(outcome.ok ? 'reopened' : 'failed')
  }

  const { dayClosed, businessDate } = status
  return (
    <section className={styles.day}>
      <h2>{t('settings.day.title')}</h2>
      <p>
        {t(dayClosed ? 'settings.day.closed' : 'settings.day.open', { day: formats.day(dayClosed ?? businessDate) })}
      </p>
      <Button variant="default" onClick={() => void (dayClosed ? reopen() : close())} loading={busy}>
        {t(dayClosed ? 'settings.day.reopen' : 'settings.day.close')}
      </Button>
      <span role="status">{message && t(`settings.day.${message}`)}</span>
    </section>
  )
}

/** For a counter that its server, put back from a backup, does not know any more (R12). */
function JoinAgain({ serverUrl }: { serverUrl: string }) {
  const { t } = useTranslation()
  const { client, status } = useTerminal()
  const [code, setCode] = useState('')
  const [refused, setRefused] = useState<string | null>(null)
  if (status.frozen !== WITHHELD.unknownTerminal) return null

  async function join(event: FormEvent): Promise<void> {
    event.preventDefault()
    setRefused(await troubleJoining(client, { serverUrl, code, counter: status.counter }, t))
  }
  return (
    <section>
      <h2>{t('settings.joinAgain.title')}</h2>
      <p>{t('settings.joinAgain.why')}</p>
      <form className={styles.join} onSubmit={(event) => void join(event)}>
        <TextInput
          label={t('settings.joinAgain.code')}
          value={code}
          error={refused}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button type="submit" disabled={code.trim().length < 4}>
          {t('settings.joinAgain.submit')}
        </Button>
      </form>
    </section>
  )
}

type Printer = NonNullable<Settings['printer']>
type Message = 'saved' | 'notSaved' | 'tested'

const FIRST_PRINTER: Printer = { host: '', port: 9100, paper: '80mm' }

function Form({ saved, serverUrl }: { saved: Settings; serverUrl: string }) {
  const { t, i18n } = useTranslation()
  const { client } = useTerminal()
  const cache = useQueryClient()
  const [usesPrinter, setUsesPrinter] = useState(saved.printer !== null)
  const [printer, setPrinter] = useState(saved.printer ?? FIRST_PRINTER)
  const [claimAddress, setClaimAddress] = useState(saved.claimBaseUrl ?? '')
  const [language, setLanguage] = useState(saved.language)
  const [message, setMessage] = useState<Message | null>(null)
  const claimBaseUrl = claimAddress.trim() || null
  const wrongUrl = claimBaseUrl !== null && !z.url().safeParse(claimBaseUrl).success
  const wrongHost = usesPrinter && printer.host.trim() === ''

  async function save(): Promise<boolean> {
    if (wrongUrl || wrongHost) {
      setMessage('notSaved')
      return false
    }
    const outcome = await outcomeOf(
      client.settings.update({ printer: usesPrinter ? printer : null, claimBaseUrl, language }),
    )
    setMessage(outcome.ok ? 'saved' : 'notSaved')
    if (!outcome.ok) return false
    await i18n.changeLanguage(language)
    await cache.invalidateQueries()
    return true
  }
  async function test(): Promise<void> {
    if (!(await save())) return
    const outcome = await outcomeOf(client.printing.test())
    setMessage(outcome.ok ? 'tested' : 'notSaved')
  }
  function submit(event: FormEvent): void {
    event.preventDefault()
    void save()
  }
  return (
    <form className={styles.form} noValidate onSubmit={submit}>
      <section>
        <h2>{t('settings.printer')}</h2>
        <Switch
          size="lg"
          label={t('settings.useNetworkPrinter')}
          description={usesPrinter ? undefined : t('settings.noPrinter')}
          checked={usesPrinter}
          onChange={(event) => setUsesPrinter(event.currentTarget.checked)}
        />
        {usesPrinter && (
          <div className={styles.printer}>
            <TextInput
              label={t('settings.host')}
              placeholder={t('settings.hostExample')}
              value={printer.host}
              error={message === 'notSaved' && wrongHost && t('settings.hostExample')}
              onChange={(event) => setPrinter({ ...printer, host: event.currentTarget.value })}
            />
            <NumberInput
              label={t('settings.port')}
              min={1}
              max={65_535}
              hideControls
              value={printer.port}
              onChange={(value) => setPrinter({ ...printer, port: Number(value) || FIRST_PRINTER.port })}
            />
            <div>
              <span className={styles.label}>{t('settings.paper')}</span>
              <SegmentedControl
                size="md"
                value={printer.paper}
                onChange={(value) => setPrinter({ ...printer, paper: value === '58mm' ? '58mm' : '80mm' })}
                data={['80mm', '58mm']}
              />
            </div>
          </div>
        )}
      </section>
      <section>
        <h2>{t('settings.claim')}</h2>
        <TextInput
          aria-label={t('settings.claim')}
          description={t('settings.claimHint')}
          type="url"
          placeholder={serverUrl}
          value={claimAddress}
          error={wrongUrl && t('settings.wrongUrl')}
          onChange={(event) => setClaimAddress(event.currentTarget.value)}
        />
      </section>
      <section>
        <h2>{t('settings.language')}</h2>
        <SegmentedControl
          size="md"
          value={language}
          onChange={(value) => setLanguage(value === 'en' ? 'en' : 'zh-TW')}
          data={[
            { value: 'zh-TW', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
        />
      </section>
      <footer className={styles.foot}>
        <span role="status">{message && t(`settings.${message}`)}</span>
        <Button variant="default" onClick={() => void test()}>
          {t('settings.test')}
        </Button>
        <Button type="submit">{t('common.save')}</Button>
      </footer>
    </form>
  )
}
