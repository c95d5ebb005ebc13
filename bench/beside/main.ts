/**
 * `npm run bench:peers [-- --json FILE] [--only A,B] [--systems counterfoil,bare] [--scale 0.1] [--limit SECONDS]`: the same
 * events through Counterfoil and through others, on this machine, and a table. `--grow` measures how Counterfoil's cost grows
 * instead: A by its events, D by members, and (`--only S`) a sale by all there is in the file.
 */
import '#storage/require-node.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { counterfoil } from './counterfoil.ts'
import { grow, type Growth } from './grow.ts'
import { makeMaterial, sizesAt } from './material.ts'
import { installPeers, peers } from './peers.ts'
import { WORKS, type Figure, type Load, type Work } from './system.ts'
import { table } from './table.ts'
import { run } from './works.ts'

// The processes compile once what they all run.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url))

const BARE = 'bare'
const ALL = ['counterfoil', BARE, 'pouchdb', 'tinybase', 'rxdb']
const LOADS: Record<Work, Load> = { A: 'long', B: 'day', C: 'eight', D: 'none', E: 'day', F: 'day' }

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', default: WORKS.join(',') },
    systems: { type: 'string', default: ALL.join(',') },
    scale: { type: 'string', default: '1' },
    limit: { type: 'string', default: '300' },
    grow: { type: 'boolean', default: false },
  },
})

async function beside(dir: string): Promise<Figure[]> {
  const works = WORKS.filter((work) => values.only.split(',').includes(work))
  const wanted = values.systems.split(',')
  if (ALL.slice(2).some((name) => wanted.includes(name))) installPeers()
  const sizes = sizesAt(Number(values.scale))
  console.error(`a shop of ${sizes.members} members, and its counters' events …`)
  const material = await makeMaterial(dir, sizes, [...new Set(works.map((work) => LOADS[work]))])
  const systems = [counterfoil(material), ...peers(material)].filter(({ name }) => wanted.includes(name))
  const figures: Figure[] = []
  for (const work of works) {
    for (const system of systems) {
      process.stderr.write(`${work}, ${system.name} … `)
      const { name, fsync, notes } = system
      const nothing = { rssMb: null, lost: null, doubled: null, newEffects: null }
      const at = figures.length
      const outcome = await run(work, system, Number(values.limit), async (stage) => {
        if (!system.bare || !wanted.includes(BARE) || !['A', 'B'].includes(work)) return
        const seconds = await system.bare(work, stage)
        figures.push({ work, system: BARE, seconds, ...nothing, fsync: 'each batch (synchronous=FULL)', note: '' })
      })
      const note = [notes[work], outcome.note].filter((one) => one !== undefined).join('; ')
      console.error(outcome.seconds === null ? (outcome.note ?? '') : `${outcome.seconds.toFixed(2)} s`)
      figures.splice(at, 0, { work, system: name, ...nothing, ...outcome, fsync, note })
    }
  }
  console.log(table(figures, sizes))
  return figures
}

const dir = mkdtempSync(join(tmpdir(), 'counterfoil-bench-'))
try {
  const figures: Figure[] | Growth[] = values.grow
    ? await grow(dir, Number(values.scale), values.only.split(','))
    : await beside(dir)
  if (values.json) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`)
} finally {
  rmSync(dir, { recursive: true, force: true })
}
