/** A migrated and empty database that others are copied from: a copy costs a third of making its tables anew. */
import { migrate, type DatabaseKind } from '#storage/migrate.ts'
import { openDatabase } from '#storage/open.ts'
import { databaseAt, query } from './postgres-client.ts'

/** Its name. */
export async function makeTemplate(server: string, kind: DatabaseKind): Promise<{ value: string; stop(): void }> {
  const name = `migrated_${kind}`
  await query(server, `CREATE DATABASE ${name}`)
  const { db, dialect, close } = openDatabase(databaseAt(server, name))
  await migrate(db, kind, dialect)
  await close()
  return { value: name, stop: () => undefined }
}
