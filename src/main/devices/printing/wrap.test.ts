import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wrap } from './wrap.ts'

/** A Chinese character is two wide, a Latin one is one. */
const width = (clusters: readonly string[]) =>
  clusters.reduce((sum, cluster) => sum + ((cluster.codePointAt(0) ?? 0) > 0x2000 ? 2 : 1), 0)

const lines = (text: string, room: number) => wrap(Array.from(text), room, width).map((line) => line.join(''))

describe('wrap', () => {
  it('breaks Chinese anywhere and Latin at spaces', () => {
    expect(lines('山茶咖啡專門店', 8)).toEqual(['山茶咖啡', '專門店'])
    expect(lines('one more cup of coffee', 9)).toEqual(['one more', 'cup of', 'coffee'])
    expect(lines('拿鐵latte大杯', 8)).toEqual(['拿鐵', 'latte大', '杯'])
  })

  it('begins no line with closing punctuation and ends none with an opening bracket', () => {
    expect(lines('山茶咖啡，好', 8)).toEqual(['山茶咖', '啡，好'])
    expect(lines('山茶咖（店）', 8)).toEqual(['山茶咖', '（店）'])
  })

  it('breaks a word that is wider than the paper', () => {
    expect(lines('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij'])
  })

  it('gives one empty line for nothing', () => {
    expect(lines('', 4)).toEqual([''])
    expect(lines('   ', 4)).toEqual([''])
  })

  it('loses nothing but spaces, and no line is too wide', () => {
    const text = fc.array(fc.constantFrom(...Array.from('ab c，。「」好咖啡1,.(')), { maxLength: 60 })
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 20 }), (clusters, room) => {
        const wrapped = wrap(clusters, room, width)
        for (const line of wrapped) expect(width(line)).toBeLessThanOrEqual(room)
        const kept = (all: string[]) => all.filter((cluster) => cluster !== ' ').join('')
        expect(kept(wrapped.flat())).toBe(kept(clusters))
      }),
    )
  })
})
