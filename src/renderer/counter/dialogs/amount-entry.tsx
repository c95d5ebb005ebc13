import type { ReactNode } from 'react'
import { keyed, Pad } from '#renderer/ui/pad.tsx'
import { useKeys, type Key } from '#renderer/ui/keys.tsx'
import styles from './dialogs.module.css'

const MAX_DIGITS = 9

type Props = {
  label: ReactNode
  digits: string
  write: (amount: number) => string
  onChange: (digits: string) => void
  onEnter: () => void
}

/** An amount by finger or keyboard, with no field to focus. */
export function AmountEntry({ label, digits, write, onChange, onEnter }: Props) {
  function onKey(key: Key): boolean {
    if (key === 'Enter') onEnter()
    else if (key === 'Escape' && digits !== '') onChange('')
    else if (key === 'Escape') return false
    else onChange(keyed(digits, key, MAX_DIGITS).replace(/^0+/, ''))
    return true
  }
  useKeys(onKey)
  return (
    <div className={styles.stack}>
      <div className={styles.display} tabIndex={-1} data-autofocus>
        <span>{label}</span>
        <output>{digits === '' ? '' : write(Number(digits))}</output>
      </div>
      <Pad onKey={onKey} corner="00" />
    </div>
  )
}
