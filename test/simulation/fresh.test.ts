/** A run nobody has seen yet; its seed is in the title, and in what a failure says. */
import { randomInt } from 'node:crypto'
import { expect, it } from 'vitest'
import { simulatedApart } from './apart.ts'

it.each([randomInt(1_000_000_000)])('seed %i', async (seed) => {
  expect(await simulatedApart(seed, 800)).toEqual([expect.stringContaining(`seed ${seed}: 800 steps`)])
})
