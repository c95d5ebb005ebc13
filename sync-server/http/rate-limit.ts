/** A token bucket a caller, in memory: enough against a phone that hammers, and gone with the process. */

export type RateLimit = { allows(caller: string): boolean }

const CALLERS_MAX = 10_000

/** At most `burst` at once, refilled at `perMinute`. */
export function rateLimit({ burst, perMinute }: { burst: number; perMinute: number }, clock: () => number): RateLimit {
  const buckets = new Map<string, { left: number; at: number }>()
  return {
    allows: (caller) => {
      const now = clock()
      const before = buckets.get(caller) ?? { left: burst, at: now }
      const left = Math.min(burst, before.left + ((now - before.at) * perMinute) / 60_000)
      buckets.delete(caller)
      const oldest = buckets.keys().next().value
      if (buckets.size >= CALLERS_MAX && oldest !== undefined) buckets.delete(oldest)
      buckets.set(caller, { left: left >= 1 ? left - 1 : left, at: now })
      return left >= 1
    },
  }
}
