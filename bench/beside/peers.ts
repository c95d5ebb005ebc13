/** The peers: each one's server and clients, in their own packages, carrying Counterfoil's events as documents. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { lotsOf } from '#bench/support/members.ts'
import { freePort } from '#main/demo/free-port.ts'
import type { Material } from './material.ts'
import { startProcess } from './process.ts'
import { pause, type Load, type Stage, type System } from './system.ts'

type Name = 'pouchdb' | 'tinybase' | 'rxdb'
type Peer = Pick<System, 'fsync' | 'notes'> & { name: Name; acknowledges: boolean }

const SCRIPT = fileURLToPath(import.meta.resolve('#bench/peers/process.ts'))
const FOLDER = dirname(SCRIPT)
const LOOK_AGAIN_MS = 5
/** A server whose rows have not grown for so long gets no more of them. */
const STILL_MS = 10_000

const PEERS: Peer[] = [
  {
    name: 'pouchdb',
    fsync: 'none: LevelDB, written without sync on both sides',
    acknowledges: true,
    notes: {
      E: 'a revision is a hash of its content, so the same document is the same revision, and the server asks for none',
      F: 'the process was killed, not the power: LevelDB keeps what was handed to the system, and loses it with the power',
    },
  },
  {
    name: 'tinybase',
    fsync: 'none: memory; the server writes its whole store to a JSON file after each change',
    acknowledges: false,
    notes: {
      E: 'a row set again has a later stamp, so every row is written anew and sent to everyone, with the same text',
      F: 'nothing is acknowledged; what the server had not written to its file comes again while the client lives',
    },
  },
  {
    name: 'rxdb',
    fsync: 'none: memory on both sides',
    acknowledges: true,
    notes: {
      E: 'each document is a conflict with itself, settled without a write',
      F: 'what the server had acknowledged was in memory, and the client goes on from its checkpoint',
    },
  },
]

/** Installs the peers' packages when they are missing: they are no part of the project's own. */
export function installPeers(): void {
  if (existsSync(join(FOLDER, 'node_modules', '.package-lock.json'))) return
  console.error("installing the peers' packages …")
  execFileSync('npm', ['ci', '--prefix', FOLDER], { stdio: 'inherit', shell: process.platform === 'win32' })
}

export const peers = (material: Material): System[] =>
  PEERS.map(({ name, fsync, notes, acknowledges }) => ({
    name,
    fsync,
    notes,
    stage: (load, options) => begin({ name, acknowledges }, material, load, options),
  }))

/** Looks until there are as many as wanted, or no more come. */
async function still(look: () => Promise<number>, wanted: number): Promise<number> {
  let [seen, since] = [-1, performance.now()]
  while (seen < wanted && performance.now() - since < STILL_MS) {
    // A server that has been killed says nothing until it is back.
    const now = await look().catch(() => seen)
    if (now !== seen) [seen, since] = [now, performance.now()]
    await pause(LOOK_AGAIN_MS)
  }
  return seen
}

async function begin(
  { name, acknowledges }: Pick<Peer, 'name' | 'acknowledges'>,
  material: Material,
  load: Load,
  { second, filled }: { second: boolean; filled: boolean },
): Promise<Stage> {
  const dir = join(material.dir, 'stage')
  const folder = (of: string) => {
    mkdirSync(join(dir, of), { recursive: true })
    return join(dir, of)
  }
  const chains = material.chains[load]
  const made = chains.reduce((sum, { events }) => sum + events, 0)
  const port = await freePort(0)
  let server = startProcess(SCRIPT, ['server', name])
  const openServer = () => server.ask('open', z.string(), { dir: folder('server'), port })
  let clients = startProcess(SCRIPT, ['client', name])
  const end = async () => {
    await clients.kill()
    await server.kill()
    rmSync(dir, { recursive: true, force: true })
  }
  let url = ''
  try {
    url = await openServer()
    if (filled) await server.do('fill', { file: material.everyone })
    for (const [n, { docs }] of chains.entries()) {
      await clients.do('open', { url, dir: folder(`client-${n}`) })
      await clients.do('make', { client: n, file: docs })
    }
    if (second) await clients.do('open', { url, dir: folder('second') })
    await clients.do('ready')
  } catch (error) {
    await end()
    throw error
  }

  const stored = () => server.ask('count', z.number())
  /** Until the server has it all, where it does not say so itself. */
  const arrived = async () => {
    if (acknowledges) return
    const there = await still(stored, made)
    if (there < made) throw new Error(`${there} of ${made} came to the server, and no more`)
  }
  const push = async () => {
    await clients.do('push', { client: 0 })
    await arrived()
  }
  return {
    made,
    stored,
    push,
    async pushAgain() {
      await clients.do('push', { client: 0 })
      if (!acknowledges) await still(() => server.ask('changed', z.number()), made)
    },
    async pushAll() {
      await clients.do('pushAll')
      await arrived()
    },
    pull: () => clients.do('pull', { client: chains.length, until: made }),
    async join() {
      await clients.do('open', { url, dir: folder('new') })
      await clients.do('pull', { client: 0, until: material.members + lotsOf(material.members) })
      return clients.ask('rss', z.number())
    },
    async forget() {
      await clients.kill()
      clients = startProcess(SCRIPT, ['client', name])
      await clients.do('open', { url, dir: folder('forgetful') })
      for (const { docs } of chains) await clients.do('make', { client: 0, file: docs })
    },
    remember: () => server.do('remember'),
    changed: () => server.ask('changed', z.number()),
    killServer: () => server.kill(),
    async startServer() {
      server = startProcess(SCRIPT, ['server', name])
      await openServer()
    },
    async verdict() {
      const there = await stored()
      return { lost: Math.max(0, made - there), doubled: Math.max(0, there - made) }
    },
    async expectAgreement() {
      const there = await stored()
      if (there !== made) throw new Error(`the server has ${there} of ${made}`)
    },
    end,
  }
}
