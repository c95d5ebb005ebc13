import { useEffect, useEffectEvent } from 'react'
import { attachScanner } from './attach-scanner.ts'

/** `attachScanner` for as long as the component is shown. Use it once, at the root of the screen, and pass scans down. */
export function useScanner(onScan: (text: string) => void, onTyped?: (character: string) => void): void {
  const scanned = useEffectEvent(onScan)
  const typed = useEffectEvent((character: string) => onTyped?.(character))
  const holdsTyping = onTyped !== undefined
  useEffect(
    () => attachScanner(window, (text) => scanned(text), holdsTyping ? (character) => typed(character) : undefined),
    [holdsTyping],
  )
}
