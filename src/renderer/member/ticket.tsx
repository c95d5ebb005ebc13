/** The claim as a ticket: what waits above the tear, where it came from below it. */
import type { ClaimInfo } from '#core/contract/member.ts'
import { formatMoney } from '#core/money.ts'
import { Icon, type IconName } from './icons.tsx'
import { longDay, useWords } from './words.ts'

const SIGN: Record<ClaimInfo['state'], IconName | null> = {
  open: null,
  claimedByYou: 'check',
  claimed: 'person',
  expired: 'clock',
  voided: 'cross',
  unsynced: 'cloud',
  restoring: 'cloud',
}

export function Ticket({
  info,
  balance,
  justClaimed,
}: {
  info: ClaimInfo
  balance: number | null
  justClaimed: boolean
}) {
  const { t, language } = useWords()
  const sign = SIGN[info.state]
  const state = justClaimed ? 'justClaimed' : info.state
  return (
    <main className={`ticket is-${info.state}${justClaimed ? ' is-new' : ''}`}>
      <section className="stub" aria-live="polite">
        {sign && (
          <span className="badge">
            <Icon name={sign} />
          </span>
        )}
        <h1>{t(`state.${state}.title`)}</h1>
        <Figure info={info} />
        {balance === null ? (
          <p className="detail">{t(`state.${state}.detail`, { day: longDay(info.expiresOn, language) })}</p>
        ) : (
          <p className="balance">{t('balance', { count: balance })}</p>
        )}
      </section>
      <dl>
        <Row label={t('store')} value={info.store} />
        <Row label={t('spentOn')} value={longDay(info.businessDate, language)} />
        <Row label={t('amount')} value={formatMoney(info.amount, info.money)} />
        <Row label={t('receiptNumber')} value={String(info.receiptNumber)} />
        {(info.state === 'unsynced' || info.state === 'restoring') && (
          <Row label={t('expires')} value={longDay(info.expiresOn, language)} />
        )}
      </dl>
    </main>
  )
}

function Figure({ info: { points, stamps } }: { info: ClaimInfo }) {
  const { t, language } = useWords()
  const figure =
    points > 0
      ? { count: points, unit: t('pointUnit', { count: points }) }
      : { count: stamps, unit: t('stampUnit', { count: stamps }) }
  return (
    <p className="figure">
      <span className="number">{figure.count.toLocaleString(language)}</span>{' '}
      <span className="unit">{figure.unit}</span>
      {points > 0 && stamps > 0 && <span className="extra">{t('andStamps', { count: stamps })}</span>}
    </p>
  )
}

const Row = ({ label, value }: { label: string; value: string }) => (
  <div>
    <dt>{label}</dt>
    <dd>{value}</dd>
  </div>
)
