/**
 * Undoes a sale, top-up, debit or redeemed coupon whole, found by its receipt or among the latest; shows what goes back
 * before it does.
 */
import { Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TransactionView } from '#core/contract/views.ts'
import { printedNumber } from '#core/receipt/number.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { endedSums } from '#renderer/counter/ended.ts'
import { earningWords, endedWords, returnedWords } from '#renderer/counter/words.ts'
import { useKeys } from '#renderer/ui/keys.tsx'
import { newCommand } from '#renderer/ui/new-command.ts'
import { ApprovalStep, type Approval } from './approval.tsx'
import styles from './dialogs.module.css'
import { FailureLine, approvalNeeded } from './failure-line.tsx'

const KINDS = {
  'sale.completed': 'sale',
  'value.toppedUp': 'topUp',
  'value.debited': 'debit',
  'coupon.redeemed': 'coupon',
} as const

/** The coupon's name, or what it was with its receipt's number. */
const nameOf = ({ coupon, kind, receipt }: TransactionView, t: TFunction): string =>
  coupon ?? `${t(`refund.of.${KINDS[kind]}`)} ${receipt ? printedNumber(receipt) : ''}`

/** What had the focus before is gone: the row that was chosen, or the PIN. */
const focus = (place: HTMLElement | null) => place?.focus()

const alreadyOf = ({ coupon }: TransactionView) => (coupon === null ? 'refund.already' : 'refund.alreadyUndone')

export function RefundDialog({ transaction }: { transaction: TransactionView | null }) {
  return transaction ? <Confirm transaction={transaction} /> : <Recent />
}

function Recent() {
  const { t } = useTranslation()
  const { open } = useDesk()
  const { queries, formats } = useTerminal()
  const { data = [] } = useQuery(queries.transactions.recent.queryOptions({ staleTime: 0 }))
  useKeys(() => false)
  return (
    <div className={styles.stack} tabIndex={-1} data-autofocus>
      <p className={styles.soft}>{t(data.length === 0 ? 'refund.none' : 'refund.recent')}</p>
      <div className={styles.results}>
        {data.map((one) => (
          <button
            key={one.event}
            type="button"
            className={styles.result}
            disabled={one.reversed}
            onClick={() => open({ kind: 'refund', transaction: one })}
          >
            <span className={styles.soft}>{formats.time(one.at)}</span>
            <strong>{nameOf(one, t)}</strong>
            <span>{one.member?.name}</span>
            <span className={styles.right}>
              {one.reversed ? t(alreadyOf(one)) : one.receipt && formats.money(one.total)}
            </span>
          </button>
        ))}
      </div>
    </div>
  )
}

function Confirm({ transaction }: { transaction: TransactionView }) {
  const { t } = useTranslation()
  const { formats, status } = useTerminal()
  const { command, open, order, reprint } = useDesk()
  const [reason, setReason] = useState('')
  const isCoupon = transaction.coupon !== null
  useKeys(() => false)

  async function refund(approval: Approval | null): Promise<void> {
    const input = { ...newCommand(status), event: transaction.event, reason, approval }
    await order({ kind: isCoupon ? 'couponBack' : 'refund', input, total: transaction.total })
  }
  if (approvalNeeded(command.failure)) {
    const named = `${nameOf(transaction, t)} ${isCoupon ? '' : formats.money(transaction.total)}`
    const what = t(isCoupon ? 'approval.unredeem' : 'approval.refund', { what: named })
    return <ApprovalStep command={command} what={what} onApprove={(approval) => void refund(approval)} />
  }
  return (
    <div className={styles.stack} tabIndex={-1} data-autofocus ref={focus}>
      <div>
        <h3 className={styles.headline}>
          {nameOf(transaction, t)}
          {transaction.receipt && <span className={styles.right}>{formats.money(transaction.total)}</span>}
        </h3>
        <p className={styles.soft}>
          {[formats.moment(transaction.at), transaction.madeAt, transaction.staffName, transaction.member?.name]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
      {transaction.lines.length > 0 && (
        <ul className={styles.lines}>
          {transaction.lines.map((line, index) => (
            <li key={index}>
              <span>
                {line.name}
                {line.quantity > 1 && ` × ${line.quantity}`}
              </span>
              <span>{formats.amount(line.amount)}</span>
            </li>
          ))}
          {transaction.discounts
            .filter(({ amount }) => amount > 0)
            .map(({ name, amount }, index) => (
              <li key={`discount ${index}`}>
                <span>{name}</span>
                <span>{formats.amount(-amount)}</span>
              </li>
            ))}
        </ul>
      )}
      <WhatGoesBack transaction={transaction} />
      <WhatIsTaken transaction={transaction} />
      {transaction.reversed ? (
        <p className={styles.trouble}>{t(alreadyOf(transaction))}</p>
      ) : (
        <TextInput
          label={t('refund.reason')}
          value={reason}
          maxLength={200}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      )}
      <FailureLine command={command} />
      <div className={styles.buttons}>
        {transaction.madeAt === null && !isCoupon && (
          <Button
            variant="default"
            onClick={() => {
              open(null)
              void reprint(transaction.event)
            }}
          >
            {t('refund.reprint')}
          </Button>
        )}
        {!transaction.reversed && (
          <Button color="red.9" onClick={() => void refund(null)} loading={command.busy}>
            {isCoupon ? t('refund.unredeem') : t('refund.submit', { amount: formats.money(transaction.total) })}
          </Button>
        )}
      </div>
    </div>
  )
}

function WhatGoesBack({ transaction }: { transaction: TransactionView }) {
  const { t } = useTranslation()
  const { formats, status } = useTerminal()
  const later = transaction.sent && !status.online
  const ending = endedSums(transaction.reversed ? [] : transaction.ending)
  return (
    <div className={styles.back}>
      <strong>{t('refund.back')}</strong>
      <ul>
        {transaction.tenders.map((tender) => (
          <li key={tender.kind}>{returnedWords(tender, t, formats, later)}</li>
        ))}
        {transaction.coupon !== null && (
          <li>{t(later ? 'refund.couponBackLater' : 'refund.couponBack', { name: transaction.coupon })}</li>
        )}
      </ul>
      {transaction.member && transaction.kind === 'sale.completed' && (
        <p>{t(later ? 'refund.memberBackLater' : 'refund.memberBack')}</p>
      )}
      {ending.map((one) => (
        <p key={one.lots[0]} className={styles.ending}>
          {endedWords(one, t, formats)}
        </p>
      ))}
    </div>
  )
}

/** Of the member, or of whoever has claimed with the receipt. */
function WhatIsTaken({ transaction: { kind, total, bonus, claim } }: { transaction: TransactionView }) {
  const { t } = useTranslation()
  const { formats } = useTerminal()
  const amount = formats.money(total + bonus)
  const value =
    bonus > 0
      ? t('refund.valueTakenBonus', { amount, bonus: formats.money(bonus) })
      : t('refund.valueTaken', { amount })
  const taken = kind === 'value.toppedUp' ? value : claim && t('refund.claimTaken', { what: earningWords(claim, t) })
  return (
    taken && (
      <div className={styles.back}>
        <strong>{t('refund.taken')}</strong>
        <ul>
          <li>{taken}</li>
        </ul>
      </div>
    )
  )
}
