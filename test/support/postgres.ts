/** Databases on the run's real PostgreSQL. */
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { postgresUrl } from './shared.ts'

export type TestDatabase = {
  url: string
  /** Closes what is still connected and removes the database. */
  drop(): Promise<void>
}

/** Makes an empty database of its own. Fails, and so fails its test, where PostgreSQL cannot run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await postgresUrl()
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await run(server, `CREATE DATABASE ${name} STRATEGY wal_log`)
  return {
    url: Object.assign(new URL(server), { pathname: `/${name}` }).href,
    drop: () => drop(server, name),
  }
}

/**
 * PostgreSQL waits by itself for connections that are just being closed; force is for those that are not, for it would
 * break a closing one under its client's hands.
 */
async function drop(server: string, name: string): Promise<void> {
  try {
    await run(server, `DROP DATABASE ${name}`)
  } catch {
    await run(server, `DROP DATABASE ${name} WITH (FORCE)`)
  }
}

async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
