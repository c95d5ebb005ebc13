/** Why a counter could not start, in plain words: what happened, what was kept, what to do. */
import { storageFault } from '#storage/fault.ts'
import { NewerDatabaseError, WrongDatabaseError } from '#storage/migrate.ts'
import { AlreadyRunningError } from '#storage/instance-lock.ts'
import { DamagedFileError } from '#main/restore/check-file.ts'
import { KeyMissingError } from '#main/keys/keys.ts'
import { RestoreCutShortError } from '#main/restore/put-in-place.ts'

const UNWRITABLE = ['EACCES', 'EPERM', 'EROFS', 'SQLITE_CANTOPEN']

export function startFaultOf(error: unknown): string {
  const fault = storageFault(error)
  if (error instanceof AlreadyRunningError) {
    return 'This counter is running already, in another window or process. Nothing was touched. Use that one, or end it first.'
  }
  if (error instanceof NewerDatabaseError) {
    return 'This counter was last used with a newer version of the program. Its data is untouched. Update the program.'
  }
  if (error instanceof KeyMissingError) {
    return 'The key of this counter is gone (terminal.key, beside its data). Nothing was touched. Put it back from a copy; without one, join a new counter in an empty folder, and keep this one for what it has not sent.'
  }
  if (error instanceof WrongDatabaseError)
    return 'This folder holds a server, not a counter. Nothing was touched. Choose another folder.'
  if (error instanceof RestoreCutShortError) {
    return 'Putting a backup in the place of this counter’s file was cut short, and there is no file to start with. Nothing was touched. Do it again: npm run restore -- --data <this counter’s folder>.'
  }
  if (error instanceof DamagedFileError || fault === 'corrupt') {
    return 'The file of this counter is damaged. Nothing was changed in it. Put the latest backup in its place: npm run restore -- --data <this counter’s folder>. The damaged file is kept.'
  }
  if (fault === 'diskFull') {
    return 'The disk is full. What was recorded is kept. Make room, and start again.'
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (fault === 'readOnly' || UNWRITABLE.includes(code)) {
    return 'This folder, or a file in it, cannot be written to. Nothing was changed. Put its permissions right, or choose another folder.'
  }
  if (code === 'EADDRINUSE') {
    return 'The port is taken by another program. Nothing was touched. End that program, or choose another port.'
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
