/** Dates and money as the screen writes them. */
import { useTranslation } from 'react-i18next'
import type { BusinessDate } from '#core/ids.ts'
import { formatAmount, formatMoney } from '#core/money.ts'
import type { Money } from '#core/loyalty/programme.ts'

const UNAMBIGUOUS_MS = 330 * 86_400_000

export type Formats = {
  /** `1,250` */
  number: (amount: number) => string
  /** An amount of money without its symbol. */
  amount: (amount: number) => string
  /** `NT$1,250` */
  money: (amount: number) => string
  /** `11/22`, or with the year when it is far away. */
  day: (date: BusinessDate) => string
  /** `11/22 14:05` */
  moment: (instantMs: number) => string
  /** `14:05` */
  time: (instantMs: number) => string
  /** `12 minutes`, `3 hours`, `2 days`: about so long. */
  span: (ms: number) => string
}

/** How this shop writes money, days and times (in its own zone), in the chosen language. */
export function useFormats(money: Money, zone: string): Formats {
  const { i18n } = useTranslation()
  const locale = i18n.language
  const short = new Intl.DateTimeFormat(locale, { month: 'numeric', day: 'numeric', timeZone: 'UTC' })
  const long = new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'numeric', day: 'numeric', timeZone: 'UTC' })
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone })
  const dayOf = new Intl.DateTimeFormat(locale, { month: 'numeric', day: 'numeric', timeZone: zone })
  return {
    number: (amount) => formatAmount(amount),
    amount: (amount) => formatAmount(amount, money.decimals),
    money: (amount) => formatMoney(amount, money),
    day: (date) => {
      const at = Date.parse(`${date}T00:00:00Z`)
      // Less than a year from now, either way, the day alone says which.
      return (Math.abs(at - Date.now()) < UNAMBIGUOUS_MS ? short : long).format(at)
    },
    moment: (instantMs) => `${dayOf.format(instantMs)} ${time.format(instantMs)}`,
    time: (instantMs) => time.format(instantMs),
    span: (ms) => {
      const minutes = Math.round(ms / 60_000)
      if (minutes < 120) return units(locale, 'minute', minutes)
      return minutes < 48 * 60 ? units(locale, 'hour', minutes / 60) : units(locale, 'day', minutes / 1_440)
    },
  }
}

const units = (locale: string, unit: 'minute' | 'hour' | 'day', count: number): string =>
  new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 }).format(count)

/** `0912345678` → `0912-345-678`; anything else as it is. */
export const formatPhone = (phone: string): string => phone.replace(/^(09\d{2})(\d{3})(\d{3})$/, '$1-$2-$3')
