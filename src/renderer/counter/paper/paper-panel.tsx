/** Beside the counter when there is no printer: codes to try scanning, and the paper as it would have come out. */
import { ActionIcon } from '@mantine/core'
import { IconBarcode, IconChevronLeft, IconChevronRight } from '#renderer/ui/icons.ts'
import { skipToken, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import styles from './paper-panel.module.css'

export function PaperPanel({ onScanned }: { onScanned?: () => void }) {
  return (
    <div className={styles.panel}>
      <DemoCodes onScanned={onScanned} />
      <Receipts />
    </div>
  )
}

function DemoCodes({ onScanned }: { onScanned: (() => void) | undefined }) {
  const { t } = useTranslation()
  const { queries } = useTerminal()
  const { scan } = useDesk()
  const { data = [] } = useQuery(queries.demo.codes.queryOptions())
  if (data.length === 0) return null
  return (
    <section className={styles.codes}>
      <h2>
        <IconBarcode size={20} />
        {t('paper.scan')}
      </h2>
      <div className={styles.list}>
        {byTurns(data).map(({ label, kind, text }) => (
          <button
            key={text}
            type="button"
            className={styles.code}
            onClick={() => {
              scan(text)
              onScanned?.()
            }}
          >
            <span>{label}</span>
            <small>{t(`paper.kind.${kind}`)}</small>
          </button>
        ))}
      </div>
    </section>
  )
}

/** The first of each kind, then the second of each, and so on: every kind is seen at a glance. */
function byTurns<T extends { kind: string }>(codes: readonly T[]): T[] {
  const seen = new Map<string, number>()
  const turns = codes.map((code) => {
    const turn = seen.get(code.kind) ?? 0
    seen.set(code.kind, turn + 1)
    return { code, turn }
  })
  return turns.toSorted((a, b) => a.turn - b.turn).map(({ code }) => code)
}

function Receipts() {
  const { t } = useTranslation()
  const { queries, jobs, formats } = useTerminal()
  const [back, setBack] = useState({ from: '', steps: 0 })
  const all = [...jobs.values()]
  const newest = all[0]?.id ?? ''
  // A new receipt comes to the front by itself.
  const steps = back.from === newest ? back.steps : 0
  const job = all[steps]
  const { data } = useQuery(
    queries.printing.preview.queryOptions({ input: job ? { job: job.id } : skipToken, staleTime: Infinity }),
  )
  return (
    <section className={styles.receipts}>
      <h2>
        {job ? t('paper.of', { time: formats.time(job.at) }) : t('paper.receipts')}
        {all.length > 1 && (
          <span className={styles.steps}>
            <ActionIcon
              aria-label={t('paper.older')}
              disabled={steps >= all.length - 1}
              onClick={() => setBack({ from: newest, steps: steps + 1 })}
            >
              <IconChevronLeft size={22} />
            </ActionIcon>
            <ActionIcon
              aria-label={t('paper.newer')}
              disabled={steps === 0}
              onClick={() => setBack({ from: newest, steps: steps - 1 })}
            >
              <IconChevronRight size={22} />
            </ActionIcon>
          </span>
        )}
      </h2>
      <div className={styles.paper}>
        {data ? (
          <img key={job?.id} src={`data:image/png;base64,${data.png}`} alt={t('paper.alt')} />
        ) : (
          <p>{t('paper.none')}</p>
        )}
      </div>
    </section>
  )
}
