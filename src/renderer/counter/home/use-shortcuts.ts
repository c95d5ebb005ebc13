/** The keys of the counter: digits, +, Enter, Backspace and Escape for the keypad, and those printed on the buttons. */
import { useTranslation } from 'react-i18next'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useKeys, type Key } from '#renderer/ui/keys.tsx'

/** One place for what is printed on the buttons and what the keys do. */
export const SHORTCUT = {
  find: 'F2',
  enrol: 'Shift+F2',
  cash: 'F4',
  refund: 'Shift+F4',
  reprint: 'F7',
  card: 'F8',
  adjust: 'Shift+F8',
  storedValue: 'F9',
  topUp: 'Shift+F9',
  points: 'F10',
} as const

export type Shortcut = keyof typeof SHORTCUT

const SHORTCUTS: readonly Shortcut[] = [
  'find',
  'enrol',
  'cash',
  'refund',
  'reprint',
  'card',
  'adjust',
  'storedValue',
  'topUp',
  'points',
]

/** As printed: `⇧F2`. */
export const printed = (shortcut: Shortcut): string => SHORTCUT[shortcut].replace('Shift+', '⇧')

export type Commands = Record<Shortcut, () => void>

/** What each button of the counter does, for fingers and keys alike. */
export function useCommands(): Commands {
  const { cart, act, open, tender, tell, reprint } = useDesk()
  const { t } = useTranslation()
  const needMember = (then: () => void) =>
    cart.member ? then() : tell({ about: 'refusal', refusal: { code: 'memberNeeded' } })
  return {
    find() {
      open({ kind: 'find', query: cart.typed })
      if (cart.typed) act({ do: 'escape' })
    },
    enrol: () => open({ kind: 'enrol', name: '', phone: '' }),
    cash() {
      if (cart.entry === 'amount' && !act({ do: 'addTyped', name: t('sale.manualLine') })) return
      act({ do: 'receiving' })
    },
    card: () => void tender('card'),
    storedValue: () => void tender('storedValue'),
    points: () => void tender('points'),
    refund: () => open({ kind: 'refund', transaction: null }),
    reprint: () => void reprint(null),
    topUp: () => needMember(() => open({ kind: 'topUp' })),
    adjust: () => needMember(() => open({ kind: 'adjust' })),
  }
}

export function useShortcuts(active: boolean): void {
  const { act, enter } = useDesk()
  const { t } = useTranslation()
  const commands = useCommands()
  useKeys((key) => pressed(key), active)

  function pressed(key: Key): boolean {
    if (/^\d$/.test(key)) act({ do: 'digits', digits: key })
    else if (key === '+') act({ do: 'addTyped', name: t('sale.manualLine') })
    else if (key === 'Backspace') act({ do: 'backspace' })
    else if (key === 'Escape') act({ do: 'escape' })
    else if (key === 'Enter') void enter()
    else return command(key)
    return true
  }
  function command(key: Key): boolean {
    const name = SHORTCUTS.find((one) => SHORTCUT[one] === key)
    if (name) commands[name]()
    return name !== undefined
  }
}
