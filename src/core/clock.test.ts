import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayNow, isSetRight, timeNow, wasSetRight } from './clock.ts'
import { BusinessDate } from './ids.ts'

const HOUR = 3_600_000
const NOON = Date.parse('2026-11-24T04:00:00Z')
const day = (text: string) => BusinessDate.parse(text)

describe('what time it is', () => {
  it('is the machine’s, set right by what the server said', () => {
    expect(timeNow(NOON + 3 * HOUR, -3 * HOUR, 50, { at: NOON - 10, ticks: 40, wall: 0 })).toBe(NOON)
  })

  it('goes on by ticks when the machine’s clock is set back, and by the machine’s when that has gone further', () => {
    const anchor = { at: NOON, ticks: 1_000, wall: 0 }
    expect(timeNow(NOON - 5 * HOUR, 0, 1_000 + HOUR, anchor)).toBe(NOON + HOUR)
    expect(timeNow(NOON + 8 * HOUR, 0, 1_000 + HOUR, anchor)).toBe(NOON + 8 * HOUR)
  })

  it('is the machine’s alone where nothing is known', () => expect(timeNow(7, 0, 0, null)).toBe(7))

  it('never runs backwards, whatever the machine’s clock does', () => {
    const step = fc.record({ ticks: fc.nat(10_000), jump: fc.integer({ min: -1e12, max: 1e12 }) })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let [ticks, wall, before] = [0, NOON, NOON]
        for (const { ticks: passed, jump } of steps) {
          ticks += passed
          wall += passed + jump
          const now = timeNow(wall, 0, ticks, { at: before, ticks: ticks - passed, wall: 0 })
          expect(now).toBeGreaterThanOrEqual(before + passed)
          before = now
        }
      }),
    )
  })
})

describe('a machine’s clock', () => {
  const DAY = 24 * HOUR
  /** What it lacked as the server was heard at noon, how far it has jumped since, and how long ago that was. */
  const heard = (lacked: number, jump: number, passed = HOUR) =>
    isSetRight(NOON - lacked + passed + jump, lacked, passed, { at: NOON, ticks: 0, wall: NOON - lacked })
  /** The same over a start, `away` after that. */
  const started = (lacked: number, jump: number, away: number) =>
    wasSetRight(NOON - lacked + away + jump, { offset: lacked, heard: NOON })

  it.each([8 * HOUR, -8 * HOUR, 3 * 365 * DAY, -365 * DAY])(
    'that lacked %d is set right once it jumps by that',
    (lacked) => {
      expect(heard(lacked, lacked)).toBe(true)
      expect(heard(lacked, lacked + 60_000, 50 * DAY)).toBe(true)
      expect(heard(lacked, 0, 50 * DAY)).toBe(false)
    },
  )

  it('is not where it jumps elsewhere, or the machine has slept', () => {
    expect(heard(8 * HOUR, 3 * DAY)).toBe(false)
    expect(heard(3 * 365 * DAY, 12 * HOUR)).toBe(false)
    expect(heard(0, 8 * HOUR)).toBe(false)
    expect(heard(HOUR / 15, HOUR / 10)).toBe(false)
    expect(heard(-365 * DAY, -17 * 365 * DAY)).toBe(false)
  })

  it.each([3 * 365 * DAY, -365 * DAY])(
    'that lacked %d is set right where after a start only its own time goes on',
    (lacked) => {
      expect(started(lacked, lacked, 14 * HOUR)).toBe(true)
      expect(started(lacked, 0, 14 * HOUR)).toBe(false)
      expect(started(lacked, -17 * 365 * DAY, 14 * HOUR)).toBe(false)
    },
  )

  it.each([8 * HOUR, -3 * HOUR])('that lacked %d is believed as before where either may be', (lacked) => {
    expect(started(lacked, 0, 14 * HOUR)).toBe(false)
    expect(started(lacked, lacked, 14 * HOUR)).toBe(false)
  })

  it('is believed as before where nobody knows when it lacked that', () =>
    expect(wasSetRight(NOON, { offset: 3 * 365 * DAY, heard: null })).toBe(false))
})

describe('the business day', () => {
  const last = { at: NOON, day: day('2026-11-24') }
  it('goes on', () => expect(dayNow(NOON + 20 * HOUR, day('2026-11-25'), last)).toBe('2026-11-25'))
  it('does not go back by some hours', () =>
    expect(dayNow(NOON - 20 * HOUR, day('2026-11-23'), last)).toBe('2026-11-24'))
  it('leaves behind what a clock of another day has recorded', () =>
    expect(dayNow(NOON - 24 * HOUR, day('2026-11-23'), last)).toBe('2026-11-23'))
  it('is the calendar’s where nothing is recorded', () =>
    expect(dayNow(NOON, day('2026-11-24'), null)).toBe('2026-11-24'))
})
