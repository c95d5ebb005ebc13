/** `npm start`, as a newcomer types it: what it says, what runs, that it ends whole, and that it finds its data again. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { lockFolder } from '#storage/instance-lock.ts'
import { basket } from '#test/support/at-the-counter.ts'
import { PINS, screenAt, staff, type Screen } from '#test/support/counter-at-work.ts'
import { builtPage } from '#test/support/shared.ts'
import { tempDir } from '#test/support/temp.ts'

const PATIENCE = { timeout: 180_000, interval: 200 }

type Demo = { child: ChildProcess; said(): string; ended: Promise<number | null> }

/** In a process group of its own, as a terminal's foreground job. */
function start(command: string, args: string[], dataDir: string): Demo {
  const child = spawn(command, args, {
    env: { ...process.env, COUNTERFOIL_DATA: dataDir, DISPLAY: '', WAYLAND_DISPLAY: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) signal(child, 'SIGINT')
    await ended
  })
  return { child, said: () => said, ended }
}

const npmStart = (dataDir: string, ...args: string[]) => start('npm', ['start', '--', '--no-open', ...args], dataDir)
const nodeStart = (dataDir: string, ...args: string[]) =>
  start(process.execPath, ['src/main/start.ts', '--no-open', ...args], dataDir)

/** What Ctrl-C does: the whole foreground group hears it. */
function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, name)
}

async function ready(demo: Demo): Promise<string> {
  await expect.poll(() => demo.said(), PATIENCE).toContain('Ctrl-C stops everything')
  return demo.said()
}

/** Processes that were given this folder, wherever their parent is; where the system has no /proc, none are seen. */
function processesOn(dataDir: string): string[] {
  if (!existsSync('/proc/self/environ')) return []
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`COUNTERFOIL_DATA=${dataDir}`)
    } catch {
      return false
    }
  })
}

async function expectAllGone(dataDir: string): Promise<void> {
  await expect.poll(() => processesOn(dataDir), PATIENCE).toEqual([])
  const counters = readdirSync(dataDir).filter((name) => name.startsWith('counter-'))
  for (const counter of counters) lockFolder(join(dataDir, counter))()
}

const urlAfter = (said: string, name: string): string =>
  new RegExp(`${name}\\s+(http://127\\.0\\.0\\.1:\\d+/?)`).exec(said)?.[1] ?? ''

async function signedIn(url: string): Promise<Screen> {
  const screen = screenAt(url)
  await screen.session.signIn({ staff: staff('mei'), pin: PINS.mei })
  return screen
}

const reached = async (url: string): Promise<number> => (await fetch(url)).status

/** Keeps the demo's usual port from it, as another program on the machine might. */
async function occupyServerPort(): Promise<void> {
  const other = createServer()
  await new Promise<void>((resolve) => {
    other.once('error', () => resolve())
    other.listen(8780, '127.0.0.1', () => resolve())
  })
  onTestFinished(() => void other.close())
}

// Else it would make them while another test uses them.
beforeAll(() => builtPage('counter'))

describe('npm start', () => {
  it(
    'says what runs and where, ends with Ctrl-C, goes on where it was, and runs once',
    { timeout: 400_000 },
    async () => {
      const dataDir = join(tempDir(), 'demo')
      const first = npmStart(dataDir)
      const said = await ready(first)
      expect(said).toContain('Counterfoil is running.')
      expect(said).toContain(join(dataDir, 'counter-1'))
      expect(said).toContain(join(dataDir, 'server'))
      expect(said).toContain('LINE is in dry run')
      const outbox = /http:\/\/\S+outbox\S*/.exec(said)?.[0] ?? ''
      expect(await reached(outbox)).toBe(200)
      const counterUrl = urlAfter(said, 'counter 1')
      const serverUrl = urlAfter(said, 'server')
      expect(await (await fetch(counterUrl)).text()).toContain('<div id="root"')
      expect(await reached(new URL('health', serverUrl).href)).toBe(200)
      const screen = await signedIn(counterUrl)
      expect(await screen.status.get()).toMatchObject({ online: true, shop: '山小屋咖啡', counter: 'Counter 1' })
      const sale = await screen.checkout.pay(basket(365))
      signal(first.child, 'SIGINT')
      await first.ended
      await expectAllGone(dataDir)
      await expect(fetch(counterUrl)).rejects.toThrow('fetch failed')
      await expect(fetch(serverUrl)).rejects.toThrow('fetch failed')

      await occupyServerPort()
      const second = nodeStart(dataDir, '--counters', '2')
      const again = await ready(second)
      const one = await signedIn(urlAfter(again, 'counter 1'))
      const two = await signedIn(urlAfter(again, 'counter 2'))
      expect(await one.transactions.recent()).toMatchObject([{ event: sale.event }])
      expect(await two.transactions.recent()).toEqual([])
      await expect.poll(async () => (await one.status.get()).online, PATIENCE).toBe(true)
      expect(await two.status.get()).toMatchObject({ online: true, counter: 'Counter 2' })

      const third = nodeStart(dataDir)
      expect(await third.ended).toBe(1)
      expect(third.said()).toContain('is running already')
      expect(await one.checkout.pay(basket(80))).toMatchObject({ total: 80 })

      second.child.kill('SIGKILL')
      await second.ended
      await expectAllGone(dataDir)
    },
  )

  it('leaves nothing behind when it is stopped while starting', { timeout: 400_000 }, async () => {
    const dataDir = join(tempDir(), 'demo')
    const stopped = nodeStart(dataDir)
    await expect.poll(() => processesOn(dataDir).length > 1 || stopped.said().includes('running'), PATIENCE).toBe(true)
    signal(stopped.child, 'SIGINT')
    expect(await stopped.ended).toBe(0)
    await expect.poll(() => processesOn(dataDir), PATIENCE).toEqual([])
  })
})
