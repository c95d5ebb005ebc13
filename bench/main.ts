/**
 * `npm run bench [-- --json FILE] [--only NAME …] [--members N] [--sales N]`: measures the product on this machine, each figure
 * beside what bare SQLite does with the same rows, and prints a table. All data is made up in a temporary folder.
 */
import '#storage/require-node.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureDrain } from './drain.ts'
import { measureLookup } from './lookup.ts'
import { table } from './report.ts'
import { measureSaleCommit } from './sale-commit.ts'
import { measureSnapshot } from './snapshot.ts'
import { prepare, tidy, type Ground } from './support/ground.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', multiple: true },
    members: { type: 'string', default: '100000' },
    sales: { type: 'string', default: '10000' },
  },
})

const LOOKUPS = 2_000
const COMMITS = 3_000

async function main(ground: Ground, sales: number): Promise<void> {
  const wanted = (name: string) => !values.only || values.only.includes(name)
  const measured = async <T>(name: string, measure: () => Promise<T>): Promise<T | null> => {
    if (!wanted(name)) return null
    console.error(`${name} …`)
    const figures = await measure()
    tidy(ground)
    return figures
  }
  console.error(`a shop of ${ground.members} members …`)
  await prepare(ground)
  const figures = {
    saleCommit: await measured('saleCommit', () => measureSaleCommit(ground, Math.min(COMMITS, sales))),
    drain: await measured('drain', () => measureDrain(ground, sales)),
    lookup: await measured('lookup', () => measureLookup(ground, Math.min(LOOKUPS, sales))),
    snapshot: await measured('snapshot', () => measureSnapshot(ground)),
  }
  console.log(table(figures, ground.members))
  if (values.json) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`)
}

const dir = mkdtempSync(join(tmpdir(), 'counterfoil-bench-'))
try {
  await main({ dir, members: Number(values.members) }, Number(values.sales))
} finally {
  rmSync(dir, { recursive: true, force: true })
}
