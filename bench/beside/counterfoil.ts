/** Counterfoil itself: its server's process, and its counters in another, each on copies of what was made ready. */
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { freePort } from '#main/demo/free-port.ts'
import { COUNTER_FILE } from '#main/restore/put-in-place.ts'
import { keptAt, workedOut } from '#bench/support/inbox.ts'
import { startServer, type ServerProcess } from '#bench/support/server.ts'
import { bareSeconds } from './bare.ts'
import { differences, disagreements, effectsAt, eventsAt, faultsAt, missingAt, type Effects } from './books.ts'
import { copyFolder, COUNTERS, type Material } from './material.ts'
import { startProcess } from './process.ts'
import type { Load, Stage, System } from './system.ts'

/** What a stage has on disk. */
export type Files = { server: string; counters: string[] }

export function counterfoil(material: Material): System {
  const files = new WeakMap<Stage, Files>()
  return {
    name: 'counterfoil',
    fsync: 'each commit, both sides (synchronous=FULL)',
    notes: {
      E: 'the server knows each event by its place in the chain and answers that it is stored',
      F: 'a push is one transaction; what was not acknowledged is sent again',
    },
    async stage(load, { second }) {
      const begun = await begin(material, load, second)
      files.set(begun.stage, begun.files)
      return begun.stage
    },
    async bare(work, stage) {
      const of = files.get(stage)
      if (!of) throw new Error('the stage is of another system')
      return bareSeconds(work, material, of)
    },
  }
}

async function begin(material: Material, load: Load, second: boolean): Promise<{ stage: Stage; files: Files }> {
  const dir = join(material.dir, 'stage')
  mkdirSync(join(dir, 'server'), { recursive: true })
  const chains = material.chains[load]
  const folders = [...chains.map((chain) => chain.dir), ...(second ? [material.second] : [])]
  const dirs = folders.map((from, n) => copyFolder(from, join(dir, `counter-${n}`)))
  const files = { server: freshServer(material, dir), counters: dirs.map((one) => join(one, COUNTER_FILE)) }
  const port = await freePort(0)
  let serving = await startServer(files.server, port)
  const { url } = serving
  let clients = startProcess(COUNTERS)
  let before: Effects = { rows: 0, sums: new Map() }
  for (const one of dirs) await clients.do('open', { url, dir: one })

  const stage: Stage = {
    made: chains.reduce((sum, { events }) => sum + events, 0),
    stored: async () => eventsAt(files.server),
    push: () => clients.do('push', { counter: 0 }),
    pushAll: () => clients.do('pushAll'),
    workedOut: () => workedOut(files.server),
    async pull() {
      // What is worked out is pulled while the rest still is: a counter is told of each commit.
      for (let rest = 1; rest > 0;) {
        rest = keptAt(files.server)
        await clients.do('pull', { counter: chains.length })
      }
    },
    async join() {
      mkdirSync(join(dir, 'new'))
      await clients.do('join', { url, dir: join(dir, 'new'), code: material.code })
      return clients.ask('rss', z.number())
    },
    async forget() {
      await clients.kill()
      clients = startProcess(COUNTERS)
      const [chain] = chains
      if (chain) await clients.do('open', { url, dir: copyFolder(chain.dir, join(dir, 'forgetful')) })
    },
    pushAgain: () => clients.do('pushAgain', { counter: 0 }),
    async remember() {
      await workedOut(files.server)
      before = effectsAt(files.server)
    },
    async changed() {
      await workedOut(files.server)
      const now = effectsAt(files.server)
      return now.rows - before.rows + differences(before, now)
    },
    killServer: () => serving.kill(),
    async startServer() {
      serving = await startServer(files.server, port)
    },
    async verdict() {
      await workedOut(files.server)
      const [counter] = files.counters
      const lost = counter === undefined ? 0 : missingAt(files.server, counter)
      await clients.kill()
      await serving.stop()
      const undisturbed = await effectsUndisturbed(material, load, dir)
      const faults = (await faultsAt(files.server)) - (await faultsAt(material.server))
      const doubled = faults + differences(effectsAt(files.server), undisturbed)
      return { lost, doubled }
    },
    async expectAgreement() {
      const other = files.counters.at(-1)
      const apart = other === undefined ? 0 : disagreements(files.server, other)
      if (apart > 0) throw new Error(`the second counter and the server disagree in ${apart} rows`)
    },
    async end() {
      await clients.kill()
      await serving.stop()
      rmSync(dir, { recursive: true })
    },
  }
  return { stage, files }
}

const freshServer = (material: Material, dir: string): string => {
  const file = join(dir, 'server', 'server.db')
  copyFileSync(material.server, file)
  return file
}

/** What the same events come to on a server that nobody kills. */
async function effectsUndisturbed(material: Material, load: Load, dir: string): Promise<Effects> {
  const within = join(dir, 'undisturbed')
  mkdirSync(join(within, 'server'), { recursive: true })
  const file = freshServer(material, within)
  const serving: ServerProcess = await startServer(file)
  const clients = startProcess(COUNTERS)
  try {
    const [chain] = material.chains[load]
    if (chain) await clients.do('open', { url: serving.url, dir: copyFolder(chain.dir, join(within, 'counter')) })
    await clients.do('push', { counter: 0 })
    await workedOut(file)
  } finally {
    await clients.kill()
    await serving.stop()
  }
  return effectsAt(file)
}
