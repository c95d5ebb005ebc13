import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { tempDir } from '#test/support/temp.ts'

const measured = z.number().positive()
const Figures = z.object({
  saleCommit: z.object({ p50Ms: measured, p99Ms: measured, bareP50Ms: measured, bareP99Ms: measured }),
  drain: z.object({
    events: z.int().min(20),
    seconds: measured,
    eventsPerSecond: measured,
    bareEventsPerSecond: measured,
  }),
  lookup: z.object({ barcodeP99Ms: measured, phoneP99Ms: measured, nameP99Ms: measured }),
  snapshot: z.object({ seconds: measured, rssMb: measured, members: z.literal(100), lots: z.literal(300) }),
})

it('measures a small shop, prints a table and writes the figures', async () => {
  const file = join(tempDir(), 'figures.json')
  const script = join(import.meta.dirname, 'main.ts')
  const args = [script, '--members', '100', '--sales', '20', '--json', file]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  expect(Figures.safeParse(JSON.parse(readFileSync(file, 'utf8'))).error).toBeUndefined()
  expect(stdout).toContain('sale commit, p99')
  expect(stdout).toContain('synchronous=FULL')
}, 60_000)
