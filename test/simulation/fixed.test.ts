/** The same runs every time. A seed that has once found something stays here. */
import { expect, it } from 'vitest'
import { simulatedApart } from './apart.ts'

it.each([2, 3, 4, 5])('seed %i', async (seed) => {
  expect(await simulatedApart(seed, 300)).toContain(`seed ${seed}: 300 steps`)
})

it('replays a seed to the last byte', async () => {
  expect(await simulatedApart(7, 60)).toBe(await simulatedApart(7, 60))
})
