/** What is being sold, what comes off, and what is due: the largest thing on the screen. */
import { ActionIcon } from '@mantine/core'
import { IconMinus, IconPlus, IconTrash, IconX } from '#renderer/ui/icons.ts'
import { useEffect, useRef, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { SaleLine } from '#core/ledger/event-body.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { earningWords } from '#renderer/counter/words.ts'
import home from './home.module.css'
import { NoticeCard } from './notice-card.tsx'
import styles from './sale-panel.module.css'

export function SalePanel() {
  const { t } = useTranslation()
  const { formats } = useTerminal()
  const { cart, ringing, sums, notice, act } = useDesk()
  const { quote } = sums
  const empty = ringing.lines.length === 0
  const list = useInView(ringing.lines, quote.discounts.length + quote.rejected.length)
  const typing = ringing.lines[cart.lines.length]
  return (
    <section className={home.panel} aria-label={t('sale.title')}>
      <NoticeCard notice={notice} />
      <div className={home.scroll} data-testid="lines" ref={list}>
        {empty && cart.coupons.length === 0 && <p className={styles.empty}>{t('sale.empty')}</p>}
        {cart.lines.map((line, index) => (
          <Line key={index} line={line} index={index} />
        ))}
        {typing && (
          <Row amount={formats.amount(typing.amount)} soft>
            <span className={styles.name}>{typing.name}</span>
          </Row>
        )}
      </div>
      <div className={styles.off}>
        {quote.discounts.map(({ lot, name, amount }) => (
          <Row key={lot} amount={amount > 0 ? formats.amount(-amount) : t('sale.giftOnly')} accent>
            <span className={styles.name}>{name}</span>
            <Drop label={t('sale.removeCoupon', { name })} onPress={() => act({ do: 'dropCoupon', lot })} />
          </Row>
        ))}
        <Rejected />
      </div>
      <Due empty={empty} />
    </section>
  )
}

/** Keeps in view what was last rung up or changed; `rows` below it take their room from the lines. */
function useInView(lines: readonly SaleLine[], rows: number) {
  const list = useRef<HTMLDivElement>(null)
  const shown = useRef({ lines, at: -1 })
  useEffect(() => {
    const { lines: before, at } = shown.current
    const changed = lines.findLastIndex((line, index) => line !== before[index])
    shown.current = { lines, at: lines.length < before.length ? -1 : changed < 0 ? at : changed }
    list.current?.children[shown.current.at]?.scrollIntoView({ block: 'nearest' })
  }, [lines, rows])
  return list
}

function Line({ line, index }: { line: SaleLine; index: number }) {
  const { t } = useTranslation()
  const { formats } = useTerminal()
  const { act } = useDesk()
  return (
    <Row amount={formats.amount(line.amount)}>
      <span className={styles.name}>{line.name}</span>
      {line.product !== null && (
        <span className={styles.stepper}>
          <ActionIcon aria-label={t('sale.fewer')} onClick={() => act({ do: 'quantity', index, by: -1 })}>
            <IconMinus size={18} />
          </ActionIcon>
          <span>
            {line.quantity} × {formats.amount(line.unitPrice)}
          </span>
          <ActionIcon aria-label={t('sale.more')} onClick={() => act({ do: 'quantity', index, by: 1 })}>
            <IconPlus size={18} />
          </ActionIcon>
        </span>
      )}
      <Drop label={t('sale.removeLine', { name: line.name })} onPress={() => act({ do: 'removeLine', index })} />
    </Row>
  )
}

type RowProps = { amount: string; accent?: boolean; soft?: boolean; children: ReactNode }

function Row({ amount, accent = false, soft = false, children }: RowProps) {
  return (
    <div className={styles.row} data-accent={accent || undefined} data-soft={soft || undefined}>
      {children}
      <span className={styles.amount}>{amount}</span>
    </div>
  )
}

function Drop({ label, onPress }: { label: string; onPress: () => void }) {
  return (
    <ActionIcon className={styles.drop} aria-label={label} onClick={onPress}>
      <IconX size={18} />
    </ActionIcon>
  )
}

/** Coupons that do nothing on this sale, and why; while nothing is rung up yet they only wait. */
function Rejected() {
  const { t } = useTranslation()
  const { formats } = useTerminal()
  const { cart, ringing, sums, act } = useDesk()
  return sums.quote.rejected.map(({ lot, reason, needed }) => {
    const name = cart.coupons.find((coupon) => coupon.lot === lot)?.name ?? ''
    const why = t(`sale.rejected.${reason}`, {
      needed: formats.money(needed),
      short: formats.money(needed - sums.quote.subtotal),
    })
    return (
      <div key={lot} className={styles.row}>
        <span className={styles.name}>{name}</span>
        <Drop label={t('sale.removeCoupon', { name })} onPress={() => act({ do: 'dropCoupon', lot })} />
        {(reason !== 'nothingLeft' || ringing.lines.length > 0) && <span className={styles.why}>{why}</span>}
      </div>
    )
  })
}

function Due({ empty }: { empty: boolean }) {
  const { t } = useTranslation()
  const { formats, programme } = useTerminal()
  const { cart, sums, act } = useDesk()
  const stamps = sums.earning.stamps.reduce((sum, one) => sum + one.count, 0)
  const earning = earningWords({ points: sums.earning.points, stamps }, t)
  const paidPart = cart.tenders.length > 0
  const earned = earning ? t(cart.member ? 'sale.earn' : 'sale.claim', { what: earning }) : t('sale.earnNothing')
  return (
    <footer className={styles.due}>
      <div className={styles.dueSide}>
        <span className={styles.dueName}>
          {t(sums.due < 0 ? 'done.change' : paidPart ? 'sale.remaining' : 'sale.due')}
        </span>
        <span className={home.soft}>{empty ? '' : earned}</span>
      </div>
      {!empty && (
        <ActionIcon aria-label={t('sale.clear')} onClick={() => act({ do: 'clear' })}>
          <IconTrash size={22} stroke={1.6} />
        </ActionIcon>
      )}
      <output className={styles.figure} data-testid="due">
        <small>{programme.money.symbol}</small>
        {formats.amount(Math.abs(sums.due))}
      </output>
    </footer>
  )
}
