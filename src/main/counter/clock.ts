/** This counter's clock: the machine's, as the server has set it right. */
import { CLOCK_TOLERANCE_MS } from '#core/contract/request-signature.ts'
import { isSetRight, timeNow, wasSetRight, type Anchor, type Recorded, type ServerTime } from '#core/clock.ts'

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
  /** As kept from an earlier run. */
  kept: ServerTime
  last: Recorded | null
  /** It is worth keeping. */
  onServerTime(said: ServerTime): void
}

/** Smaller differences are the way to the server and back; and when it was heard need not be known to the minute. */
const WORTH_KEEPING_MS = { offset: 1_000, heard: 3_600_000 }

export function createClock({ wall, ticks, last, onServerTime, ...options }: ClockOptions): Clock {
  let { kept } = options
  // A guess, made anew at each start: on disk stays what the server said.
  let offset = wasSetRight(wall(), kept) ? 0 : kept.offset
  let anchor: Anchor | null = last && { at: last.at, ticks: ticks(), wall: wall() }
  const keep = (said: ServerTime) => {
    offset = said.offset
    const isLater = Math.abs((said.heard ?? 0) - (kept.heard ?? 0)) >= WORTH_KEEPING_MS.heard
    if (Math.abs(offset - kept.offset) < WORTH_KEEPING_MS.offset && !isLater) return
    kept = said
    onServerTime(said)
  }
  const now = () => {
    if (anchor && isSetRight(wall(), offset, ticks(), anchor)) keep({ offset: 0, heard: kept.heard })
    return timeNow(wall(), offset, ticks(), anchor)
  }
  return {
    wall,
    now,
    heard(serverTime) {
      anchor = { at: serverTime, ticks: ticks(), wall: wall() }
      keep({ offset: serverTime - wall(), heard: serverTime })
    },
    skew() {
      const lacks = now() - wall()
      return Math.abs(lacks) > CLOCK_TOLERANCE_MS ? lacks : null
    },
  }
}
