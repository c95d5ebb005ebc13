/** When this counter syncs: on a timer with jitter, sooner when there is reason to, later while the server is away. */
import { mutex } from '#main/mutex.ts'
import { storageFault } from '#storage/fault.ts'

/** The timed round; with jitter, so that a shop's counters do not come all at once. */
const ROUND_MS = 10_000
const RETRY_MS = { first: 1_000, longest: 15_000 }
const NUDGED_MS = 50

export type RoundsOptions = {
  round(): Promise<void>
  /** Listens for reasons to make the next round sooner, until the line breaks; a round that got through starts it again. */
  follow(nudge: () => void): Promise<void>
  /** A round did not get through to the server. */
  onLost(): void
  onError(error: unknown): void
  byHand: boolean
  signal: AbortSignal
}

export function createRounds({ round, follow, onLost, onError, byHand, signal }: RoundsOptions) {
  const oneRound = mutex()
  let timer: NodeJS.Timeout | undefined
  let failures = 0
  let nudged = false
  let following = false

  function once(): Promise<boolean> {
    return oneRound(async () => {
      nudged = false
      try {
        await round()
        failures = 0
        listen()
        return true
      } catch (error) {
        failures += 1
        // A fault of this counter's own disk says nothing of the server.
        if (!storageFault(error)) onLost()
        onError(error)
        return false
      }
    })
  }

  /** The next round: soon after a nudge, on the timer otherwise, later and later while the server is away. */
  function schedule(delay: number) {
    clearTimeout(timer)
    if (signal.aborted || byHand) return
    timer = setTimeout(() => void once().finally(() => schedule(nextDelay())), delay)
  }

  function nextDelay(): number {
    if (nudged && failures === 0) return 0
    const base = failures === 0 ? ROUND_MS : Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** (failures - 1))
    return jittered(base)
  }

  function nudge() {
    if (nudged) return
    nudged = true
    if (failures === 0) schedule(NUDGED_MS)
  }

  function listen() {
    if (following || signal.aborted || byHand) return
    following = true
    void follow(nudge).finally(() => {
      following = false
      // A broken line is the first sign of a server that is gone: look, and say so.
      schedule(jittered(RETRY_MS.first))
    })
  }

  return {
    once,
    nudge,
    now: () => schedule(0),
    /** Once a round that is under way is over; the signal has ended it. */
    async ended(): Promise<void> {
      clearTimeout(timer)
      await oneRound(async () => undefined)
    },
  }
}

const jittered = (ms: number): number => ms * (0.75 + Math.random() / 2)
