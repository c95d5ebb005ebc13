import { describe, expect, it } from 'vitest'
import { PUSH_LIMIT } from '#core/contract/sync.ts'
import { FIRST_PUSH, sizeAfter } from './push-size.ts'

describe('how much a push carries', () => {
  it('doubles while the line takes it at once, to what the server takes', () => {
    const sizes = [FIRST_PUSH]
    for (let n = 0; n < 4; n += 1) sizes.push(sizeAfter(sizes[n] ?? FIRST_PUSH, 20))
    expect(sizes.map(({ events }) => events)).toEqual([500, 1_000, 2_000, PUSH_LIMIT, PUSH_LIMIT])
    expect(sizes.at(-1)?.bytes).toBe(3_200_000)
  })

  it('is little again as soon as one takes its time', () => {
    expect(sizeAfter({ events: PUSH_LIMIT, bytes: 3_200_000 }, 2_000)).toEqual(FIRST_PUSH)
  })
})
