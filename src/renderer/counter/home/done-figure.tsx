/** What a finished piece of work shows large. */
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { Done } from '#core/contract/views.ts'
import { couponTemplateOf, stampAsset, type Asset } from '#core/ledger/asset.ts'
import { couponTemplate, type Programme } from '#core/loyalty/programme.ts'
import type { Finished } from '#renderer/counter/cart.ts'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import styles from './done-panel.module.css'

/** The one thing to be read from afar: what hands have to do now, else what it came to. */
export function DoneFigure({ done: { kind, result } }: { done: Finished }) {
  const { t } = useTranslation()
  const { formats, programme } = useTerminal()
  const { symbol } = programme.money
  const { moved } = result
  const back = byHand(result)
  if (moved) {
    const isCoupon = couponTemplateOf(moved.asset) !== null
    const by = isCoupon ? null : `${moved.by > 0 ? '+' : '−'}${formats.number(Math.abs(moved.by))}`
    return <Large name={assetName(moved.asset, programme, t)} figure={by} />
  }
  if (back) {
    const name = t(back.kind === 'cash' ? 'done.giveBack.cash' : 'done.giveBack.card')
    return <Large name={name} symbol={symbol} figure={formats.amount(back.amount)} />
  }
  if (result.change > 0) return <Large name={t('done.change')} symbol={symbol} figure={formats.amount(result.change)} />
  if (kind === 'refund' || result.total === 0) return null
  const name = kind === 'topUp' ? 'done.toppedUp' : kind === 'debit' ? 'done.debited' : 'done.total'
  return <Large name={t(name)} symbol={symbol} figure={formats.amount(result.total)} />
}

type LargeProps = { name: string; symbol?: string; figure: string | null }

function Large({ name, symbol, figure }: LargeProps) {
  return (
    <p className={styles.change}>
      <span>{name}</span>
      {figure !== null && (
        <output data-testid="change">
          {symbol && <small>{symbol}</small>}
          {figure}
        </output>
      )}
    </p>
  )
}

/** What a refund leaves to the cashier's hands: money from the drawer, else on the card machine. */
export const byHand = ({ returned }: Done) =>
  returned.find(({ kind }) => kind === 'cash') ?? returned.find(({ kind }) => kind === 'card')

/** Points, a stamp card or a coupon by its name. */
function assetName(asset: Asset, programme: Programme, t: TFunction): string {
  const template = couponTemplateOf(asset)
  if (template !== null) return couponTemplate(programme, template)?.name ?? ''
  return programme.stampCards.find(({ id }) => stampAsset(id) === asset)?.name ?? t('common.pointsName')
}
