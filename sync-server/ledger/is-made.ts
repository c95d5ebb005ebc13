/** Whether a database has been made there before: opening one makes it. */
import { existsSync } from 'node:fs'
import { sql } from 'kysely'
import { isPostgresUrl, openDatabase } from '#storage/open.ts'

export async function isMade(urlOrFile: string): Promise<boolean> {
  if (!isPostgresUrl(urlOrFile)) return existsSync(urlOrFile)
  const { db, close } = openDatabase(urlOrFile)
  try {
    const { rows } = await sql<{ made: boolean }>`select to_regclass('schema_version') is not null as made`.execute(db)
    return rows[0]?.made === true
  } finally {
    await close()
  }
}

/** Where it is, as may be said aloud: a URL without who asks, and with what password. */
export function placeOf(urlOrFile: string): string {
  if (!isPostgresUrl(urlOrFile)) return urlOrFile
  const { host, pathname } = new URL(urlOrFile)
  return `${host}${pathname}`
}
