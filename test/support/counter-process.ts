/** A counter as a process of its own. */
import { screenAt, type Screen } from './counter-at-work.ts'
import { forked, type Ended, type Forked } from './forked.ts'
import { builtProgram } from './shared.ts'

const SCRIPT = await builtProgram('counter')

export type CounterProcess = Omit<Forked, 'ready'> & {
  /** Where its screen is; rejects when it ends before it is ready. */
  ready: Promise<{ url: string; screen: Screen }>
  /** How it ended without ever being ready; rejects when it is. */
  refused(): Promise<Ended>
}

/** Starts a counter on a folder; it is gone when the test is. `invitation` joins it to a shop at its first start. */
export function startCounterProcess(dataDir: string, invitation: Record<string, string> = {}): CounterProcess {
  const counter = forked(SCRIPT, ['--data', dataDir, '--port', '0', '--demo'], invitation)
  const ready = counter.ready.then((url) => ({ url, screen: screenAt(url) }))
  ready.catch(() => undefined)
  const refused = () =>
    ready.then(
      ({ url }): never => {
        throw new Error(`it started, at ${url}`)
      },
      () => counter.ended,
    )
  return { ...counter, ready, refused }
}
