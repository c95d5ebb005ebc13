/**
 * What time it is, at a counter whose own clock may be wrong, stand still or jump. The server's word is what counts; between
 * two of its words the machine's clock goes on from there, and where that runs backwards, the ticks since then do.
 */
import { CLOCK_TOLERANCE_MS } from './contract/request-signature.ts'
import type { BusinessDate } from './ids.ts'

/**
 * An instant known to have passed (the server said so, or something was recorded then), and what the ticks and the machine's
 * clock said when it was learned.
 */
export type Anchor = { at: number; ticks: number; wall: number }

/** What the server said: its clock minus the machine's, and what its clock was then. Older files do not have that. */
export type ServerTime = { offset: number; heard: number | null }

/** Unix ms: never before the anchor plus what has passed since. */
export function timeNow(wall: number, offset: number, ticks: number, anchor: Anchor | null): number {
  const byWall = wall + offset
  return anchor === null ? byWall : Math.max(byWall, anchor.at + (ticks - anchor.ticks))
}

const DAY_MS = 86_400_000

/** No shop is closed for longer with its server away. */
const MOST_AWAY_MS = 31 * DAY_MS

/** Whether somebody has set the machine's clock right as it ran: it has jumped by just what the server said that it lacks. */
export function isSetRight(wall: number, offset: number, ticks: number, anchor: Anchor): boolean {
  const jump = wall - anchor.wall - (ticks - anchor.ticks)
  return isMuch(offset) && isMuch(jump) && !isMuch(jump - offset)
}

/**
 * Whether somebody has set it right while it was off, as far as a start can tell: by itself it goes on from when the server
 * said what it lacks, as it does not with that. What is on record is no measure here: the wrong clock may have made it.
 */
export function wasSetRight(wall: number, { offset, heard }: ServerTime): boolean {
  if (heard === null || !isMuch(offset)) return false
  const since = wall - heard
  return goesOn(since) && !goesOn(since + offset) && Math.abs(since) < Math.abs(since + offset)
}

const isMuch = (ms: number): boolean => Math.abs(ms) > CLOCK_TOLERANCE_MS
const goesOn = (ms: number): boolean => ms >= -CLOCK_TOLERANCE_MS && ms <= MOST_AWAY_MS

/** The business day of what was recorded last, and when that was. */
export type Recorded = { at: number; day: BusinessDate }

/**
 * The business day now. It does not go back behind what is recorded already because a clock was set right by some hours; a
 * record that is a day or more ahead of the time was a wrong clock's, and binds nobody.
 */
export function dayNow(now: number, day: BusinessDate, last: Recorded | null): BusinessDate {
  return last !== null && day < last.day && last.at - now < DAY_MS ? last.day : day
}
