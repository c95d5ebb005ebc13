/** A server's database on either engine, migrated and empty: what is tested on one is tested on both. */
import { join } from 'node:path'
import { migrate, type DatabaseKind } from '#storage/migrate.ts'
import { openDatabase, type Opened } from '#storage/open.ts'
import type { ServerTables } from '#storage/schema.ts'
import { createTestDatabase, migratedTestDatabase } from './postgres.ts'
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

type Place = { location: string; remove: () => Promise<void> }

/** Where a database is, or can be made; one of a kind may have been migrated already, on PostgreSQL. */
export async function databasePlace(engine: Engine, kind: DatabaseKind | null = 'server'): Promise<Place> {
  if (engine === 'postgres') {
    const { url, drop } = await (kind === null ? createTestDatabase() : migratedTestDatabase(kind))
    return { location: url, remove: drop }
  }
  const dir = makeTempDir()
  return { location: join(dir, 'ledger.db'), remove: async () => removeDir(dir) }
}
