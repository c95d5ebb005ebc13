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

/** Whether this machine knows the time zone by that name. */
export function isZone(zone: string): boolean {
  try {
    return formatFor(zone) !== undefined
  } catch {
    return false
  }
}

type Wall = { zone: string; minute: number; day: string; hour: number }
let lastSeen: Wall | null = null

/** The clock on the wall, to the minute; it is looked at many times in one. */
function wallClock(instantMs: number, zone: string): Wall {
  const minute = Math.floor(instantMs / 60_000)
  if (lastSeen?.minute === minute && lastSeen.zone === zone) return lastSeen
  const [day = '', hour] = formatFor(zone).format(instantMs).split(', ')
  lastSeen = { zone, minute, day, hour: Number(hour) }
  return lastSeen
}

/**
 * The business day of an instant (Unix ms). Before `cutOffHour` (0–23, by the clock on the shop's wall, on days when clocks
 * change too) it is still the day before.
 */
export function businessDateAt(instantMs: number, zone: string, cutOffHour: number): BusinessDate {
  const { day, hour } = wallClock(instantMs, zone)
  const date = BusinessDate.parse(day)
  return hour < cutOffHour ? addDays(date, -1) : date
}

/** The day `days` after (or before, when negative). */
export function addDays(date: BusinessDate, days: number): BusinessDate {
  const shifted = new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000)
  return BusinessDate.parse(shifted.toISOString().slice(0, 10))
}
