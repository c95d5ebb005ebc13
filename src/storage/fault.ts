/** SQLite's own errors, as what a shop can understand and act on. Null for any other error. */
import Database from 'better-sqlite3'
import type { StorageFault } from '#core/contract/terminal.ts'

const FAULTS: [prefix: string, fault: StorageFault][] = [
  ['SQLITE_FULL', 'diskFull'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_NOTADB', 'corrupt'],
  ['SQLITE_READONLY', 'readOnly'],
]

export function storageFault(error: unknown): StorageFault | null {
  if (!(error instanceof Database.SqliteError)) return null
  return FAULTS.find(([prefix]) => error.code.startsWith(prefix))?.[1] ?? 'failed'
}
