/** Why the server could not start, in plain words: what happened, what was kept, what to do. */
import { storageFault } from '#storage/fault.ts'
import { NewerDatabaseError, WrongDatabaseError } from '#storage/migrate.ts'
import { AlreadyRunningError } from '#storage/instance-lock.ts'
import { LineSettingsError } from './line/settings.ts'

const BY_CODE: Record<string, string> = {
  EADDRINUSE: 'The port is taken by another program. Nothing was touched. End that program, or set PORT to another.',
  EACCES: 'This account may not use that port or folder. Nothing was touched. Choose another by PORT or DATA_DIR.',
  ECONNREFUSED: 'PostgreSQL does not answer at DATABASE_URL. Nothing was touched. Start it, or correct the address.',
  '28P01': 'PostgreSQL refused the password in DATABASE_URL. Nothing was touched.',
  '3D000': 'PostgreSQL has no database of the name in DATABASE_URL. Nothing was touched. Create it first.',
}

export function startFaultOf(error: unknown): string {
  const fault = storageFault(error)
  if (error instanceof AlreadyRunningError)
    return 'This server is running already, in another process. Nothing was touched. Use that one, or end it first.'
  if (error instanceof NewerDatabaseError)
    return 'This database was last used with a newer version of the program. Its data is untouched. Update the program.'
  if (error instanceof WrongDatabaseError)
    return 'This database belongs to a counter, not to a server. Nothing was touched. Choose another.'
  if (error instanceof LineSettingsError) return error.message
  if (fault === 'corrupt')
    return "The server's file is damaged. Nothing was changed in it. Keep a copy, and restore the latest backup."
  if (fault === 'diskFull') return 'The disk is full. What was recorded is kept. Make room, and start again.'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return BY_CODE[code] ?? (error instanceof Error ? (error.stack ?? error.message) : String(error))
}
