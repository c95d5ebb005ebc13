import { describe, expect, it } from 'vitest'
import en from '#resources/locales/en/member.json' with { type: 'json' }
import zhTW from '#resources/locales/zh-TW/member.json' with { type: 'json' }
import { longDay, translator } from './words.ts'

const stems = (words: Record<string, string>) =>
  [...new Set(Object.keys(words).map((key) => key.replace(/_(one|other)$/, '')))].toSorted()
const holes = (text: string | undefined) => (text?.match(/\{\{\w+\}\}/g) ?? []).toSorted()

describe('the member page’s words', () => {
  it('say the same things in both languages', () => {
    expect(stems(zhTW)).toEqual(stems(en))
    const english: Record<string, string> = en
    for (const [key, text] of Object.entries(zhTW))
      expect([key, holes(text)]).toEqual([key, holes(english[key] ?? english[`${key}_other`])])
  })

  it('count as each language counts', () => {
    expect(translator('en')('balance', { count: 1 })).toBe('You now have 1 point')
    expect(translator('en')('balance', { count: 1250 })).toBe('You now have 1,250 points')
    expect(translator('zh-TW')('balance', { count: 1250 })).toBe('目前共有 1,250 點')
  })

  it('write a day in full, whatever the phone’s own zone', () => {
    expect(longDay('2026-11-29', 'zh-TW')).toBe('2026年11月29日')
    expect(longDay('2026-11-29', 'en')).toBe('29 November 2026')
  })
})
