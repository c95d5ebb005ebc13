/** That the simulator can fail: each planted fault is found within its steps, and a failing run is made shorter. */
import { expect, it } from 'vitest'
import { FAULTS } from './faults.ts'
import { planFor, shrink, simulate } from './simulate.ts'

it.each(FAULTS)('finds within $within steps: $name', async ({ ...fault }) => {
  const outcome = await simulate({ ...planFor(fault), fault })
  expect(outcome).toMatchObject({ ok: false })
})

it('makes a failing run shorter, and it still fails', async () => {
  const fault = FAULTS.find(({ name }) => name.includes('twice the points'))
  if (!fault) throw new Error('that fault is gone')
  const run = { ...planFor(fault), fault }
  const whole = await simulate(run)
  if (whole.ok) throw new Error('it was not found')
  const small = await shrink(run, whole.why, 5)
  expect(small.steps.length).toBeLessThan(whole.step + 1)
  expect(await simulate(small)).toMatchObject({ ok: false })
})
