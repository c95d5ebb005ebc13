/**
 * The last steps of a restore (R11): the present file goes aside and the one restored takes its place. Once that one is
 * whole under a name of its own it is decided, and whoever comes next finishes what a power cut has left undone.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeDurable, stamp } from './backups.ts'

export const COUNTER_FILE = 'counter.db'
/** What SQLite leaves beside a file belongs to it: another's would spoil the one put in its place. */
const SUFFIXES = ['', '-wal', '-shm', '-journal']
const DRAFT = 'restoring.db'
/** Its name tells where the present file goes, so that all of that goes to one place however often it is begun. */
const DECIDED = /^restored-(.+)\.db$/

/** Thrown when a restore was cut short before there was anything to put in place, and there is no file to start with. */
export class RestoreCutShortError extends Error {
  readonly code = 'restoreCutShort'
}

/** Where the file to restore is made, with nothing there. */
export function freshDraft(dataDir: string): string {
  const draft = join(dataDir, DRAFT)
  dropDraft(dataDir)
  return draft
}

export function dropDraft(dataDir: string): void {
  for (const suffix of SUFFIXES) rmSync(join(dataDir, DRAFT) + suffix, { force: true })
}

/** Puts the draft in place, which is whole and on disk; answers where the file is that was there. */
export function putInPlace(dataDir: string, now: number): string | null {
  renameSync(join(dataDir, DRAFT), join(dataDir, `restored-${freeName(dataDir, stamp(now))}.db`))
  makeDurable(dataDir)
  return finishRestore(dataDir)
}

/** Ends a restore that was decided; does nothing where none was. */
export function finishRestore(dataDir: string): string | null {
  const decided = readdirSync(dataDir).find((name) => DECIDED.test(name))
  if (decided === undefined) return null
  const aside = putAside(dataDir, join(dataDir, decided.replace(DECIDED, 'aside-$1')))
  renameSync(join(dataDir, decided), join(dataDir, COUNTER_FILE))
  makeDurable(dataDir)
  return aside
}

/** Before a start. Throws RestoreCutShortError where a restore must be run again: without one it would be a new counter. */
export function mendRestore(dataDir: string): void {
  finishRestore(dataDir)
  if (!existsSync(join(dataDir, COUNTER_FILE)) && existsSync(join(dataDir, DRAFT))) {
    throw new RestoreCutShortError('a restore was cut short before its file was whole')
  }
}

/** Two restores may be of one second, by a clock that was wrong. */
function freeName(dataDir: string, name: string, n = 1): string {
  const tried = n === 1 ? name : `${name}-${n}`
  return existsSync(join(dataDir, `aside-${tried}`)) ? freeName(dataDir, name, n + 1) : tried
}

/** Moves the present file, with all that belongs to it, into a folder of its own. */
function putAside(dataDir: string, aside: string): string | null {
  const present = join(dataDir, COUNTER_FILE)
  const there = SUFFIXES.filter((suffix) => existsSync(present + suffix))
  if (there.length > 0) mkdirSync(aside, { recursive: true, mode: 0o700 })
  for (const suffix of there) renameSync(present + suffix, join(aside, COUNTER_FILE + suffix))
  if (!existsSync(aside)) return null
  makeDurable(aside)
  return aside
}
