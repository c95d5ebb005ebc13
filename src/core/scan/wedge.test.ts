import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { characterOfKey } from './us-layout.ts'
import { createWedgeDecoder, type Keystroke, PAUSE_MS, type WedgeEvent } from './wedge.ts'

const CODES = [
  ...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ', (letter) => `Key${letter}`),
  ...Array.from('0123456789', (digit) => `Digit${digit}`),
  ...Array.from('0123456789', (digit) => `Numpad${digit}`),
  ...'Backquote Minus Equal BracketLeft BracketRight Backslash Semicolon Quote Comma Period Slash Space'.split(' '),
  ...'NumpadAdd NumpadSubtract NumpadMultiply NumpadDivide NumpadDecimal'.split(' '),
]
type Key = Pick<Keystroke, 'code' | 'shift'>
const KEYS: Key[] = CODES.flatMap((code) => [
  { code, shift: false },
  { code, shift: true },
])
const ASCII = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))

/** The keys that make a character, of which a scanner may use any. */
function keysFor(character: string): Key[] {
  return KEYS.filter(({ code, shift }) => characterOfKey(code, shift) === character)
}

function keystroke(fields: Partial<Keystroke> & { timeMs: number }): Keystroke {
  return { code: '', key: 'Process', shift: false, modified: false, repeat: false, ...fields }
}

type Run = { events: WedgeEvent[]; swallowed: Keystroke[] }

/** Feeds the keys and then lets time pass. */
function run(keystrokes: readonly Keystroke[], decoder = createWedgeDecoder()): Run {
  const outcome: Run = { events: [], swallowed: [] }
  for (const stroke of keystrokes) {
    const decision = decoder.feed(stroke)
    outcome.events.push(...decision.events)
    if (decision.swallow) outcome.swallowed.push(stroke)
  }
  outcome.events.push(...decoder.flush((keystrokes.at(-1)?.timeMs ?? 0) + PAUSE_MS + 1))
  return outcome
}

function scansOf({ events }: Run): string[] {
  return events.flatMap((event) => (event.type === 'scan' ? [event.text] : []))
}

/** The key presses of a text with the given gaps, which begin anew when they run out. */
function strokesFor(text: string, gaps: readonly number[], fromMs = 0): Keystroke[] {
  let timeMs = fromMs
  return Array.from(text, (character, index) => {
    const [key] = keysFor(character)
    if (key === undefined) throw new Error(`no key makes '${character}'`)
    if (index > 0) timeMs += gaps[index % gaps.length] ?? 0
    return keystroke({ ...key, timeMs })
  })
}

const scannerGap = fc.integer({ min: 0, max: 35 })
const anyKey = fc
  .constantFrom(...ASCII)
  .chain((character) =>
    fc.record({ character: fc.constant(character), key: fc.constantFrom(...keysFor(character)), gap: scannerGap }),
  )
type TimedKey = { character: string; key: Key; gap: number }

function burst(keys: readonly TimedKey[], fromMs = 0): { text: string; strokes: Keystroke[]; endMs: number } {
  let timeMs = fromMs
  const strokes = keys.map(({ key, gap }) => keystroke({ ...key, timeMs: (timeMs += gap) }))
  return { text: keys.map(({ character }) => character).join(''), strokes, endMs: timeMs }
}

