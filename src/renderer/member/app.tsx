/** The page's frame: the shop's name, the language switch, and what is asked for. */
import { useEffect, useMemo, useState } from 'react'
import type { MemberApi } from './api.ts'
import { ClaimScreen } from './claim-screen.tsx'
import { Message } from './message.tsx'
import { firstLanguage, keepLanguage, Spoken, translator } from './words.ts'

export function App({ api, token }: { api: MemberApi; token: string | null }) {
  const [language, setLanguage] = useState(firstLanguage)
  const t = useMemo(() => translator(language), [language])
  const [shop, setShop] = useState('')

  useEffect(() => {
    document.documentElement.lang = language
    document.title = shop ? `${t('title')} · ${shop}` : t('title')
  }, [language, shop, t])

  const other = language === 'en' ? 'zh-TW' : 'en'
  const switchTo = () => {
    keepLanguage(other)
    setLanguage(other)
  }

  return (
    <Spoken value={useMemo(() => ({ language, t }), [language, t])}>
      <div className="page">
        <header>
          <span className="shop">{shop}</span>
          <button type="button" className="quiet" lang={other} onClick={switchTo}>
            {t('otherLanguage')}
          </button>
        </header>
        {token === null ? (
          <Message icon="ticket" title={t('noClaim.title')} detail={t('noClaim.detail')} />
        ) : (
          <ClaimScreen api={api} token={token} onShop={setShop} />
        )}
      </div>
    </Spoken>
  )
}
