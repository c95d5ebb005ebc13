/** One counter or server, one process: a lock on the data folder that the system lets go of however the process ends. */
import { join } from 'node:path'
import Database from 'better-sqlite3'

/** Thrown when another process has this folder's data open. */
export class AlreadyRunningError extends Error {
  readonly code = 'alreadyRunning'
}

/** Takes the lock; the returned function lets it go. Throws AlreadyRunningError when another process has it. */
export function lockFolder(dataDir: string): () => void {
  const lock = new Database(join(dataDir, 'instance.lock'), { timeout: 0 })
  try {
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new AlreadyRunningError(`another process is running on ${dataDir}`)
    }
    throw error
  }
  return () => lock.close()
}
