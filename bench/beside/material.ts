/**
 * What the works start from: a shop on a real server's file, counters that joined it and then sold with no server, and the
 * same events, members and balances as documents.
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { copyOf, prepareServer, type Ground } from '#bench/support/ground.ts'
import { lotAt, lotsOf, memberAt } from '#bench/support/members.ts'
import { enrolCode, startServer } from '#bench/support/server.ts'
import { startProcess } from './process.ts'
import type { Load } from './system.ts'

export const COUNTERS = fileURLToPath(import.meta.resolve('./counters.ts'))
export const CLIENTS_AT_ONCE = 8

export type Chain = { dir: string; docs: string; events: number }

export type Material = {
  dir: string
  members: number
  /** The server's file, which knows every counter. */
  server: string
  /** A one-time code for a counter that is yet to join. */
  code: string
  chains: Record<Load, Chain[]>
  /** A counter's folder that has joined and sold nothing. */
  second: string
  /** Members and balances as documents, one a line. */
  everyone: string
}

export type Sizes = { members: number; long: number; day: number; eight: number }

/** Sizes of the works at this scale; members come in tens. */
export const sizesAt = (scale: number): Sizes => ({
  members: Math.max(10, Math.round(10_000 * scale) * 10),
  long: Math.max(20, Math.round(100_000 * scale)),
  day: Math.max(20, Math.round(10_000 * scale)),
  eight: Math.max(10, Math.round(1_000 * scale)),
})

const LOADS = ['long', 'day', 'eight'] as const

/** Makes what these loads need, in a folder of its own. */
export async function makeMaterial(dir: string, sizes: Sizes, loads: readonly Load[]): Promise<Material> {
  const { members } = sizes
  const ground: Ground = { dir, members }
  await prepareServer(ground)
  const server = copyOf(ground, 'server', 'server')
  const wanted = LOADS.filter((load) => loads.includes(load))
  const places = wanted.flatMap((load) =>
    Array.from({ length: load === 'eight' ? CLIENTS_AT_ONCE : 1 }, (_, n) => ({
      load,
      dir: join(dir, `${load}-${n}`),
    })),
  )
  const second = join(dir, 'second')
  const chains = await makeChains(server, [...places, { load: 'none', dir: second }], sizes)
  const of = (load: Load) => chains.filter((chain) => chain.load === load)
  return {
    dir,
    members,
    server,
    code: await enrolCode(server),
    chains: { long: of('long'), day: of('day'), eight: of('eight'), none: [] },
    second,
    everyone: writeEveryone(dir, members),
  }
}

/** Counters join the server and open their chains, sell as many as they are to without syncing again, and go away. */
async function makeChains(server: string, places: readonly { load: Load; dir: string }[], sizes: Sizes) {
  const codes: string[] = []
  for (const _ of places) codes.push(await enrolCode(server))
  const serving = await startServer(server)
  const client = startProcess(COUNTERS)
  const chains: (Chain & { load: Load })[] = []
  try {
    for (const [counter, { load, dir }] of places.entries()) {
      mkdirSync(dir)
      await client.do('join', { url: serving.url, dir, code: codes[counter] ?? '' })
      await client.do('pull', { counter })
      const docs = `${dir}.docs`
      const sales = load === 'none' ? 0 : sizes[load]
      const events = await client.ask('sell', z.number(), { counter, sales, seed: counter, members: sizes.members })
      await client.do('writeDocs', { counter, file: docs })
      chains.push({ load, dir, docs, events })
    }
    await client.do('close')
  } finally {
    await client.kill()
    await serving.stop()
  }
  return chains
}

function writeEveryone(dir: string, members: number): string {
  const file = join(dir, 'everyone.docs')
  writeFileSync(file, '')
  const lines: string[] = []
  const add = (id: string, state: unknown) => {
    lines.push(`${JSON.stringify({ id, text: JSON.stringify(state) })}\n`)
    if (lines.length >= 10_000) flush()
  }
  const flush = () => writeFileSync(file, lines.splice(0).join(''), { flag: 'a' })
  for (let n = 0; n < members; n += 1) {
    const state = memberAt(n)
    add(state.id, state)
  }
  for (let n = 0; n < lotsOf(members); n += 1) {
    const state = lotAt(n, members)
    add(state.lot.id, state)
  }
  flush()
  return file
}

/** A copy of a counter's folder. */
export function copyFolder(from: string, to: string): string {
  cpSync(from, to, { recursive: true })
  return to
}
