/** A small seeded generator, so that the demo shop is the same shop every time (mulberry32). */
import { CROCKFORD } from '#core/scan/crockford.ts'

export type Random = {
  /** An integer from 0 up to, not including, `below`. */
  int(below: number): number
  pick<T>(from: readonly [T, ...T[]]): T
  crockford(length: number): string
  /** A UUIDv7 of this instant. */
  uuid(unixMs: number): string
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (below: number): number => Math.floor(next() * below)
  const hex = (digits: number): string => Array.from({ length: digits }, () => int(16).toString(16)).join('')
  return {
    int,
    pick: (from) => from[int(from.length)] ?? from[0],
    crockford: (length) => Array.from({ length }, () => CROCKFORD[int(32)]).join(''),
    uuid: (unixMs) => {
      const time = unixMs.toString(16).padStart(12, '0')
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-${'89ab'[int(4)]}${hex(3)}-${hex(12)}`
    },
  }
}
