/** A program as a process of its own, started as an installation starts it: what it said, and how it ended. */
import { fork, type ChildProcess } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { z } from 'zod'

const KEEP_COMPILED = ['--import', new URL('keep-compiled.ts', import.meta.url).href]
const Ready = z.object({ ready: z.url() })
/** Of what it says, so much of the end is kept. */
const KEPT = 20_000

export type Ended = { code: number | null; signal: NodeJS.Signals | null; said: string }

export type Forked = {
  process: ChildProcess
  /** Where it listens; rejects when it ends before it does. */
  ready: Promise<string>
  ended: Promise<Ended>
}

/** Starts a program; it is gone when the test is. */
export function forked(script: string, args: readonly string[], env: Record<string, string>): Forked {
  const child = fork(script, args, {
    env: { ...process.env, ...env },
    execArgv: KEEP_COMPILED,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-KEPT)))
  const ended = new Promise<Ended>((resolve) => child.once('close', (code, signal) => resolve({ code, signal, said })))
  const ready = new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve(Ready.parse(message).ready))
    void ended.then(({ code }) => reject(new Error(`it ended while starting (${code}): ${said}`)))
  })
  ready.catch(() => undefined)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { process: child, ready, ended }
}
