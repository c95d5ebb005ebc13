/** The live stream: "up to N", the latest only, whenever there is something to pull. */
import type { Nudge } from '#server/ledger/nudge.ts'

/** Says where the server stands at once, then after each commit; several commits may be said as one. Ends with the signal. */
export async function* upTo(
  nudge: Nudge,
  present: () => Promise<number>,
  signal: AbortSignal,
): AsyncGenerator<{ upTo: number }> {
  let latest = 0
  let wake: () => void = () => undefined
  const stop = nudge.listen((seq) => {
    latest = Math.max(latest, seq)
    wake()
  })
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort)
  try {
    latest = Math.max(latest, await present())
    let said = -1
    while (!signal.aborted) {
      if (latest > said) {
        said = latest
        yield { upTo: said }
        continue
      }
      await new Promise<void>((resolve) => {
        wake = resolve
        if (signal.aborted || latest > said) resolve()
      })
    }
  } finally {
    stop()
    signal.removeEventListener('abort', onAbort)
  }
}
