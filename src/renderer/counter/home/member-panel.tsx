/** Who is served, what they hold, and what of it can be used here now. */
import { ActionIcon, Badge } from '@mantine/core'
import { IconAlertTriangle, IconCake, IconCloudUp, IconUserSearch, IconX } from '#renderer/ui/icons.ts'
import { useTranslation } from 'react-i18next'
import type { MemberPanel as Member } from '#core/contract/views.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { formatPhone } from '#renderer/ui/format.ts'
import { CommandButton } from './action.tsx'
import { CouponChips } from './coupon-chips.tsx'
import home from './home.module.css'
import { Holdings } from './holdings.tsx'
import styles from './member-panel.module.css'
import { printed, useCommands } from './use-shortcuts.ts'

export function MemberPanel() {
  const { t } = useTranslation()
  const { cart } = useDesk()
  return (
    <section className={home.panel} aria-label={t('member.title')}>
      {cart.member ? <Known member={cart.member} /> : <Nobody />}
    </section>
  )
}

function Nobody() {
  const { t } = useTranslation()
  const { programme } = useTerminal()
  const commands = useCommands()
  return (
    <>
      <div className={styles.nobody}>
        <button type="button" className={styles.find} onClick={commands.find}>
          <IconUserSearch size={36} stroke={1.5} />
          <span>{t('member.find')}</span>
          <kbd>{printed('find')}</kbd>
        </button>
        <p>{t('member.noneHint')}</p>
        <p className={home.soft}>{t(programme.claimEarn.points > 0 ? 'member.noneClaim' : 'member.noneNothing')}</p>
      </div>
      <div className={styles.actions}>
        <CommandButton command="enrol">{t('member.new')}</CommandButton>
      </div>
    </>
  )
}

function Known({ member }: { member: Member }) {
  const { t } = useTranslation()
  const { act, open } = useDesk()
  const { status } = useTerminal()
  const birthdayMonth = member.birthday?.slice(5, 7) === status.businessDate.slice(5, 7)
  return (
    <>
      <div className={styles.head}>
        <h2 title={member.name}>{member.name}</h2>
        <Badge size="lg" variant="light" tt="none" flex="none">
          {member.tierName}
        </Badge>
        {birthdayMonth && (
          <IconCake className={styles.cake} size={22} role="img" aria-label={t('member.birthdayMonth')} />
        )}
        {member.blocked && (
          <Badge size="lg" color="red.9" tt="none" flex="none">
            {t('member.blocked')}
          </Badge>
        )}
        <span className={styles.phone}>{formatPhone(member.phone)}</span>
        {member.unsynced && <IconCloudUp size={20} role="img" aria-label={t('member.unsynced')} />}
        <ActionIcon className={styles.clear} aria-label={t('member.clear')} onClick={() => act({ do: 'clearMember' })}>
          <IconX size={22} />
        </ActionIcon>
      </div>
      <div className={`${home.scroll} ${styles.known}`}>
        {member.note && (
          <p className={styles.note}>
            <IconAlertTriangle size={20} />
            {member.note}
          </p>
        )}
        <Holdings member={member} />
        <CouponChips coupons={member.coupons} />
        {member.mergedCards.length > 0 && (
          <p className={styles.recent}>
            {t('member.merged', { cards: member.mergedCards.join(t('common.listSeparator')) })}
          </p>
        )}
        <Visits recent={member.recent} />
      </div>
      <div className={styles.actions}>
        <CommandButton command="topUp">{t('member.topUp')}</CommandButton>
        <button
          type="button"
          className={home.action}
          disabled={member.storedValue.total === 0}
          onClick={() => open({ kind: 'debit' })}
        >
          {t('member.debit')}
        </button>
        <CommandButton command="adjust">{t('member.adjust')}</CommandButton>
      </div>
    </>
  )
}

/** Least of all that is told of a member: shown where there is room for the line. */
function Visits({ recent }: Pick<Member, 'recent'>) {
  const { t } = useTranslation()
  const { formats } = useTerminal()
  const visits = recent
    .slice(0, 3)
    .map((visit) => `${formats.moment(visit.at).split(' ')[0]} ${formats.amount(visit.total)}`)
  return (
    <div className={styles.visits}>
      <span>{visits.length === 0 ? t('member.noVisits') : `${t('member.recent')}　${visits.join(' · ')}`}</span>
    </div>
  )
}
