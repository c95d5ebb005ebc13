import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { tempDir } from '#test/support/temp.ts'

const number = z.number().nonnegative().nullable()
const Figure = z.strictObject({
  work: z.enum(['A', 'B', 'C', 'D', 'E', 'F']),
  system: z.string(),
  seconds: z.number().positive().nullable(),
  rssMb: number,
  lost: number,
  doubled: number,
  newEffects: number,
  fsync: z.string().min(1),
  note: z.string(),
})

it('carries a few events through Counterfoil and its limit, prints a table and writes the figures', async () => {
  const file = join(tempDir(), 'figures.json')
  const script = join(import.meta.dirname, 'main.ts')
  const only = ['--only', 'B,E', '--systems', 'counterfoil,bare', '--scale', '0.0005']
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...only, '--json', file])
  const figures = z.array(Figure).parse(JSON.parse(readFileSync(file, 'utf8')))
  expect(figures.map(({ work, system }) => `${work} ${system}`)).toEqual(['B counterfoil', 'B bare', 'E counterfoil'])
  expect(figures.every(({ seconds }) => seconds !== null)).toBe(true)
  expect(figures.find(({ work }) => work === 'E')?.newEffects).toBe(0)
  expect(stdout).toContain('| B. 20 backlog')
}, 60_000)
