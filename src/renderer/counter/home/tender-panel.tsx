/** How it is paid: each way a button, parts as they are chosen, and the notes a customer is likely to hand over. */
import { ActionIcon } from '@mantine/core'
import { IconCash, IconCoins, IconCreditCard, IconWallet, IconX } from '#renderer/ui/icons.ts'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { TenderInput } from '#core/contract/terminal.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { lentTowards, quickCash, worthOf } from '#renderer/counter/tenders.ts'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { CommandButton } from './action.tsx'
import home from './home.module.css'
import styles from './tender-panel.module.css'
import { printed, useCommands } from './use-shortcuts.ts'

export function TenderPanel() {
  const { t } = useTranslation()
  const { formats, programme } = useTerminal()
  const { cart, sums } = useDesk()
  const value = cart.member?.storedValue
  const points = cart.member?.points
  const worth = programme.pointWorth
  return (
    <section className={home.panel} aria-label={t('tender.title')}>
      <div className={styles.tenders}>
        <Tender
          kind="cash"
          icon={<IconCash size={26} stroke={1.6} />}
          chosen={cart.entry === 'received' && sums.due > 0}
        />
        <Tender kind="card" icon={<IconCreditCard size={26} stroke={1.6} />} />
        <Tender
          kind="storedValue"
          icon={<IconWallet size={26} stroke={1.6} />}
          off={!value?.reachable}
          note={value && t('tender.usable', { amount: formats.amount(value.reachable) })}
        />
        {worth !== null && (
          <Tender
            kind="points"
            icon={<IconCoins size={26} stroke={1.6} />}
            off={!points?.reachable}
            note={points && t('tender.worth', { amount: formats.amount(points.reachable * worth) })}
          />
        )}
      </div>
      <div className={home.scroll}>
        <Parts />
        <QuickCash />
      </div>
      <div className={styles.actions}>
        <CommandButton command="refund">{t('tender.refund')}</CommandButton>
        <CommandButton command="reprint">{t('tender.reprint')}</CommandButton>
      </div>
    </section>
  )
}

type TenderProps = {
  kind: TenderInput['kind']
  icon: ReactNode
  note?: string | undefined
  off?: boolean
  chosen?: boolean
}

function Tender({ kind, icon, note, off = false, chosen = false }: TenderProps) {
  const { t } = useTranslation()
  const { cart } = useDesk()
  const commands = useCommands()
  const pressed = chosen || cart.tenders.some((tender) => tender.kind === kind)
  return (
    <button
      type="button"
      className={styles.tender}
      data-off={off || undefined}
      aria-pressed={pressed}
      onClick={commands[kind]}
    >
      {icon}
      <span>{t(`tender.${kind}`)}</span>
      <kbd>{printed(kind)}</kbd>
      {note && <small>{note}</small>}
    </button>
  )
}

/** The parts chosen so far, each a tap from undone. */
function Parts() {
  const { t } = useTranslation()
  const { formats, programme, status } = useTerminal()
  const { cart, act } = useDesk()
  const line = { open: status.online && status.frozen === null }
  return cart.tenders.map((tender) => {
    const name = t(`tender.${tender.kind}`)
    const points = tender.kind === 'points' ? ` (${t('common.points', { count: tender.points })})` : ''
    const lent = lentTowards(tender, cart.member, line)
    const lends = tender.kind === 'points' ? formats.number(lent) : formats.money(lent)
    return (
      <div key={tender.kind} className={styles.part}>
        <span>
          {name}
          {points}
          {lent > 0 && <em>{t('tender.lent', { amount: lends })}</em>}
        </span>
        <strong>{formats.money(worthOf(programme, tender))}</strong>
        <ActionIcon
          aria-label={t('tender.drop', { name })}
          onClick={() => act({ do: 'dropTender', kind: tender.kind })}
        >
          <IconX size={18} />
        </ActionIcon>
      </div>
    )
  })
}

function QuickCash() {
  const { t } = useTranslation()
  const { formats, programme } = useTerminal()
  const { cart, ringing, sums, cash } = useDesk()
  const notes = cart.done || ringing.typed ? [] : quickCash(sums.due, programme.money.decimals)
  if (notes.length === 0) return <p className={styles.hint}>{t('tender.typeAmount')}</p>
  return (
    <div className={styles.quick} role="group" aria-label={t('tender.quick')}>
      {notes.map((note) => (
        <button
          key={note}
          type="button"
          className={styles.note}
          disabled={cart.phase !== 'open'}
          onClick={() => void cash(note)}
        >
          <strong>{formats.amount(note)}</strong>
          <small>
            {note === sums.due ? t('tender.exact') : t('tender.change', { amount: formats.amount(note - sums.due) })}
          </small>
        </button>
      ))}
    </div>
  )
}
