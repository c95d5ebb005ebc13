/** The server as a process of its own, started as an installation starts it, to be killed and started again. */
import { fork, type ChildProcess } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { builtProgram } from './shared.ts'

const SCRIPT = await builtProgram('server')
const KEEP_COMPILED = ['--import', new URL('keep-compiled.ts', import.meta.url).href]
const Ready = z.object({ ready: z.url() })

export type ServerProcess = {
  process: ChildProcess
  /** Where it listens; rejects when it ends before it does. */
  ready: Promise<string>
  ended: Promise<{ code: number | null; said: string }>
}

/** Starts a server; it is gone when the test is. `env`: DATABASE_URL or DATA_DIR, and PORT (0: any). */
export function startServerProcess(env: Record<string, string>, flags: string[] = []): ServerProcess {
  const child = fork(SCRIPT, flags, {
    env: { ...process.env, LOG_LEVEL: 'warn', ...env },
    execArgv: KEEP_COMPILED,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-20_000)))
  const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, said })),
  )
  const ready = new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve(Ready.parse(message).ready))
    void ended.then(({ code }) => reject(new Error(`the server ended while starting (${code}): ${said}`)))
  })
  ready.catch(() => undefined)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { process: child, ready, ended }
}
