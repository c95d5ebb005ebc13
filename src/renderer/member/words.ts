/** The page's words, in both languages. A key with `_one` and `_other` forms is chosen by `count`. */
import { createContext, use } from 'react'
import type { Language } from '#core/contract/views.ts'
import en from '#resources/locales/en/member.json' with { type: 'json' }
import zhTW from '#resources/locales/zh-TW/member.json' with { type: 'json' }

const WORDS: Record<Language, Record<string, string>> = { 'zh-TW': zhTW, en }

type Stem<K> = K extends `${infer Base}_${'one' | 'other'}` ? Base : K
export type WordKey = Stem<keyof typeof en>
export type Translate = (key: WordKey, values?: Record<string, string | number>) => string

export function translator(language: Language): Translate {
  const plural = new Intl.PluralRules(language)
  return (key, values = {}) => {
    const count = values['count']
    const form = typeof count === 'number' ? WORDS[language][`${key}_${plural.select(count)}`] : undefined
    const text = form ?? WORDS[language][key] ?? key
    return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
      const value = values[name] ?? ''
      return typeof value === 'number' ? value.toLocaleString(language) : value
    })
  }
}

const KEPT = 'language'

/** What was chosen here before, else the browser's: Chinese where it asks for any Chinese first, English otherwise. */
export function firstLanguage(): Language {
  const kept = localStorage.getItem(KEPT)
  if (kept === 'zh-TW' || kept === 'en') return kept
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-TW' : 'en'
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(KEPT, language)
}

export const Spoken = createContext<{ language: Language; t: Translate }>({ language: 'zh-TW', t: translator('zh-TW') })
export const useWords = () => use(Spoken)

/** 2026年11月29日 / 29 November 2026. */
export function longDay(day: string, language: Language): string {
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { dateStyle: 'long', timeZone: 'UTC' })
  return format.format(Date.parse(`${day}T00:00:00Z`))
}
