/**
 * The keyboard and the scanner as one stream of hands, with no field in focus. The newest listener has the keys (a dialog over the
 * counter), and a scan goes to the root, wherever the focus is.
 */
import { createContext, use, useEffect, useEffectEvent, useState, type ReactNode } from 'react'
import { useScanner } from './scanner/use-scanner.ts'

/** `0`–`9`, `+`, `Enter`, `Backspace`, `Escape`, or a function key such as `F2` and `Shift+F2`. */
export type Key = string
/** Whether the key was used; a used key has no other effect. */
type Listener = (key: Key) => boolean

const KeyListeners = createContext<Set<Listener> | null>(null)

type Props = {
  onScan: (text: string) => void
  /** There is nobody behind the page: nothing that hands do has any effect. */
  deaf: boolean
  children: ReactNode
}

/** Listens for keys and scans for the whole page. Use it once, at the root. */
export function HandsProvider({ onScan, deaf, children }: Props) {
  const [listeners] = useState(() => new Set<Listener>())

  const isDeaf = useEffectEvent(() => deaf)
  const press = useEffectEvent((key: Key): boolean => !deaf && ([...listeners].at(-1)?.(key) ?? false))
  useScanner(
    (text) => {
      if (!deaf) onScan(text)
    },
    (character) => {
      if (/^[0-9+]$/.test(character)) press(character)
    },
  )
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (isDeaf()) return isModified(event) ? undefined : event.preventDefault()
      const key = keyOf(event)
      if (key === null || event.defaultPrevented) return
      // However long it is held, a key is pressed once, a button's Enter too; only Backspace goes on.
      if (event.repeat && key !== 'Backspace') return event.preventDefault()
      if (belongsToFocus(event, key)) return
      if (press(key)) event.preventDefault()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
  return <KeyListeners value={listeners}>{children}</KeyListeners>
}

/** Takes the keys while shown (and `active`), over whatever took them before. */
export function useKeys(onKey: Listener, active = true): void {
  const listeners = use(KeyListeners)
  const listen = useEffectEvent(onKey)
  useEffect(() => {
    if (!active || !listeners) return
    const listener: Listener = (key) => listen(key)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, [active, listeners])
}

const isModified = ({ ctrlKey, altKey, metaKey }: KeyboardEvent): boolean => ctrlKey || altKey || metaKey

function keyOf(event: KeyboardEvent): Key | null {
  if (isModified(event) || event.isComposing) return null
  const name = event.code === 'NumpadEnter' ? 'Enter' : event.code || event.key
  if (/^F\d{1,2}$/.test(name)) return event.shiftKey ? `Shift+${name}` : name
  return name === 'Enter' || name === 'Backspace' || name === 'Escape' ? name : null
}

/** A field keeps its own keys, and a button reached with Tab its Enter. Function keys work everywhere. */
function belongsToFocus(event: KeyboardEvent, key: Key): boolean {
  if (/F\d/.test(key)) return false
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  if (target.matches('input, textarea, select') || target.isContentEditable) return true
  return key === 'Enter' && target.matches('button, a, [role=button], [role=option]')
}
