/** The words, in both languages; changed on the spot, with no reload. */
import { createInstance, type i18n } from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { Language } from '#core/contract/views.ts'
import en from '#resources/locales/en/counter.json' with { type: 'json' }
import zhTW from '#resources/locales/zh-TW/counter.json' with { type: 'json' }

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'counter'
    resources: { counter: typeof en }
  }
}

/** Words for the given language. */
export async function createWords(language: Language): Promise<i18n> {
  const words = createInstance()
  await words.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    defaultNS: 'counter',
    ns: ['counter'],
    resources: { en: { counter: en }, 'zh-TW': { counter: zhTW } },
    interpolation: { escapeValue: false },
  })
  words.on('languageChanged', markDocument)
  markDocument(language)
  return words
}

function markDocument(language: string): void {
  document.documentElement.lang = language
}
