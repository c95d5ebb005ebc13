import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { readCoverage } from './cmap.ts'
import { MISSING, paperFont } from './paper-font.ts'

const require = createRequire(import.meta.url)
const FONT = require.resolve('@expo-google-fonts/noto-sans-tc/400Regular/NotoSansTC_400Regular.ttf')
/** It comes without types; this is all that is asked of it. */
const fontkit: { openSync(file: string): { hasGlyphForCodePoint(codePoint: number): boolean } } = require('fontkit')

const set = (text: string) => paperFont().clusters(text).join('')

describe('readCoverage', () => {
  it('agrees with fontkit on every code point', () => {
    const covers = readCoverage(readFileSync(FONT))
    const font = fontkit.openSync(FONT)
    const differing: number[] = []
    for (let codePoint = 0; codePoint < 0x11_0000; codePoint++)
      if (covers(codePoint) !== font.hasGlyphForCodePoint(codePoint)) differing.push(codePoint)
    expect(differing).toEqual([])
  })

  it('refuses what has no character map', () => {
    expect(() => readCoverage(Buffer.alloc(64))).toThrow(/cmap/)
  })
})

describe('clusters', () => {
  it('leaves what the typeface has', () => {
    const text = '美式咖啡 Café NT$1,250 −50 2 × 60 ●○ 「」，。ㄅㄆㄇ あア'
    expect(set(text)).toBe(text)
  })

  it.each([
    ['an emoji', '😀', MISSING],
    ['a family of seven code points', '👨‍👩‍👧‍👦', MISSING],
    ['a flag', '🇹🇼', MISSING],
    ['a skin tone', '👍🏽', MISSING],
    ['a keycap', '1️⃣', MISSING],
    ['a rare Han character', '𪚥', MISSING],
    ['Thai, cluster by cluster', 'กำ', MISSING],
  ])('prints one mark for %s', (_, text, printed) => {
    expect(set(text)).toBe(printed)
  })

  it('keeps the words around it', () => {
    expect(set('拿鐵👨‍👩‍👧套餐')).toBe(`拿鐵${MISSING}套餐`)
  })

  it('drops what only refines a character it has', () => {
    expect(set('葛\u{e0100}')).toBe('葛')
    expect(set('\u200e王\u200b小\ufeff明\u2060')).toBe('王小明')
  })

  it('composes, and turns tabs and line ends into spaces', () => {
    expect(set('Cafe\u0301')).toBe('Café')
    expect(set('a\tb\r\nc')).toBe('a b c')
    expect(set('a\u0000b\u001bc')).toBe('abc')
  })
})

describe('glyph', () => {
  it('draws every mark the paper uses, in both weights', () => {
    for (const bold of [false, true])
      for (const char of `${MISSING}●○×−$,.:/0123456789補印退款`)
        expect(paperFont().glyph(char, 26, bold).dots.length).toBeGreaterThan(0)
  })

  it('gives figures one width, so that amounts stand under each other', () => {
    const widths = Array.from('0123456789', (digit) => paperFont().glyph(digit, 26, false).advance)
    expect(new Set(widths).size).toBe(1)
  })

  it('gives a missing character the width of a Chinese one', () => {
    const { glyph } = paperFont()
    expect(glyph(MISSING, 26, false).advance).toBe(glyph('國', 26, false).advance)
  })
})
