import { expect, it } from 'vitest'
import { programme } from '#test/support/counter-shop.ts'
import { bonusFor } from './top-up.ts'

it('gives the bonus of the highest threshold reached, in whatever order they are listed', () => {
  expect([0, 2999, 3000, 4999, 5000, 9000].map((amount) => bonusFor(programme, amount))).toEqual([
    0, 0, 200, 200, 500, 500,
  ])
})
