/** What the screen has to tell. Most goes with the next thing done; what stands in line is there until it is dismissed. */
import { useState } from 'react'
import { withReport, type Notice, type Report } from './notice.ts'

export type Notices = {
  /** Of what has just been done. */
  passing: Notice | null
  /** That, or else what stands first in line. */
  shown: Notice | null
  tell: (notice: Notice | null) => void
  report: (report: Report) => void
  dismiss: (notice: Notice) => void
}

export function useNotices(): Notices {
  const [passing, tell] = useState<Notice | null>(null)
  const [line, stand] = useState<readonly Report[]>([])
  return {
    passing,
    shown: passing ?? line[0]?.notice ?? null,
    tell,
    report: (report) => stand((before) => withReport(before, report)),
    dismiss(notice) {
      tell((before) => (before === notice ? null : before))
      stand((before) => before.filter((one) => one.notice !== notice))
    },
  }
}
