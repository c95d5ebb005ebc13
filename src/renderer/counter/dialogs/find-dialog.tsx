/** Finds a member by phone, its tail, card number or name, with whatever input method. */
import { Button, TextInput } from '@mantine/core'
import { IconSearch, IconUserPlus } from '#renderer/ui/icons.ts'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { MemberSummary } from '#core/contract/views.ts'
import { saysEnough } from '#core/name-search.ts'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { formatPhone } from '#renderer/ui/format.ts'
import { useKeys } from '#renderer/ui/keys.tsx'
import styles from './dialogs.module.css'

/** Long enough for the next character to come, short enough not to be waited for. */
const SEARCH_AFTER_MS = 120

export function FindDialog({ initial }: { initial: string }) {
  const { t } = useTranslation()
  const { queries } = useTerminal()
  const { open, chooseMember } = useDesk()
  const [text, setText] = useState(initial)
  const [at, setAt] = useState(0)
  const [query] = useDebouncedValue(text.trim(), SEARCH_AFTER_MS)
  const asks = saysEnough(query)
  const {
    data = [],
    isFetched,
    isPlaceholderData,
  } = useQuery(
    queries.members.find.queryOptions({ input: { query }, enabled: asks, placeholderData: keepPreviousData }),
  )
  const found = asks ? data : []
  // What is listed may still be of the text before the last key.
  const isListed = query === text.trim() && !isPlaceholderData
  const chosen = Math.min(at, found.length - 1)
  useKeys(() => false)

  function choose(member: MemberSummary | undefined): void {
    if (!member) return
    open(null)
    chooseMember(member.id)
  }
  function enrol(): void {
    const isPhone = /^[\d+ -]+$/.test(text.trim())
    open({ kind: 'enrol', name: isPhone ? '' : text.trim(), phone: isPhone ? text.trim() : '' })
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, found.length - 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0))
    else if (event.key === 'Enter') choose(isListed ? found[chosen] : undefined)
    else return
    event.preventDefault()
  }
  return (
    <div className={styles.stack}>
      <TextInput
        data-autofocus
        aria-label={t('find.label')}
        placeholder={t('find.label')}
        leftSection={<IconSearch size={20} />}
        value={text}
        autoComplete="off"
        onChange={(event) => {
          setText(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <div className={styles.results} role="listbox" aria-label={t('find.title')}>
        {found.map((member, index) => (
          <button
            key={member.id}
            type="button"
            role="option"
            aria-selected={index === chosen}
            className={styles.result}
            onClick={() => choose(member)}
          >
            <strong>{member.name}</strong>
            <span>{formatPhone(member.phone)}</span>
            <span className={styles.soft}>{member.tierName}</span>
          </button>
        ))}
        {found.length === 0 && (
          <p className={styles.soft}>{asks && isFetched ? t('find.nothing', { query }) : t('find.hint')}</p>
        )}
      </div>
      <Button variant="default" leftSection={<IconUserPlus size={20} />} onClick={enrol}>
        {t('find.enrol')}
      </Button>
    </div>
  )
}
