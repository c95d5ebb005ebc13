import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Language } from '#core/contract/views.ts'
import type { TerminalClient } from '#renderer/ui/client.ts'
import { outcomeOf } from '#renderer/ui/outcome.ts'

/** The other language, one tap away; the counter's process hears of it too, for its paper. */
export function LanguageSwitch({ client }: { client: TerminalClient }) {
  const { t, i18n } = useTranslation()
  async function change(): Promise<void> {
    const language: Language = i18n.language === 'en' ? 'zh-TW' : 'en'
    await i18n.changeLanguage(language)
    await outcomeOf(client.settings.setLanguage({ language }))
  }
  return (
    <Button variant="subtle" color="gray" size="compact-md" onClick={() => void change()}>
      {t('language.switchTo')}
    </Button>
  )
}
