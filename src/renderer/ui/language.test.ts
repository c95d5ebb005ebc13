import { describe, expect, it } from 'vitest'
import en from '#resources/locales/en/counter.json' with { type: 'json' }
import zhTW from '#resources/locales/zh-TW/counter.json' with { type: 'json' }

type Words = { [key: string]: string | Words }

/** `key → words`, plurals under one key, since languages have different ones. */
function flat(words: Words, path = ''): Map<string, string> {
  return new Map(
    Object.entries(words).flatMap(([key, value]): [string, string][] => {
      const name = `${path}${key.replace(/_(one|other)$/, '')}`
      return typeof value === 'string' ? [[name, value]] : [...flat(value, `${name}.`)]
    }),
  )
}

const variables = (text: string): string[] => [...new Set(text.match(/\{\{\w+\}\}/g) ?? [])].toSorted()

describe("the counter's words", () => {
  const english = flat(en)
  const chinese = flat(zhTW)

  it('are the same in both languages', () => {
    expect([...chinese.keys()].toSorted()).toEqual([...english.keys()].toSorted())
  })

  it('use the same figures in both languages, and are never empty', () => {
    for (const [key, text] of english) {
      expect([key, text.trim()]).not.toEqual([key, ''])
      expect([key, ...variables(chinese.get(key) ?? '')]).toEqual([key, ...variables(text)])
    }
  })
})
