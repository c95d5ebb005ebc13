/** What the server is told by its environment. */
import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** DATABASE_URL (PostgreSQL), or a SQLite file in DATA_DIR (`data/server` by default). */
export function databaseFrom(env: Record<string, string | undefined>): string {
  if (env['DATABASE_URL']) return env['DATABASE_URL']
  return join(resolve(env['DATA_DIR'] || 'data/server'), 'server.sqlite')
}

/** The folder that a SQLite file is in, or will be. */
export function makeFolderOf(database: string): string {
  const folder = dirname(database)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** HOST and PORT; loopback and 8780 when they are not given. Throws on a port that is none. */
export function addressFrom(env: Record<string, string | undefined>): { host: string; port: number } {
  const port = Number(env['PORT'] || 8780)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`PORT is "${env['PORT']}", which is no port.`)
  return { host: env['HOST'] || '127.0.0.1', port }
}
