/**
 * Tells the keystrokes of a barcode scanner that poses as a keyboard from those of a hand, by their rhythm alone. It knows
 * no clock and no DOM: it is fed with key presses and told when time has passed.
 *
 * A burst is a run of characters with no pause longer than PAUSE_MS. It is a scan when its average gap is at most
 * SCANNER_GAP_MS and it has SURE_LENGTH characters, or ENDED_LENGTH and then Enter or Tab in the same rhythm. From
 * SURE_LENGTH on it is certain, so the keys that follow can be kept from the page.
 */
import { characterOfKey } from './us-layout.ts'

export type Keystroke = {
  /** KeyboardEvent.code and .key; the latter counts only where a virtual keyboard gives no code. */
  code: string
  key: string
  shift: boolean
  /** Ctrl, Alt or Meta is down. */
  modified: boolean
  repeat: boolean
  timeMs: number
}

export type WedgeEvent =
  /** This key may be the first of a scan: remember what is about to be spoilt. */
  | { type: 'started' }
  /** A scan is over: undo what its keys did since 'started'. */
  | { type: 'scan'; text: string }
  /** What 'started' was a hand at work. */
  | { type: 'typed' }

/** `events` come before the key's own effect; a key to swallow must have no effect; a pending one may still prove a scan's. */
export type KeyDecision = { events: WedgeEvent[]; swallow: boolean; pending: boolean }

export type WedgeDecoder = {
  /** One key press, in the order pressed. */
  feed: (keystroke: Keystroke) => KeyDecision
  /** Time has passed without a key: ends a burst whose pause is long enough. */
  flush: (timeMs: number) => WedgeEvent[]
}

/** The longest gap within a burst; call `flush` this long after the last key. */
export const PAUSE_MS = 60
const SCANNER_GAP_MS = 35
const SURE_LENGTH = 6
const ENDED_LENGTH = 4
/** After a scan, a late or a second Enter is still the scanner's; no hand is that quick. */
const AFTERMATH_MS = 250

type Burst = { text: string; firstMs: number; lastMs: number; sure: boolean }

/** The character a keystroke stands for, or null. */
export function characterOf({ code, key, shift }: Pick<Keystroke, 'code' | 'key' | 'shift'>): string | null {
  if (code !== '' && code !== 'Unidentified') return characterOfKey(code, shift)
  return /^[ -~]$/.test(key) ? key : null
}

export function createWedgeDecoder(): WedgeDecoder {
  let burst: Burst | null = null
  let scannedAtMs = Number.NEGATIVE_INFINITY

  function endBurst(isScan: boolean): WedgeEvent[] {
    if (burst === null) return []
    const { text, lastMs } = burst
    burst = null
    if (!isScan) return [{ type: 'typed' }]
    scannedAtMs = lastMs
    return [{ type: 'scan', text }]
  }

  function flush(timeMs: number): WedgeEvent[] {
    return burst !== null && timeMs - burst.lastMs > PAUSE_MS ? endBurst(burst.sure) : []
  }

  function feed(keystroke: Keystroke): KeyDecision {
    const { timeMs } = keystroke
    if (isLock(keystroke)) return { events: [], swallow: false, pending: false }
    const events = flush(timeMs)
    const character = keystroke.modified || keystroke.repeat ? null : characterOf(keystroke)

    if (character !== null) {
      if (burst === null) {
        burst = { text: character, firstMs: timeMs, lastMs: timeMs, sure: false }
        return { events: [...events, { type: 'started' }], swallow: false, pending: true }
      }
      const { sure } = burst
      burst = { ...burst, text: burst.text + character, lastMs: timeMs }
      burst.sure = sure || (burst.text.length >= SURE_LENGTH && hasScannersRhythm(burst, timeMs, burst.text.length - 1))
      return { events, swallow: burst.sure, pending: true }
    }

    if (isTerminator(keystroke)) {
      const isScan =
        burst !== null &&
        (burst.sure || (burst.text.length >= ENDED_LENGTH && hasScannersRhythm(burst, timeMs, burst.text.length)))
      const ended = endBurst(isScan)
      if (isScan) scannedAtMs = timeMs
      return { events: [...events, ...ended], swallow: isScan || isAftermath(timeMs), pending: false }
    }

    if (keystroke.modified && (burst?.sure === true || isAftermath(timeMs))) {
      // A control character that the scanner sends as Ctrl and a letter, such as the line feed after Enter.
      return { events, swallow: true, pending: false }
    }
    return { events: [...events, ...endBurst(burst?.sure === true)], swallow: false, pending: false }
  }

  function isAftermath(timeMs: number): boolean {
    return timeMs - scannedAtMs <= AFTERMATH_MS
  }

  return { feed, flush }
}

function hasScannersRhythm(burst: Burst, timeMs: number, gaps: number): boolean {
  return timeMs - burst.firstMs <= gaps * SCANNER_GAP_MS
}

/** Shift and the locks come between a scanner's characters and say nothing. */
function isLock({ code, key }: Keystroke): boolean {
  return (
    /^(Shift|Control|Alt|Meta)(Left|Right)$|^(CapsLock|NumLock)$/.test(code) || key === 'Shift' || key === 'CapsLock'
  )
}

function isTerminator({ code, key, modified, repeat }: Keystroke): boolean {
  if (modified || repeat) return false
  return /^(Enter|NumpadEnter|Tab)$/.test(code === '' ? key : code)
}
