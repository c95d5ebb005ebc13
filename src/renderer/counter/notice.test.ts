import { expect, it } from 'vitest'
import { withReport, type Notice } from './notice.ts'

it('of each order in line there is what is known last, and first what was just put off', () => {
  const unknown: Notice = { about: 'refusal', refusal: { code: 'mayBeForgotten' } }
  const undone: Notice = { about: 'refusal', refusal: { code: 'notDone' } }
  const reports = [
    { of: 'a', notice: unknown },
    { of: 'b', notice: unknown },
    { of: 'c', notice: undone },
    { of: 'a', notice: undone },
  ]
  expect(reports.reduce(withReport, [])).toEqual([
    { of: 'b', notice: unknown },
    { of: 'a', notice: undone },
    { of: 'c', notice: undone },
  ])
})
