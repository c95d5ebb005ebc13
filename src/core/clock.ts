/**
 * What time it is, at a counter whose own clock may be wrong, stand still or jump. The server's word is what counts; between
 * two of its words the machine's clock goes on from there, and where that runs backwards, the ticks since then do.
 */
import type { BusinessDate } from './ids.ts'

/** An instant known to have passed (the server said so, or something was recorded then), and the ticks at that moment. */
export type Anchor = { at: number; ticks: number }

/** Unix ms: never before the anchor plus what has passed since. */
export function timeNow(wall: number, offset: number, ticks: number, anchor: Anchor | null): number {
  const byWall = wall + offset
  return anchor === null ? byWall : Math.max(byWall, anchor.at + (ticks - anchor.ticks))
}

const DAY_MS = 86_400_000

/** The business day of what was recorded last, and when that was. */
export type Recorded = { at: number; day: BusinessDate }

/**
 * The business day now. It does not go back behind what is recorded already because a clock was set right by some hours; a
 * record that is a day or more ahead of the time was a wrong clock's, and binds nobody.
 */
export function dayNow(now: number, day: BusinessDate, last: Recorded | null): BusinessDate {
  return last !== null && day < last.day && last.at - now < DAY_MS ? last.day : day
}
