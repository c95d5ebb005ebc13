/** The shop's calendar: which business day an instant belongs to, in the store's zone with its cut-off hour. */
import { BusinessDate } from './ids.ts'

const formats = new Map<string, Intl.DateTimeFormat>()

function formatFor(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      hourCycle: 'h23',
    })
    formats.set(zone, format)
  }
  return format
}

/**
 * The business day of an instant (Unix ms). Before `cutOffHour` (0–23, by the clock on the shop's wall, on days when clocks
 * change too) it is still the day before.
 */
export function businessDateAt(instantMs: number, zone: string, cutOffHour: number): BusinessDate {
  const [day, hour] = formatFor(zone).format(instantMs).split(', ')
  const date = BusinessDate.parse(day)
  return Number(hour) < cutOffHour ? addDays(date, -1) : date
}

/** The day `days` after (or before, when negative). */
export function addDays(date: BusinessDate, days: number): BusinessDate {
  const shifted = new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000)
  return BusinessDate.parse(shifted.toISOString().slice(0, 10))
}
