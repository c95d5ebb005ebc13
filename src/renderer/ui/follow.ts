/** Follows a stream of the counter's process for as long as the page lives, through its restarts. */

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 4_000

type Follow<T> = {
  open: (signal: AbortSignal) => Promise<AsyncIterable<T>>
  onItem: (item: T) => void
  /** The stream ended and could not be opened again at once. */
  onLost?: () => void
}

/** Opens the stream again, with growing pauses, whenever it ends. Returns what stops it. */
export function follow<T>({ open, onItem, onLost }: Follow<T>): () => void {
  const stop = new AbortController()
  void (async () => {
    let waitMs = 0
    while (!stop.signal.aborted) {
      try {
        for await (const item of await open(stop.signal)) {
          waitMs = 0
          onItem(item)
          if (stop.signal.aborted) return
        }
      } catch {
        // An ended stream and a broken one are the same here: ask again.
      }
      if (stop.signal.aborted) return
      if (waitMs > 0) onLost?.()
      waitMs = Math.min(Math.max(FIRST_WAIT_MS, waitMs * 2), LONGEST_WAIT_MS)
      await pause(waitMs, stop.signal)
    }
  })()
  return () => stop.abort()
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
