/** After Pay: the change fills the panel, the receipt's state is beside it, and there is nothing to dismiss. */
import { IconCircleCheck, IconPrinter, IconPrinterOff, IconReceipt } from '#renderer/ui/icons.ts'
import { useTranslation } from 'react-i18next'
import type { PrintJobState } from '#core/contract/views.ts'
import { printedNumber } from '#core/receipt/number.ts'
import type { Finished } from '#renderer/counter/cart.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { earningWords, returnedWords } from '#renderer/counter/words.ts'
import { byHand, DoneFigure } from './done-figure.tsx'
import styles from './done-panel.module.css'
import { EndedList } from './ended.tsx'
import home from './home.module.css'
import { NoticeCard } from './notice-card.tsx'

export function DonePanel({ done }: { done: Finished }) {
  const { t } = useTranslation()
  const { formats, status } = useTerminal()
  const { notice } = useDesk()
  const { kind, result } = done
  const later = result.withSync && !status.online
  const earned = earningWords(result.earned, t)
  const owed = result.member?.points.owed ?? 0
  const paper = usePaper(result.printJob)
  const claim = paper !== 'waiting' && paper !== 'failed' && result.claim && earningWords(result.claim, t)
  return (
    <section className={home.panel} aria-label={t(`done.title.${kind}`)}>
      <NoticeCard notice={notice} />
      <div className={styles.done} role="status" data-testid="done">
        <p className={styles.title}>
          <IconCircleCheck size={26} />
          {t(`done.title.${kind}`)}
        </p>
        <DoneFigure done={done} />
        <p className={styles.facts}>
          {result.change > 0 && (
            <>
              <span>
                {t('done.total')} {formats.money(result.total)}
              </span>
              <span>
                {t('done.paid')} {formats.money(result.total + result.change)}
              </span>
            </>
          )}
          {result.returned
            .filter((tender) => tender !== byHand(result))
            .map((tender) => (
              <span key={tender.kind}>{returnedWords(tender, t, formats, later)}</span>
            ))}
          {result.bonus > 0 && <span>{t('done.bonus', { amount: formats.money(result.bonus) })}</span>}
          {(kind === 'topUp' || kind === 'debit') && result.member && (
            <span>{t('done.balance', { amount: formats.money(result.member.storedValue.total) })}</span>
          )}
        </p>
        {result.lent.value > 0 && (
          <p className={styles.lent}>{t('done.lent', { what: formats.money(result.lent.value) })}</p>
        )}
        {result.lent.points > 0 && (
          <p className={styles.lent}>{t('done.lent', { what: t('common.points', { count: result.lent.points }) })}</p>
        )}
        {kind === 'couponBack' && later && <p className={styles.lent}>{t('done.couponBackLater')}</p>}
        <EndedList result={result} />
        {earned && <p className={styles.earned}>{t('done.earned', { what: earned })}</p>}
        {result.earned.points > 0 && owed > 0 && (
          <p className={styles.lent}>{t('done.owed', { points: t('common.points', { count: owed }) })}</p>
        )}
        {claim && <p className={styles.earned}>{t('done.claim', { what: claim })}</p>}
      </div>
      <footer className={styles.foot}>
        <ReceiptState paper={paper} number={result.receipt && printedNumber(result.receipt)} />
        <span className={home.soft}>{t('done.next')}</span>
      </footer>
    </section>
  )
}

type Paper = PrintJobState | 'waiting' | null

/** What has become of the receipt, if there is one. `waiting`: for a printer that cannot be reached. */
function usePaper(job: string | null): Paper {
  const { jobs, status } = useTerminal()
  if (job === null) return null
  const state = jobs.get(job)?.state ?? 'queued'
  return state === 'queued' && status.printer === 'offline' ? 'waiting' : state
}

function ReceiptState({ paper, number }: { paper: Paper; number: string | null }) {
  const { t } = useTranslation()
  const { open } = useDesk()
  if (paper === null) return <span className={home.soft}>{t('done.noReceipt')}</span>
  const bad = paper === 'failed' || paper === 'waiting'
  const Icon = bad ? IconPrinterOff : paper === 'shown' ? IconReceipt : IconPrinter
  if (paper === 'doubtful') {
    return (
      <button type="button" className={styles.receipt} data-bad onClick={() => open({ kind: 'doubts' })}>
        <IconPrinterOff size={22} />
        {t('done.job.doubtful')}
      </button>
    )
  }
  return (
    <span className={styles.receipt} data-bad={bad || undefined} role="status">
      <Icon size={22} />
      {t(`done.job.${paper}`)}
      {number !== null && <span className={home.soft}>{t('done.receiptNumber', { number })}</span>}
    </span>
  )
}
