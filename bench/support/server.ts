/** The real server, in a process of its own, on a database that knows the whole shop. */
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { openServerDatabase } from '#server/ledger/database.ts'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { STORE } from './shop.ts'

export type ServerProcess = {
  url: string
  stop(): Promise<void>
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>
}

const SCRIPT = fileURLToPath(import.meta.resolve('#server/start.ts'))
const Ready = z.object({ ready: z.string() })

/** A one-time code for one terminal; made before the server starts. */
export async function enrolCode(file: string): Promise<string> {
  const { db, close } = await openServerDatabase(file)
  const code = await makeEnrolCode(db, STORE.id, Date.now())
  await close()
  return code
}

/** On any free port, unless told. */
export async function startServer(file: string, port = 0): Promise<ServerProcess> {
  const env = {
    ...process.env,
    DATABASE_URL: file,
    HOST: '127.0.0.1',
    PORT: String(port),
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'silent',
  }
  const child = fork(SCRIPT, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const { ready: url } = await firstMessage(child, Ready)
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }
  return { url, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

/** What the process says first. Rejects when it ends without a word. */
export async function firstMessage<T>(child: ChildProcess, schema: z.ZodType<T>): Promise<T> {
  const message = await new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', (code) => reject(new Error(`a process ended before it was ready (${code})`)))
  })
  return schema.parse(message)
}
