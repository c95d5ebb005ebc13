/** After Pay: the change fills the panel, the receipt's state is beside it, and there is nothing to dismiss. */
import { IconCircleCheck, IconPrinter, IconPrinterOff, IconReceipt } from '#renderer/ui/icons.ts'
import { useTranslation } from 'react-i18next'
import type { Finished } from '#renderer/counter/cart.ts'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import styles from './done-panel.module.css'
import { useEarningWords } from './earning-words.ts'
import { ExpiredCoupons } from './expired-coupons.tsx'
import home from './home.module.css'
import { NoticeCard } from './notice-card.tsx'

/** What the large figure is, where it is not the change. */
const TOTAL = {
  sale: 'done.total',
  topUp: 'done.toppedUp',
  debit: 'done.debited',
  adjust: 'done.total',
  coupon: 'done.total',
  refund: 'done.refunded',
} as const

export function DonePanel({ done }: { done: Finished }) {
  const { t } = useTranslation()
  const { formats, programme } = useTerminal()
  const { kind, result } = done
  const earned = useEarningWords(result.earned)
  const claim = useEarningWords({ points: result.claimPoints, stamps: 0 })
  const figure = kind !== 'refund' && result.change > 0 ? t('done.change') : t(TOTAL[kind])
  const amount = kind !== 'refund' && result.change > 0 ? result.change : result.total
  return (
    <section className={home.panel} aria-label={t(`done.title.${kind}`)}>
      <NoticeCard />
      <div className={styles.done} role="status" data-testid="done">
        <p className={styles.title}>
          <IconCircleCheck size={26} />
          {t(`done.title.${kind}`)}
        </p>
        {amount > 0 && (
          <p className={styles.change}>
            <span>{figure}</span>
            <output data-testid="change">
              <small>{programme.money.symbol}</small>
              {formats.amount(amount)}
            </output>
          </p>
        )}
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
        <ExpiredCoupons result={result} />
        {earned && <p className={styles.earned}>{t('done.earned', { what: earned })}</p>}
        {!result.member && claim && <p className={styles.earned}>{t('done.claim', { what: claim })}</p>}
      </div>
      <footer className={styles.foot}>
        <ReceiptState job={result.printJob} number={result.receipt?.number ?? null} />
        <span className={home.soft}>{t('done.next')}</span>
      </footer>
    </section>
  )
}

function ReceiptState({ job, number }: { job: string | null; number: number | null }) {
  const { t } = useTranslation()
  const { jobs } = useTerminal()
  if (job === null) return <span className={home.soft}>{t('done.noReceipt')}</span>
  const state = jobs.get(job)?.state ?? 'queued'
  const bad = state === 'failed' || state === 'doubtful'
  const Icon = bad ? IconPrinterOff : state === 'shown' ? IconReceipt : IconPrinter
  return (
    <span className={styles.receipt} data-bad={bad || undefined} role="status">
      <Icon size={22} />
      {t(`done.job.${state}`)}
      {number !== null && <span className={home.soft}>{t('done.receiptNumber', { number })}</span>}
    </span>
  )
}
