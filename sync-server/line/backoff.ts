/** When to try again. Exponential with jitter, so that a crowd of failed messages does not come back as a crowd. */

const FIRST_MS = 2_000
const LONGEST_MS = 30 * 60_000

/** Milliseconds to wait after the n-th failed attempt (n ≥ 1): between half and all of 2 s, 4 s, 8 s … 30 min. */
export function backoffMs(attempts: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 20))
  return Math.round(ceiling / 2 + (ceiling / 2) * random())
}
