/** When backups are made: at a start and while it runs, once a day when nobody is being served; and as the day is closed. */
import { listBackups, makeBackup } from './backups.ts'

const DAY_MS = 24 * 3_600_000
const LOOK_EVERY_MS = 10 * 60_000
/** Copying takes a moment of the counter's time: not while customers stand there, unless it has been put off for long. */
const QUIET_MS = 5 * 60_000
const PUT_OFF_MS = 2 * DAY_MS

export type BackupOptions = {
  file: string
  dataDir: string
  now: () => number
  /** When something was last recorded, Unix ms. */
  lastWork: () => number
  onError(error: unknown): void
}

export type Backups = { now(): void; stop(): void }

export function startBackups({ file, dataDir, now, lastWork, onError }: BackupOptions): Backups {
  /** What is later than now was so by a clock that was ahead, and may be long ago. */
  const since = (at: number) => (at > now() ? Infinity : now() - at)
  const make = () => void makeBackup(file, dataDir, now())
  const makeWhenDue = () => {
    const age = since(listBackups(dataDir)[0]?.at ?? 0)
    const quiet = since(lastWork()) >= QUIET_MS
    if (age >= PUT_OFF_MS || (age >= DAY_MS && quiet)) make()
  }
  /** The counter goes on without a backup: it is told of, and tried again. */
  const attempt = (work: () => void) => () => {
    try {
      work()
    } catch (error) {
      onError(error)
    }
  }
  const timer = setInterval(attempt(makeWhenDue), LOOK_EVERY_MS)
  timer.unref()
  return { now: attempt(make), stop: () => clearInterval(timer) }
}
