/** This counter's clock: the machine's, as the server has set it right. */
import { CLOCK_TOLERANCE_MS } from '#core/contract/request-signature.ts'
import { isSetRight, timeNow, type Anchor, type Recorded } from '#core/clock.ts'

export type Clock = {
  /** Unix ms by the machine. */
  wall(): number
  /** Unix ms as well as known; never backwards while this runs, but where the server says so. */
  now(): number
  /** The server has just said what time it is. */
  heard(serverTime: number): void
  /** What the machine's clock lacks, when that is more than anyone should put up with; else null. */
  skew(): number | null
}

export type ClockOptions = {
  wall: () => number
  /** Milliseconds that only ever go on, whoever sets the machine's clock. */
  ticks: () => number
  /** Server clock minus the machine's, as heard in an earlier run. */
  offset: number
  last: Recorded | null
  /** A new offset worth remembering. */
  onOffset(offset: number): void
}

/** Smaller differences are the way to the server and back. */
const WORTH_KEEPING_MS = 1_000

export function createClock({ wall, ticks, last, onOffset, ...options }: ClockOptions): Clock {
  let { offset } = options
  let kept = offset
  let anchor: Anchor | null = last && { at: last.at, ticks: ticks(), wall: wall() }
  const keep = (next: number) => {
    offset = next
    if (Math.abs(offset - kept) < WORTH_KEEPING_MS) return
    kept = offset
    onOffset(offset)
  }
  const now = () => {
    if (anchor && isSetRight(wall(), offset, ticks(), anchor)) keep(0)
    return timeNow(wall(), offset, ticks(), anchor)
  }
  return {
    wall,
    now,
    heard(serverTime) {
      anchor = { at: serverTime, ticks: ticks(), wall: wall() }
      keep(serverTime - wall())
    },
    skew() {
      const lacks = now() - wall()
      return Math.abs(lacks) > CLOCK_TOLERANCE_MS ? lacks : null
    },
  }
}
