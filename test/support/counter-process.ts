/** A counter as a process of its own, started as an installation starts it; what it said, and how it ended. */
import { fork, type ChildProcess } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { builtProgram } from './shared.ts'
import { screenAt, type Screen } from './counter-at-work.ts'

const SCRIPT = await builtProgram('counter')
const KEEP_COMPILED = ['--import', new URL('keep-compiled.ts', import.meta.url).href]
const Ready = z.object({ ready: z.url() })

export type Ended = { code: number | null; signal: NodeJS.Signals | null; said: string }
export type CounterProcess = {
  process: ChildProcess
  /** Where its screen is; rejects when it ends before it is ready. */
  ready: Promise<{ url: string; screen: Screen }>
  ended: Promise<Ended>
  /** How it ended without ever being ready; rejects when it is. */
  refused(): Promise<Ended>
}

/** Starts a counter on a folder; it is gone when the test is. `invitation` joins it to a shop at its first start. */
export function startCounterProcess(dataDir: string, invitation: Record<string, string> = {}): CounterProcess {
  const child = fork(SCRIPT, ['--data', dataDir, '--port', '0', '--demo'], {
    env: { ...process.env, ...invitation },
    execArgv: KEEP_COMPILED,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<Ended>((resolve) => child.once('close', (code, signal) => resolve({ code, signal, said })))
  const ready = new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve(Ready.parse(message).ready))
    void ended.then(({ code }) => reject(new Error(`the counter ended while starting (${code}): ${said}`)))
  }).then((url) => ({ url, screen: screenAt(url) }))
  ready.catch(() => undefined)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const refused = () =>
    ready.then(
      ({ url }): never => {
        throw new Error(`it started, at ${url}`)
      },
      () => ended,
    )
  return { process: child, ready, ended, refused }
}
