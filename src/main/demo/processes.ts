/** The demo shop's processes: started one after the other, each telling when it is ready, stopped in the reverse order. */
import { execFile, fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { electronProgram, startElectron } from './desktop.ts'
import { freePort } from './free-port.ts'

const ROOT = join(import.meta.dirname, '../../..')
/** What Node made of the sources the last time: a start takes half the time. */
const COMPILED = join(ROOT, 'node_modules/.cache/node')
/** Where the demo shop keeps its data, one folder a process. */
export const DATA = process.env['COUNTERFOIL_DATA'] ?? join(ROOT, 'data/demo')
const PORTS = { server: 8780, firstCounter: 8701 }
const READY_MS = 30_000
const STOP_MS = 10_000

export type Child = {
  name: string
  /** Null of the desktop application, which has a window of its own. */
  url: string | null
  dataDir: string
  notes: Record<string, string>
}
export type Host = Child & { url: string }

/** Every process from the moment it exists, so that none outlives a start that is broken off. */
export type Running = { processes: ChildProcess[]; stopping: boolean }

const Ready = z.object({ ready: z.url(), notes: z.record(z.string(), z.string()).default({}) })

export async function startServer(running: Running): Promise<Host> {
  const port = await freePort(PORTS.server)
  const dataDir = join(DATA, 'server')
  const environment = {
    DATA_DIR: dataDir,
    PORT: String(port),
    HOST: '127.0.0.1',
    PUBLIC_URL: `http://127.0.0.1:${port}`,
  }
  return start(running, 'server', join(ROOT, 'sync-server/start.ts'), ['--demo'], dataDir, environment)
}

/** The first counter is the desktop application where that can run; the others, and else all, are pages for a browser. */
export async function startCounter(running: Running, server: Host, number: number): Promise<Child> {
  const name = `counter ${number}`
  const invitation = {
    COUNTERFOIL_SERVER: server.url.replace(/\/$/, ''),
    COUNTERFOIL_CODE: await enrolCode(server),
    COUNTERFOIL_COUNTER: `Counter ${number}`,
  }
  const program = number === 1 ? electronProgram(ROOT) : null
  const desktop = program && (await startDesktop(running, name, program, invitation))
  if (desktop) return desktop
  const port = await freePort(PORTS.firstCounter - 1 + number)
  const dataDir = join(DATA, `counter-${number}`)
  const args = ['--data', dataDir, '--port', String(port), '--demo']
  return start(running, name, join(ROOT, 'src/main/counter-process.ts'), args, dataDir, invitation)
}

async function startDesktop(
  running: Running,
  name: string,
  program: string,
  invitation: Record<string, string>,
): Promise<Child | null> {
  const dataDir = join(DATA, 'desktop')
  const child = await startElectron(program, ROOT, dataDir, invitation)
  if (!child) return null
  running.processes.push(child)
  return { name, url: null, dataDir, notes: {} }
}

/** A one-time code, from the server's own command line. A counter that has joined already has no use for it. */
async function enrolCode(server: Host): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'sync-server/cli.ts'), 'enrol-code', '--store', 's1'],
    { env: { ...process.env, DATA_DIR: server.dataDir } },
  )
  return stdout.trim()
}

function start(
  running: Running,
  name: string,
  script: string,
  args: string[],
  dataDir: string,
  environment: Record<string, string>,
): Promise<Host> {
  if (running.stopping) return Promise.reject(new Error('it is being stopped'))
  // A group of its own: Ctrl-C reaches only the parent, which then ends its children in order.
  const child = fork(script, args, {
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED, ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true,
  })
  running.processes.push(child)
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the ${name} is not ready after ${READY_MS / 1000} s`)), READY_MS)
    child.once('exit', (code) => reject(new Error(`the ${name} ended while starting (${code})`)))
    child.once('message', (message) => {
      clearTimeout(late)
      const { ready: url, notes } = Ready.parse(message)
      child.once('exit', (status) => {
        if (!running.stopping)
          console.error(`The ${name} has ended (${status}). Its data is kept: Ctrl-C, and start again.`)
      })
      resolve({ name, url, dataDir, notes })
    })
  })
}

/** Ends what runs, the last started first; nothing more can be started then. */
export async function stopAll(running: Running): Promise<void> {
  running.stopping = true
  for (const child of running.processes.splice(0).reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const forced = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(forced)
  }
}
