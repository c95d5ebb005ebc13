import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, businessDateAt } from './business-date.ts'
import { BusinessDate } from './ids.ts'

const at = (instant: string, zone: string, cutOff: number) => businessDateAt(Date.parse(instant), zone, cutOff)
const date = (text: string) => BusinessDate.parse(text)

describe('businessDateAt', () => {
  it.each([
    ['midnight in Taipei', '2025-11-21T16:00:00Z', 'Asia/Taipei', 0, '2025-11-22'],
    ['a millisecond before it', '2025-11-21T15:59:59.999Z', 'Asia/Taipei', 0, '2025-11-21'],
    ['before the cut-off it is still yesterday', '2025-11-21T20:59:59Z', 'Asia/Taipei', 5, '2025-11-21'],
    ['at the cut-off the day turns', '2025-11-21T21:00:00Z', 'Asia/Taipei', 5, '2025-11-22'],
    ['the first of a month before the cut-off', '2025-10-31T17:00:00Z', 'Asia/Taipei', 4, '2025-10-31'],
    ['new year’s night', '2025-12-31T18:00:00Z', 'Asia/Taipei', 4, '2025-12-31'],
    ['a leap day', '2028-02-29T03:00:00Z', 'Asia/Taipei', 0, '2028-02-29'],
    ['the evening before in New York', '2025-11-22T04:30:00Z', 'America/New_York', 0, '2025-11-21'],
    ['half-hour zones', '2025-11-21T18:30:00Z', 'Asia/Kolkata', 0, '2025-11-22'],
    ['past the date line', '2025-11-22T10:00:00Z', 'Pacific/Kiritimati', 0, '2025-11-23'],
  ])('%s', (_, instant, zone, cutOff, expected) => {
    expect(at(instant, zone, cutOff)).toBe(expected)
  })

  it.each([
    ['2025-03-09T07:59:59Z', 4, '2025-03-08'],
    ['2025-03-09T08:00:00Z', 4, '2025-03-09'],
    ['2025-03-09T06:59:59Z', 2, '2025-03-08'],
    ['2025-03-09T07:00:00Z', 2, '2025-03-09'],
    ['2025-11-02T08:59:59Z', 4, '2025-11-01'],
    ['2025-11-02T09:00:00Z', 4, '2025-11-02'],
    ['2025-11-02T05:30:00Z', 0, '2025-11-02'],
    ['2025-11-02T04:30:00Z', 0, '2025-11-02'],
  ])('in New York, where clocks change: %s, cut-off %i', (instant, cutOff, expected) => {
    expect(at(instant, 'America/New_York', cutOff)).toBe(expected)
  })

  it('never goes back as time goes on', () => {
    const zones = fc.constantFrom('Asia/Taipei', 'America/New_York', 'Europe/London', 'Australia/Lord_Howe')
    const instants = fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2035-01-01') })
    fc.assert(
      fc.property(zones, fc.nat(23), instants, fc.nat(90_000_000), (zone, cutOff, instant, later) => {
        expect(businessDateAt(instant, zone, cutOff) <= businessDateAt(instant + later, zone, cutOff)).toBe(true)
      }),
    )
  })
})

describe('addDays', () => {
  it.each([
    ['2025-01-31', 1, '2025-02-01'],
    ['2025-02-28', 1, '2025-03-01'],
    ['2028-02-28', 1, '2028-02-29'],
    ['2025-12-31', 1, '2026-01-01'],
    ['2025-03-01', -1, '2025-02-28'],
    ['2025-11-22', 0, '2025-11-22'],
    ['2025-11-22', 365, '2026-11-22'],
    ['2025-03-08', 2, '2025-03-10'],
  ])('%s and %i days is %s', (from, days, expected) => {
    expect(addDays(date(from), days)).toBe(expected)
  })

  it('comes back the way it went', () => {
    const days = fc.integer({ min: -3_000, max: 3_000 })
    fc.assert(
      fc.property(fc.integer({ min: 1990, max: 2090 }), days, (year, by) => {
        const from = date(`${year}-06-15`)
        expect(addDays(addDays(from, by), -by)).toBe(from)
      }),
    )
  })
})
