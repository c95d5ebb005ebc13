import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldName, grams, saysEnough } from './name-search.ts'

describe('foldName', () => {
  it.each([
    ['  Amy   Chen ', 'amy chen'],
    ['ＡＭＹ　ｃｈｅｎ', 'amy chen'],
    ['王 小明', '王 小明'],
    ['Ａｌｉｃｅ\t王', 'alice 王'],
    ['', ''],
    [' \n ', ''],
  ])('%j is sought as %j', (name, folded) => {
    expect(foldName(name)).toBe(folded)
  })
})

describe('saysEnough', () => {
  it.each(['陳', ' 𠮷 ', '小明', 'am', '078', '0-78', 'a7', '陳a'])('to look for %j', (query) => {
    expect(saysEnough(query)).toBe(true)
  })

  it.each(['', ' ', 'a', '7', '07', '0 - 7', 'ㄔ', ' a '])('not of %j', (query) => {
    expect(saysEnough(query)).toBe(false)
  })
})

describe('grams', () => {
  it('indexes a name by its first character and every run of two', () => {
    expect(grams('王小明')).toEqual(['^王', '王小', '小明'])
    expect(grams('Amy')).toEqual(['^a', 'am', 'my'])
    expect(grams('王')).toEqual(['^王'])
    expect(grams('')).toEqual([])
  })

  it('asks for every run of two, or for a family name by its one character', () => {
    expect(grams('小明', 'query')).toEqual(['小明'])
    expect(grams('王小明', 'query')).toEqual(['王小', '小明'])
    expect(grams('王', 'query')).toEqual(['^王'])
    expect(grams('  ', 'query')).toEqual([])
  })

  it('keeps characters beyond the first plane whole', () => {
    expect(grams('𠮷野家')).toEqual(['^𠮷', '𠮷野', '野家'])
  })

  it('says each piece once', () => {
    expect(grams('娜娜娜')).toEqual(['^娜', '娜娜'])
    expect(grams('nananana', 'query')).toEqual(['na', 'an'])
  })

  it('finds a name by any piece of it, of two characters or more', () => {
    const names = fc.string({ unit: fc.constantFrom(...'王小明陳美惠Amy 𠮷'), minLength: 2 })
    fc.assert(
      fc.property(names, fc.nat(), fc.nat(), (name, from, length) => {
        const letters = [...foldName(name)]
        const start = from % Math.max(1, letters.length - 1)
        const piece = letters.slice(start, start + 2 + (length % letters.length || 0)).join('')
        if ([...foldName(piece)].length < 2) return
        expect(grams(name)).toEqual(expect.arrayContaining(grams(piece, 'query')))
      }),
    )
  })
})
