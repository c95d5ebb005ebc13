/** How Counterfoil's cost grows: with the events a counter brings, with members, and with all that its file has seen. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { counterfoil } from './counterfoil.ts'
import { makeMaterial, type Sizes } from './material.ts'
import { measureOldFile } from './old-file.ts'
import type { Work } from './system.ts'
import { machine } from './table.ts'
import { run } from './works.ts'

export type Growth = {
  /** A and D as elsewhere; S: a sale's commit, and the counter's start, in a file of so many members and events. */
  work: 'A' | 'D' | 'S'
  members: number
  events: number
  seconds: number | null
  /** Of each event, member or sale. */
  microseconds: number | null
  rssMb: number | null
  note: string
}

const STEPS = [0.1, 1, 10]
const SHOP = 100_000
const LIMIT_SECONDS = 1_800

/** At `scale` 1: A at 10,000, 100,000 and 1,000,000 events; D at as many members; S at 1,000,000 members, 5,000,000 events. */
export async function grow(dir: string, scale: number, only: readonly string[]): Promise<Growth[]> {
  const rows: Growth[] = []
  for (const step of only.includes('A') ? STEPS : []) rows.push(await measureA(dir, tens(SHOP * scale), step * scale))
  for (const step of only.includes('D') ? STEPS : []) rows.push(await measureD(dir, tens(SHOP * step * scale)))
  for (const step of only.includes('S') ? STEPS : [])
    rows.push(...(await inFolder(dir, (folder) => oldFile(folder, tens(SHOP * step * scale)))))
  console.log(text(rows))
  return rows
}

const tens = (members: number): number => Math.max(10, Math.round(members / 10) * 10)

async function measureA(dir: string, members: number, scale: number): Promise<Growth> {
  const sizes = { members, long: Math.max(20, Math.round(SHOP * scale)), day: 0, eight: 0 }
  const { seconds, events, note } = await once(dir, 'A', sizes)
  return { work: 'A', members, events, seconds, microseconds: each(seconds, events), rssMb: null, note }
}

async function measureD(dir: string, members: number): Promise<Growth> {
  const { seconds, rssMb, note } = await once(dir, 'D', { members, long: 0, day: 0, eight: 0 })
  return { work: 'D', members, events: 0, seconds, microseconds: each(seconds, members), rssMb, note }
}

const each = (seconds: number | null, count: number) => (seconds === null ? null : (seconds * 1e6) / count)

function once(dir: string, work: Work, sizes: Sizes) {
  return inFolder(dir, async (folder) => {
    console.error(`${work} with ${sizes.members} members, ${sizes.long} sales …`)
    const material = await makeMaterial(folder, sizes, work === 'A' ? ['long'] : [])
    const events = material.chains.long.reduce((sum, chain) => sum + chain.events, 0)
    const outcome = await run(work, counterfoil(material), LIMIT_SECONDS, async () => undefined)
    return { seconds: outcome.seconds, rssMb: outcome.rssMb ?? null, events, note: outcome.note ?? '' }
  })
}

async function oldFile(dir: string, members: number): Promise<Growth[]> {
  const events = members * 5
  console.error(`S with ${members} members, ${events} events …`)
  const { p50Ms, p99Ms, checkSeconds, openSeconds } = await measureOldFile(dir, members, events)
  const of = { work: 'S' as const, members, events, rssMb: null }
  const start = `starting: ${checkSeconds.toFixed(2)} s to check the file, ${openSeconds.toFixed(2)} s to open the chain`
  const note = `p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms; ${start}`
  return [{ ...of, seconds: null, microseconds: p50Ms * 1_000, note }]
}

async function inFolder<T>(dir: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(dir, 'grow')
  mkdirSync(folder)
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function text(rows: readonly Growth[]): string {
  const count = (value: number) => value.toLocaleString('en')
  const lines = rows.map(({ work, members, events, seconds, microseconds, rssMb, note }) => [
    work,
    count(members),
    events === 0 ? '' : count(events),
    seconds === null ? '' : `${seconds.toFixed(2)} s`,
    microseconds === null ? '' : `${microseconds.toFixed(0)} µs`,
    rssMb === null ? '' : `${Math.round(rssMb)} MB`,
    note,
  ])
  const head = ['', 'members', 'events', 'took', 'each', 'memory', '']
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`)
  return [...table, '', machine()].join('\n')
}
