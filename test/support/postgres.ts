/** Databases on the run's real PostgreSQL. Each fails, and so fails its test, where PostgreSQL cannot run. */
import { randomUUID } from 'node:crypto'
import type { DatabaseKind } from '#storage/migrate.ts'
import { databaseAt, query } from './postgres-client.ts'
import { migratedTemplate, postgresUrl } from './shared.ts'

export type TestDatabase = {
  url: string
  /** Gives it back. */
  drop(): Promise<void>
}

/** Makes an empty database of its own. */
export const createTestDatabase = (): Promise<TestDatabase> => create('template1')

/**
 * A migrated database with no rows. Within a test file, one that has been given back is emptied and given to whoever
 * asks next; the server goes with the run, and they with it.
 */
export async function migratedTestDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  const url = givenBack[kind].pop() ?? (await create(await migratedTemplate(kind))).url
  return {
    url,
    drop: async () => {
      await empty(url)
      givenBack[kind].push(url)
    },
  }
}

const givenBack: Record<DatabaseKind, string[]> = { counter: [], server: [] }

async function create(template: string): Promise<TestDatabase> {
  const server = await postgresUrl()
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await query(server, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`)
  return { url: databaseAt(server, name), drop: () => drop(server, name) }
}

async function empty(url: string): Promise<void> {
  const tables = await query<{ name: string }>(
    url,
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version'",
  )
  await query(url, tables.map(({ name }) => `DELETE FROM ${name}`).join(';'))
}

/**
 * PostgreSQL waits by itself for connections that are just being closed; force is for those that are not, for it would
 * break a closing one under its client's hands.
 */
async function drop(server: string, name: string): Promise<void> {
  try {
    await query(server, `DROP DATABASE ${name}`)
  } catch {
    await query(server, `DROP DATABASE ${name} WITH (FORCE)`)
  }
}
