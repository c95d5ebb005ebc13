/** Digits for the finger: four rows of three, for amounts and PINs. */
import { IconBackspace } from './icons.ts'
import { useTranslation } from 'react-i18next'
import type { Key } from './keys.tsx'
import styles from './pad.module.css'

const DIGITS = ['7', '8', '9', '4', '5', '6', '1', '2', '3']

/** `corner` is the key left of 0: a double zero for money, or clear for a PIN. */
export function Pad({ onKey, corner }: { onKey: (key: Key) => void; corner: '00' | 'clear' }) {
  const { t } = useTranslation()
  return (
    <div className={styles.pad}>
      {DIGITS.map((digit) => (
        <PadKey key={digit} onPress={() => onKey(digit)}>
          {digit}
        </PadKey>
      ))}
      {corner === '00' ? (
        <PadKey onPress={() => onKey('00')}>00</PadKey>
      ) : (
        <PadKey onPress={() => onKey('Escape')} small>
          {t('common.clear')}
        </PadKey>
      )}
      <PadKey onPress={() => onKey('0')}>0</PadKey>
      <PadKey onPress={() => onKey('Backspace')} label={t('common.delete')}>
        <IconBackspace size={26} stroke={1.6} />
      </PadKey>
    </div>
  )
}

type PadKeyProps = { onPress: () => void; children: React.ReactNode; label?: string; small?: boolean }

function PadKey({ onPress, children, label, small = false }: PadKeyProps) {
  return (
    <button
      type="button"
      className={styles.key}
      data-small={small || undefined}
      aria-label={label}
      // A key pressed by a finger leaves the focus where it was, so that Enter stays Enter.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onPress}
    >
      {children}
    </button>
  )
}

/** The digits after one more key; anything but digits and Backspace clears nothing and changes nothing. */
export function keyed(digits: string, key: Key, max: number): string {
  if (key === 'Backspace') return digits.slice(0, -1)
  return /^\d+$/.test(key) ? (digits + key).slice(0, max) : digits
}
