/** What the screen has to tell, and what can be done about it, each a button. */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Amount } from '#core/ids.ts'
import { assetKind } from '#core/ledger/asset.ts'
import type { Refusal } from '#core/ledger/refusal.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import type { Notice } from '#renderer/counter/notice.ts'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { noticeWords } from '#renderer/counter/words.ts'
import { EndedList } from './ended.tsx'
import styles from './notice-card.module.css'

type Remedy = { label: string; run: () => void }

export function NoticeCard({ notice }: { notice: Notice | null }) {
  const { t } = useTranslation()
  const { formats, status } = useTerminal()
  const { dismiss } = useDesk()
  const remedies = useRemedies(notice)
  if (!notice) return <div aria-live="polite" />
  const { tone, title, detail } = noticeWords(notice, t, formats, status)
  return (
    <div className={styles.card} data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <div className={styles.words}>
        <strong>{title}</strong>
        {detail && <p>{detail}</p>}
      </div>
      <div className={styles.remedies}>
        {remedies.map(({ label, run }, index) => (
          <Button
            key={label}
            variant={index === 0 ? 'filled' : 'default'}
            onClick={() => {
              dismiss(notice)
              run()
            }}
          >
            {label}
          </Button>
        ))}
        {notice.about !== 'uncertain' && (
          <Button variant="subtle" color="gray" onClick={() => dismiss(notice)}>
            {t('notice.dismiss')}
          </Button>
        )}
      </div>
      {notice.about === 'finished' && <EndedList result={notice.finished.result} />}
    </div>
  )
}

function useRemedies(notice: Notice | null): Remedy[] {
  const { t } = useTranslation()
  const { open, enter, act } = useDesk()
  const refusal = useRefusalRemedies()
  const find: Remedy = { label: t('notice.findMember'), run: () => open({ kind: 'find', query: '' }) }
  if (notice?.about === 'refusal') return refusal(notice.refusal)
  if (notice?.about === 'memberTaken') {
    const { before } = notice
    return [{ label: t('notice.memberBack', { name: before.name }), run: () => act({ do: 'member', member: before }) }]
  }
  if (notice?.about === 'memberAwaited') {
    return [{ label: t('notice.withoutMember'), run: () => act({ do: 'clearMember' }) }]
  }
  if (notice?.about === 'memberLost') return [find]
  if (notice?.about === 'uncertain') return [{ label: t('notice.retry'), run: () => void enter() }]
  if (notice?.about !== 'scan' || notice.scan.kind !== 'notFound') return []
  return notice.scan.what === 'member'
    ? [find, { label: t('notice.newMember'), run: () => open({ kind: 'enrol', name: '', phone: '' }) }]
    : []
}

function useRefusalRemedies(): (refusal: Refusal) => Remedy[] {
  const { t } = useTranslation()
  const { formats } = useTerminal()
  const { act, open } = useDesk()

  function useLess({ asset, usableHere }: Extract<Refusal, { code: 'insufficient' }>): Remedy[] {
    const isPoints = assetKind(asset) === 'points'
    const kind = isPoints ? 'points' : 'storedValue'
    const part: Remedy = {
      label: t('notice.usePart', {
        amount: isPoints ? t('common.points', { count: usableHere }) : formats.money(usableHere),
      }),
      run: () =>
        act({
          do: 'tender',
          tender: isPoints
            ? { kind: 'points', points: Amount.parse(usableHere) }
            : { kind: 'storedValue', amount: Amount.parse(usableHere) },
        }),
    }
    const cash: Remedy = { label: t('notice.useCash'), run: () => act({ do: 'dropTender', kind }) }
    return usableHere > 0 ? [part, cash] : [cash]
  }
  return (refusal) => {
    switch (refusal.code) {
      case 'insufficient':
        return useLess(refusal)
      case 'couponUnavailable':
      case 'couponExpired':
      case 'couponNotApplicable':
        return [{ label: t('notice.dropCoupon'), run: () => act({ do: 'dropCoupon', lot: refusal.lot }) }]
      case 'notPaidInFull':
      case 'overpaid':
        return [{ label: t('notice.restart'), run: () => act({ do: 'dropTenders' }) }]
      case 'memberNeeded':
      case 'memberUnknown':
        return [{ label: t('notice.findMember'), run: () => open({ kind: 'find', query: '' }) }]
      default:
        return []
    }
  }
}
