import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bulkParser } from './parser.ts'

describe('parsing in bulk', () => {
  it('says the same of the first and of the thousandth', () => {
    const parse = bulkParser(z.object({ kind: z.literal('a'), amount: z.number().int().positive() }).strict())
    const good = { kind: 'a', amount: 1 }
    for (let n = 0; n < 1_000; n += 1) {
      expect(parse(good)).toEqual({ success: true, data: good })
      for (const bad of [null, { kind: 'b', amount: 1 }, { kind: 'a', amount: 0 }, { ...good, more: true }])
        expect(parse(bad).success).toBe(false)
    }
  })
})
