import { expect, it } from 'vitest'
import { typed, written } from './written.ts'

it('leaves out half a character, which a limit cut off', () => {
  expect(typed(9).parse('好喝\ud83d')).toBe('好喝')
  expect(typed(9).parse('\ude00好\ud83d喝😀')).toBe('好喝😀')
  expect(typed(9).trim().min(1).safeParse('\ud83d').success).toBe(false)
})

it('takes neither what is too long nor a NUL', () => {
  expect(written(1).parse('😀')).toBe('😀')
  expect(written(1).safeParse('😀好').success).toBe(false)
  expect(written(9).safeParse('a\0').success).toBe(false)
})
