/** A keyboard-wedge scanner in a page: it works without any focus, under any input method, and never types into a field. */
import { characterOf, createWedgeDecoder, type Keystroke, PAUSE_MS, type WedgeEvent } from '#core/scan/wedge.ts'
import { type FieldSnapshot, snapshotField } from './field.ts'

/** A timer this late says that the page was busy, and that keys may be waiting. */
const LATE_MS = 20
/** How long an input method may take to deliver what it made of a scan. */
const INPUT_METHOD_MS = 250

/**
 * Calls `onScan` with the text of each scan until the returned function is called. Attach it once to a window.
 *
 * With `onTyped`, characters typed by hand outside any field go there, one call each, at most 0.1 s later and before any
 * other key has its effect; they are kept from the page, so that the first characters of a scan are not taken for typing.
 */
export function attachScanner(
  target: Window,
  onScan: (text: string) => void,
  onTyped?: (character: string) => void,
): () => void {
  const decoder = createWedgeDecoder()
  let field: FieldSnapshot | null = null
  let inputMethod = false
  let held: string[] = []
  let timer: number | undefined
  let afterInputMethod: { field: FieldSnapshot; untilMs: number } | null = null

  function onKeyDown(event: KeyboardEvent): void {
    const keystroke = keystrokeOf(event)
    const decision = decoder.feed(keystroke)
    const character = decision.pending && !decision.swallow ? typedCharacter(keystroke) : null
    // A space may press the button that has the focus; no code of ours begins with one.
    const hold = character !== null && onTyped !== undefined && character !== ' ' && !isField(event)
    if (decision.swallow || hold) {
      event.preventDefault()
      event.stopImmediatePropagation()
    }
    for (const wedgeEvent of decision.events) handle(wedgeEvent, event)
    if (hold) held.push(character)
    if (event.isComposing || event.key === 'Process') inputMethod = true
    if (decision.pending) waitForPause()
  }

  function handle(wedgeEvent: WedgeEvent, cause: Event | null): void {
    if (wedgeEvent.type === 'started') {
      field = cause === null ? null : snapshotField(innermostTarget(cause))
      inputMethod = false
      afterInputMethod = null
      return
    }
    const characters = held
    held = []
    if (wedgeEvent.type === 'typed') {
      for (const character of characters) onTyped?.(character)
      return
    }
    field?.restore()
    if (inputMethod && field !== null) afterInputMethod = { field, untilMs: performance.now() + INPUT_METHOD_MS }
    onScan(wedgeEvent.text)
  }

  function waitForPause(): void {
    const waitMs = PAUSE_MS + 1
    const dueMs = performance.now() + waitMs
    target.clearTimeout(timer)
    timer = target.setTimeout(() => {
      const nowMs = performance.now()
      if (nowMs > dueMs + LATE_MS) waitForPause()
      else for (const wedgeEvent of decoder.flush(nowMs)) handle(wedgeEvent, null)
    }, waitMs)
  }

  /** The Enter that ends a scan may make an input method commit what it composed, after the field was put right. */
  function onLateInput(event: Event): void {
    const late = afterInputMethod
    if (late === null || !event.isTrusted || !late.field.owns(innermostTarget(event))) return
    if (performance.now() <= late.untilMs) late.field.restore()
    else afterInputMethod = null
  }

  target.addEventListener('keydown', onKeyDown, true)
  target.addEventListener('input', onLateInput, true)
  target.addEventListener('compositionend', onLateInput, true)
  return () => {
    target.clearTimeout(timer)
    target.removeEventListener('keydown', onKeyDown, true)
    target.removeEventListener('input', onLateInput, true)
    target.removeEventListener('compositionend', onLateInput, true)
  }
}

function keystrokeOf(event: KeyboardEvent): Keystroke {
  return {
    code: event.code,
    key: event.key,
    shift: event.shiftKey,
    modified: event.ctrlKey || event.altKey || event.metaKey,
    repeat: event.repeat,
    timeMs: event.timeStamp,
  }
}

/** What a hand meant: the key as labelled, or the layout's character when an input method hides it. */
function typedCharacter(keystroke: Keystroke): string | null {
  return keystroke.key.length === 1 ? keystroke.key : characterOf(keystroke)
}

function isField(event: Event): boolean {
  return snapshotField(innermostTarget(event)) !== null
}

function innermostTarget(event: Event): EventTarget | null {
  return event.composedPath()[0] ?? event.target
}