describe('a scanner', () => {
  it('gives exactly its text, whatever ASCII it sends and by whichever keys, and its Enter or Tab is swallowed', () => {
    const keys = fc.array(anyKey, { minLength: 4, maxLength: 80 })
    const terminators = fc.constantFrom('Enter', 'NumpadEnter', 'Tab')
    fc.assert(
      fc.property(keys, terminators, scannerGap, (timedKeys, code, gap) => {
        const { text, strokes, endMs } = burst(timedKeys)
        const terminator = keystroke({ code, timeMs: endMs + gap })
        const outcome = run([...strokes, terminator])
        expect(outcome.events).toEqual([{ type: 'started' }, { type: 'scan', text }])
        expect(outcome.swallowed).toContain(terminator)
      }),
    )
  })

  it('needs no Enter from six characters on, and only its first ones can reach a field', () => {
    fc.assert(
      fc.property(fc.array(anyKey, { minLength: 6, maxLength: 80 }), (timedKeys) => {
        const { text, strokes } = burst(timedKeys)
        const outcome = run(strokes)
        expect(outcome.events).toEqual([{ type: 'started' }, { type: 'scan', text }])
        expect(outcome.swallowed).toEqual(strokes.slice(5))
      }),
    )
  })

  it('is one scan after the other', () => {
    const keys = fc.array(anyKey, { minLength: 6, maxLength: 20 })
    fc.assert(
      fc.property(fc.array(keys, { minLength: 2, maxLength: 5 }), fc.boolean(), (scans, hasTerminator) => {
        let fromMs = 0
        const bursts = scans.map((timedKeys) => {
          const made = burst(timedKeys, fromMs)
          fromMs = made.endMs + PAUSE_MS + 1
          return made
        })
        const strokes = bursts.flatMap(({ strokes, endMs }) =>
          hasTerminator ? [...strokes, keystroke({ code: 'Enter', timeMs: endMs + 5 })] : strokes,
        )
        expect(scansOf(run(strokes))).toEqual(bursts.map(({ text }) => text))
      }),
    )
  })

  it('may press Shift and the locks in between', () => {
    const strokes = strokesFor('Ab1234', [10]).flatMap((stroke) => [
      keystroke({ code: 'ShiftLeft', key: 'Shift', shift: true, timeMs: stroke.timeMs }),
      keystroke({ code: 'CapsLock', key: 'CapsLock', timeMs: stroke.timeMs }),
      stroke,
    ])
    expect(scansOf(run(strokes))).toEqual(['Ab1234'])
  })

  it('is believed by its rhythm: one late key is no pause', () => {
    expect(scansOf(run(strokesFor('M01234567893', [8, 8, 8, 58])))).toEqual(['M01234567893'])
  })

  it('may send Enter late, twice, or a line feed as Ctrl+J: none reaches the page', () => {
    const decoder = createWedgeDecoder()
    expect(scansOf(run(strokesFor('123456', [10]), decoder))).toEqual(['123456'])
    const late = keystroke({ code: 'Enter', timeMs: 50 + 200 })
    const again = keystroke({ code: 'Enter', timeMs: 50 + 210 })
    const lineFeed = keystroke({ code: 'KeyJ', modified: true, timeMs: 50 + 220 })
    const byHand = keystroke({ code: 'Enter', timeMs: 50 + 900 })
    expect(run([late, again, lineFeed, byHand], decoder)).toEqual({ events: [], swallowed: [late, again, lineFeed] })
  })

  it('counts by key where a virtual keyboard gives no code', () => {
    const strokes = Array.from('Ab-123', (key, index) => keystroke({ key, timeMs: index * 10 }))
    const enter = keystroke({ key: 'Enter', timeMs: 60 })
    expect(run([...strokes, enter])).toMatchObject({ events: [{}, { type: 'scan', text: 'Ab-123' }] })
  })
})

describe('a hand', () => {
  it('never scans, however it types', () => {
    const gap = fc.oneof(fc.integer({ min: 36, max: 90 }), fc.integer({ min: 36, max: 2000 }))
    const key = fc.oneof(
      fc.constantFrom(...KEYS),
      fc.constantFrom('Enter', 'Tab', 'Backspace').map((code) => ({ code, shift: false })),
    )
    fc.assert(
      fc.property(fc.array(fc.record({ key, gap }), { maxLength: 100 }), (typed) => {
        let timeMs = 0
        const outcome = run(typed.map((each) => keystroke({ ...each.key, timeMs: (timeMs += each.gap) })))
        expect(scansOf(outcome)).toEqual([])
        expect(outcome.swallowed).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('never scans with keys that roll over in threes, or with a short number and Enter', () => {
    expect(run(strokesFor('thequickbrown', [100, 15, 15])).swallowed).toEqual([])
    const enter = keystroke({ code: 'Enter', timeMs: 45 })
    expect(run([...strokesFor('450', [15]), enter])).toEqual({
      events: [{ type: 'started' }, { type: 'typed' }],
      swallowed: [],
    })
  })

  it('never scans by holding a key down', () => {
    const strokes = Array.from({ length: 40 }, (_, index) =>
      keystroke({ code: 'Digit0', repeat: index > 0, timeMs: index === 0 ? 0 : 500 + index * 30 }),
    )
    expect(run(strokes)).toEqual({ events: [{ type: 'started' }, { type: 'typed' }], swallowed: [] })
  })

  it('keeps its Enter, its shortcuts and its arrows', () => {
    const others = ['Enter', 'ArrowLeft', 'F2', 'Escape', 'Backspace'].map((code, index) =>
      keystroke({ code, timeMs: 1000 * index }),
    )
    const copy = keystroke({ code: 'KeyC', modified: true, timeMs: 9000 })
    expect(run([...others, copy])).toEqual({ events: [], swallowed: [] })
  })

  it('learns that it typed before its next key has its effect', () => {
    const decoder = createWedgeDecoder()
    decoder.feed(keystroke({ code: 'Digit5', timeMs: 0 }))
    expect(decoder.feed(keystroke({ code: 'Backspace', timeMs: 20 })).events).toEqual([{ type: 'typed' }])
  })

  it('can type right before a scan', () => {
    const strokes = [...strokesFor('45', [100]), ...strokesFor('M01234567893', [10], 100 + PAUSE_MS + 1)]
    expect(scansOf(run(strokes))).toEqual(['M01234567893'])
  })
})
