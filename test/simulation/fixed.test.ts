/** The same runs every time. A seed that has once found something stays here, or as a test of what it found. */
import { expect, it } from 'vitest'
import { simulatedApart } from './apart.ts'

it('seeds 2 to 5', async () => {
  const runs = await simulatedApart(2, 280, 4)
  expect(runs.map((run) => run.split(',')[0])).toEqual([2, 3, 4, 5].map((seed) => `seed ${seed}: 280 steps`))
})

it('replays a seed to the last byte', async () => {
  expect(await simulatedApart(7, 40)).toEqual(await simulatedApart(7, 40))
})
