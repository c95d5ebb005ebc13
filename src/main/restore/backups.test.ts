import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { tempDir } from '#test/support/temp.ts'
import { startBackups } from './backup-schedule.ts'
import { listBackups, makeBackup } from './backups.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const NOW = Date.parse('2026-03-10T03:00:00Z')

/** A counter's folder, with a file to copy in it. */
function folder(): { dataDir: string; file: string } {
  const dataDir = tempDir()
  const file = join(dataDir, 'counter.db')
  new Database(file).exec('create table t (x)').close()
  return { dataDir, file }
}

describe('backups', () => {
  it('are as new as they were made late, whatever the clock said', () => {
    const { dataDir, file } = folder()
    const made = [365, 366, 0, 1].map((days) => makeBackup(file, dataDir, NOW + days * DAY_MS))
    expect(listBackups(dataDir)).toEqual(made.toReversed())
  })

  it('are kept to seven, and the one just made is among them', () => {
    const { dataDir, file } = folder()
    for (let n = 0; n < 7; n += 1) makeBackup(file, dataDir, NOW + 365 * DAY_MS + n * 1_000)
    const { path } = makeBackup(file, dataDir, NOW)
    expect(existsSync(path)).toBe(true)
    expect(listBackups(dataDir)).toHaveLength(7)
    expect(listBackups(dataDir)[0]?.path).toBe(path)
  })

  it('come after those that an earlier version has named by the clock alone', () => {
    const { dataDir, file } = folder()
    mkdirSync(join(dataDir, 'backups'))
    const named = ['counter-2027-03-10T03-00-00Z.db', 'counter-2026-03-09T03-00-00Z.db'].map((name) =>
      join(dataDir, 'backups', name),
    )
    for (const path of named) writeFileSync(path, '')
    const { path } = makeBackup(file, dataDir, NOW)
    expect(listBackups(dataDir).map((one) => one.path)).toEqual([path, ...named])
  })
})

/** The schedule at work in this folder, under a clock of the test's. */
function schedule({ dataDir, file }: { dataDir: string; file: string }) {
  vi.useFakeTimers({ now: NOW })
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const backups = startBackups({ file, dataDir, now: Date.now, lastWork: () => 0, onError })
  onTestFinished(() => {
    backups.stop()
    vi.useRealTimers()
  })
  return { errors }
}

describe('the schedule of backups', () => {
  it('goes on from one that was made under a clock that was a year ahead', () => {
    const counter = folder()
    const ahead = makeBackup(counter.file, counter.dataDir, NOW + 365 * DAY_MS)
    schedule(counter)
    vi.advanceTimersByTime(11 * MINUTE_MS)
    const [newest, before] = listBackups(counter.dataDir)
    expect(newest?.at).toBeLessThan(NOW + DAY_MS)
    expect(before).toEqual(ahead)
    vi.advanceTimersByTime(DAY_MS / 2)
    expect(listBackups(counter.dataDir)).toHaveLength(2)
    vi.advanceTimersByTime(DAY_MS)
    expect(listBackups(counter.dataDir)).toHaveLength(3)
  })

  it('tells of a folder that it cannot read, and tries again', () => {
    const counter = folder()
    const inTheWay = join(counter.dataDir, 'backups')
    writeFileSync(inTheWay, '')
    const { errors } = schedule(counter)
    vi.advanceTimersByTime(11 * MINUTE_MS)
    expect(errors).toHaveLength(1)
    rmSync(inTheWay)
    vi.advanceTimersByTime(11 * MINUTE_MS)
    expect(errors).toHaveLength(1)
    expect(listBackups(counter.dataDir)).toHaveLength(1)
  })
})
