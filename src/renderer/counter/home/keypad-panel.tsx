/** Digits, and the one large key that always says beforehand what it will do. */
import { IconBackspace, IconPlus } from '#renderer/ui/icons.ts'
import type { TFunction } from 'i18next'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Programme } from '#core/loyalty/programme.ts'
import { isAmount, typedAmount, type Cart } from '#renderer/counter/cart.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { asksElsewhere, nextStep, type NextStep } from '#renderer/counter/payment.ts'
import { worthOf } from '#renderer/counter/tenders.ts'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import type { Formats } from '#renderer/ui/format.ts'
import home from './home.module.css'
import styles from './keypad-panel.module.css'

const DIGITS = ['7', '8', '9', '4', '5', '6', '1', '2', '3', '0', '00']

export function KeypadPanel() {
  const { t } = useTranslation()
  const { programme } = useTerminal()
  const { cart, act } = useDesk()
  const step = nextStep(programme, cart, t('sale.manualLine'))
  const typing = cart.typed !== ''
  return (
    <section className={home.panel} data-keypad>
      <Typed step={step} />
      <div className={styles.keys}>
        {DIGITS.map((digits) => (
          <KeypadKey key={digits} area={`d${digits}`} onPress={() => act({ do: 'digits', digits })}>
            {digits}
          </KeypadKey>
        ))}
        <KeypadKey area="back" label={t('common.delete')} off={!typing} onPress={() => act({ do: 'backspace' })}>
          <IconBackspace size={28} stroke={1.6} />
        </KeypadKey>
        <KeypadKey area="esc" small onPress={() => act({ do: 'escape' })}>
          {t('common.clear')}
          <kbd>Esc</kbd>
        </KeypadKey>
        <KeypadKey
          area="plus"
          label={t('keypad.add')}
          off={!typing}
          onPress={() => act({ do: 'addTyped', name: t('sale.manualLine') })}
        >
          <IconPlus size={28} stroke={1.8} />
        </KeypadKey>
        <PayKey step={step} />
      </div>
    </section>
  )
}

function Typed({ step }: { step: NextStep }) {
  const { t } = useTranslation()
  const { formats } = useTerminal()
  const { cart, sums } = useDesk()
  const receiving = cart.entry === 'received'
  const typed = typedAmount(cart)
  const known = isAmount(cart)
  const aside = !known
    ? t('keypad.noAmount')
    : receiving && typed > 0
      ? step.do === 'pay'
        ? t('keypad.change', { amount: formats.money(step.payment.change) })
        : t('keypad.short', { amount: formats.money(sums.due - typed) })
      : ''
  return (
    <div className={styles.typed}>
      {known && <span>{t(receiving ? 'keypad.received' : 'keypad.amount')}</span>}
      <em>{aside}</em>
      <output data-testid="typed">{known ? typed > 0 && formats.amount(typed) : cart.typed}</output>
    </div>
  )
}

function PayKey({ step }: { step: NextStep }) {
  const { t } = useTranslation()
  const { formats, programme } = useTerminal()
  const { cart, enter } = useDesk()
  const waiting = cart.phase === 'paying'
  const off = waiting || (step.do === 'nothing' && cart.phase !== 'uncertain')
  const working = asksElsewhere(cart) ? t('keypad.fetching') : t('keypad.paying')
  const title = waiting ? working : cart.phase === 'uncertain' ? t('keypad.retry') : t('keypad.pay')
  return (
    <button type="button" className={styles.pay} disabled={off} onClick={() => void enter()}>
      <strong>{title}</strong>
      {cart.phase === 'open' && <span className={styles.will}>{willDo(step, cart, programme, t, formats)}</span>}
      <kbd>Enter</kbd>
    </button>
  )
}

/** What will be charged, and how; each part of it where there are several. */
function willDo(step: NextStep, cart: Cart, programme: Programme, t: TFunction, formats: Formats): ReactNode {
  if (step.do === 'nothing') return null
  if (step.do === 'partCash') return t('keypad.keep', { amount: formats.money(step.received) })
  const { tenders, total, change } = step.payment
  const [first, ...others] = tenders
  return (
    <>
      {others.length === 0 && <b>{formats.money(total)}</b>}
      {others.length === 0
        ? first && t(`tender.${first.kind}`)
        : tenders.map((tender) => (
            <span key={tender.kind} className={styles.way}>
              {t(`tender.${tender.kind}`)}{' '}
              <b>{formats.amount(worthOf(programme, tender) - (tender.kind === 'cash' ? change : 0))}</b>
            </span>
          ))}
      {(cart.entry === 'amount' || cart.typed === '') &&
        change > 0 &&
        ` · ${t('keypad.change', { amount: formats.money(change) })}`}
    </>
  )
}

type KeyProps = {
  area: string
  onPress: () => void
  children: ReactNode
  label?: string
  off?: boolean
  small?: boolean
}

function KeypadKey({ area, onPress, children, label, off = false, small = false }: KeyProps) {
  return (
    <button
      type="button"
      className={styles.key}
      data-key={area}
      data-small={small || undefined}
      aria-label={label}
      disabled={off}
      onClick={onPress}
    >
      {children}
    </button>
  )
}
