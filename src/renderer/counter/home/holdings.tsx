/** Points, stored value and stamps: each told apart by its form. */
import { IconCoins, IconWallet } from '#renderer/ui/icons.ts'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Holding, MemberPanel, StampView } from '#core/contract/views.ts'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import styles from './member-panel.module.css'

export function Holdings({ member }: { member: MemberPanel }) {
  const { t } = useTranslation()
  const { formats } = useTerminal()
  return (
    <>
      <div className={styles.holdings}>
        <HoldingTile
          name={t('member.points')}
          icon={<IconCoins size={18} />}
          holding={member.points}
          owed={member.points.owed}
          write={formats.number}
        />
        <HoldingTile
          name={t('member.storedValue')}
          icon={<IconWallet size={18} />}
          holding={member.storedValue}
          write={formats.money}
        />
      </div>
      {member.stamps.map((stamp) => (
        <StampRow key={stamp.card} stamp={stamp} />
      ))}
    </>
  )
}

type TileProps = { name: string; icon: ReactNode; holding: Holding; owed?: number; write: (amount: number) => string }

function HoldingTile({ name, icon, holding, owed = 0, write }: TileProps) {
  const { t } = useTranslation()
  const { formats, status } = useTerminal()
  const { total, usableHere, reachable, inHand, nextExpiry } = holding
  // Connected, it is other counters that the rest comes from; offline it is the store (R9).
  const lendable = status.online ? 0 : reachable - usableHere
  return (
    <div className={styles.tile}>
      <span className={styles.tileHead}>
        {icon}
        {name}
      </span>
      <strong>{write(total)}</strong>
      {owed > 0 && (
        <span className={styles.here}>{t('member.owed', { points: t('common.points', { count: owed }) })}</span>
      )}
      {inHand > 0 && usableHere > inHand && (
        <span className={styles.soft}>{t('member.inHand', { amount: write(inHand) })}</span>
      )}
      {(reachable < total || lendable > 0) && (
        <span className={styles.here}>
          {t(lendable > 0 ? 'member.usableOrLent' : 'member.usableHere', {
            amount: write(usableHere),
            lent: write(lendable),
          })}
        </span>
      )}
      {nextExpiry && (
        <span className={styles.soft}>
          {t('member.expires', { day: formats.day(nextExpiry.on), amount: write(nextExpiry.amount) })}
        </span>
      )}
    </div>
  )
}

function StampRow({ stamp }: { stamp: StampView }) {
  const { t } = useTranslation()
  const { online } = useTerminal().status
  const count = stamp.holding.total
  const filled = Math.min(count, stamp.size)
  return (
    <div className={styles.stamps}>
      <span>{t('member.stampsOf', { name: stamp.name, count, size: stamp.size })}</span>
      <span className={styles.dots} aria-hidden>
        {Array.from({ length: stamp.size }, (_, index) => (
          <i key={index} data-filled={index < filled || undefined} />
        ))}
      </span>
      {count >= stamp.size && (
        <span className={styles.here}>
          {t(online ? 'member.stampsFull' : 'member.stampsFullOffline', { reward: stamp.rewardName })}
        </span>
      )}
    </div>
  )
}
