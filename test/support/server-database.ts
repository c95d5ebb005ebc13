/** A server's database on either engine, migrated and empty: what is tested on one is tested on both. */
import { join } from 'node:path'
import { migrate } from '#storage/migrate.ts'
import { openDatabase, type Opened } from '#storage/open.ts'
import type { ServerTables } from '#storage/schema.ts'
import { migratedTestDatabase } from './postgres.ts'
import { makeTempDir, removeDir } from './temp.ts'

export const ENGINES = ['sqlite', 'postgres'] as const
export type Engine = (typeof ENGINES)[number]

export type ServerDatabase = Opened<ServerTables> & {
  /** What `openDatabase` was given: another process opens the same database by it. */
  location: string
  /** Closes it and removes what it left. */
  drop(): Promise<void>
}

export async function openServerDatabase(engine: Engine): Promise<ServerDatabase> {
  const { location, remove } = await databasePlace(engine)
  const opened = openDatabase<ServerTables>(location)
  await migrate(opened.db, 'server', opened.dialect)
  const drop = async () => {
    await opened.close()
    await remove()
  }
  return { ...opened, location, drop }
}

/** Where a server's database is, or can be made. */
export async function databasePlace(engine: Engine): Promise<{ location: string; remove: () => Promise<void> }> {
  if (engine === 'postgres') {
    const made = await migratedTestDatabase('server')
    return { location: made.url, remove: made.drop }
  }
  const dir = makeTempDir()
  return { location: join(dir, 'server.db'), remove: async () => removeDir(dir) }
}
