import { describe, expect, it } from 'vitest'
import { upgraded, type Upgraders } from './event-version.ts'

/** As if: version 2 named the writer, and version 3 counted its lines from one. */
const upgraders: Upgraders = {
  1: ({ by, ...event }) => ({ ...event, writer: by }),
  2: (event) => ({ ...event, line: Number(event['line']) + 1 }),
}

describe('an event of an earlier version', () => {
  it('goes through every version since', () => {
    expect(upgraded({ v: 1, by: 'A', line: 0 }, 3, upgraders)).toEqual({
      ok: true,
      json: { v: 3, writer: 'A', line: 1 },
    })
    expect(upgraded({ v: 2, writer: 'A', line: 0 }, 3, upgraders)).toMatchObject({ json: { v: 3, line: 1 } })
  })

  it('stays as it is when it is of this one', () => {
    expect(upgraded({ v: 3, line: 0 }, 3, upgraders)).toEqual({ ok: true, json: { v: 3, line: 0 } })
  })

  it('keeps its version when nobody knows the way, so that no schema takes it for a present one', () => {
    expect(upgraded({ v: 1, line: 0 }, 3, {})).toEqual({ ok: true, json: { v: 1, line: 0 } })
  })
})

describe('what is not of an earlier version', () => {
  it('may be of a later one', () => {
    expect(upgraded({ v: 4 }, 3, upgraders)).toEqual({ ok: false, reason: 'newerVersion' })
  })

  it.each([null, 7, [], {}, { v: '1' }, { v: 1.5 }, { v: 0 }, { v: -1 }])('or no event at all: %j', (json) => {
    expect(upgraded(json, 3, upgraders)).toEqual({ ok: true, json })
  })
})
