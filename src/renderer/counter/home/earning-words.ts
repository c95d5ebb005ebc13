import { useTranslation } from 'react-i18next'

/** `4 點、1 格`, or nothing. */
export function useEarningWords(earning: { points: number; stamps: number | readonly { count: number }[] }): string {
  const { t } = useTranslation()
  const stamps =
    typeof earning.stamps === 'number' ? earning.stamps : earning.stamps.reduce((sum, one) => sum + one.count, 0)
  return [
    earning.points > 0 ? t('common.points', { count: earning.points }) : '',
    stamps > 0 ? t('common.stamps', { count: stamps }) : '',
  ]
    .filter(Boolean)
    .join(t('common.listSeparator'))
}
