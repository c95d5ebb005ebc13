/** The demo shop's processes: started one after the other, each telling when it is ready, stopped in the reverse order. */
import { execFile, fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { freePort } from './free-port.ts'

const ROOT = join(import.meta.dirname, '../../..')
const DATA = process.env['COUNTERFOIL_DATA'] ?? join(ROOT, 'data/demo')
const PORTS = { server: 8780, firstCounter: 8701 }
const READY_MS = 30_000
const STOP_MS = 10_000

export type Child = { name: string; url: string; dataDir: string; process: ChildProcess; notes: Record<string, string> }

const Ready = z.object({ ready: z.url(), notes: z.record(z.string(), z.string()).default({}) })

export async function startServer(children: Child[]): Promise<Child> {
  const port = await freePort(PORTS.server)
  const dataDir = join(DATA, 'server')
  const environment = {
    DATA_DIR: dataDir,
    PORT: String(port),
    HOST: '127.0.0.1',
    PUBLIC_URL: `http://127.0.0.1:${port}`,
  }
  return start(children, 'server', join(ROOT, 'sync-server/start.ts'), ['--demo'], dataDir, environment)
}

export async function startCounter(children: Child[], server: Child, number: number): Promise<Child> {
  const port = await freePort(PORTS.firstCounter - 1 + number)
  const dataDir = join(DATA, `counter-${number}`)
  const environment = {
    COUNTERFOIL_SERVER: server.url.replace(/\/$/, ''),
    COUNTERFOIL_CODE: await enrolCode(server),
    COUNTERFOIL_COUNTER: `Counter ${number}`,
  }
  const args = ['--data', dataDir, '--port', String(port), '--demo']
  return start(children, `counter ${number}`, join(ROOT, 'src/main/counter-process.ts'), args, dataDir, environment)
}

/** A one-time code, from the server's own command line. A counter that has joined already has no use for it. */
async function enrolCode(server: Child): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'sync-server/cli.ts'), 'enrol-code', '--store', 's1'],
    { env: { ...process.env, DATA_DIR: server.dataDir } },
  )
  return stdout.trim()
}

function start(
  children: Child[],
  name: string,
  script: string,
  args: string[],
  dataDir: string,
  environment: Record<string, string>,
): Promise<Child> {
  // A group of its own: Ctrl-C reaches only the parent, which then ends its children in order.
  const child = fork(script, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true,
  })
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the ${name} is not ready after ${READY_MS / 1000} s`)), READY_MS)
    child.once('exit', (code) => reject(new Error(`the ${name} ended while starting (${code})`)))
    child.once('message', (message) => {
      clearTimeout(late)
      const { ready: url, notes } = Ready.parse(message)
      const started = { name, url, dataDir, process: child, notes }
      children.push(started)
      resolve(started)
    })
  })
}

export async function stopAll(children: Child[]): Promise<void> {
  for (const { process: child } of children.splice(0).reverse()) {
    if (child.exitCode !== null) continue
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const forced = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(forced)
  }
}
