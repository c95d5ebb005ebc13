/**
 * Copies of the counter's file in its own folder: made whole under a temporary name, checked, made durable, and only then
 * counted among the backups. The latest few are kept.
 *
 * Each has a number, and the highest is the newest: the time in its name is only what the clock said.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { checkFile } from './check-file.ts'

const KEPT = 7
/** Those of earlier versions have no number. */
const NAME = /^counter-(?:(\d{6,})-)?(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})Z\.db$/
const DRAFT = 'new.db'

const backupsIn = (dataDir: string): string => join(dataDir, 'backups')

export type Backup = { path: string; number: number; at: number }

/** The backups there are, newest first. */
export function listBackups(dataDir: string): Backup[] {
  const folder = backupsIn(dataDir)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .flatMap((name) => {
      const [, number = '0', day, hour, minute, second] = NAME.exec(name) ?? []
      if (!day) return []
      const at = Date.parse(`${day}T${hour}:${minute}:${second}Z`)
      return [{ path: join(folder, name), number: Number(number), at }]
    })
    .toSorted((a, b) => b.number - a.number || b.at - a.at)
}

/** Copies the file as it is at this moment. Throws, leaving the backups there are, when it cannot be done or is not sound. */
export function makeBackup(file: string, dataDir: string, now: number): Backup {
  const folder = backupsIn(dataDir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const draft = join(folder, DRAFT)
  rmSync(draft, { force: true })
  try {
    copyWhole(file, draft)
    checkFile(draft)
    makeDurable(draft)
    const number = (listBackups(dataDir)[0]?.number ?? 0) + 1
    const path = join(folder, `counter-${String(number).padStart(6, '0')}-${stamp(now)}.db`)
    renameSync(draft, path)
    makeDurable(folder)
    for (const old of listBackups(dataDir).slice(KEPT)) rmSync(old.path)
    return { path, number, at: now }
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** A moment as files are named by it. */
export const stamp = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replaceAll(':', '-')}Z`

/** With what its log holds, by a reader of its own, beside whoever has the file open. */
export function copyWhole(file: string, to: string): void {
  const source = new Database(file, { readonly: true, fileMustExist: true })
  try {
    source.prepare('vacuum into ?').run(to)
  } finally {
    source.close()
  }
}

export function makeDurable(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
