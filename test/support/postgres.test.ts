import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { createTestDatabase } from './postgres.ts'

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

describe('createTestDatabase', () => {
  it('gives each caller an empty UTF-8 database of real PostgreSQL 18', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()])
    await query(one.url, "CREATE TABLE t (name text); INSERT INTO t VALUES ('王小明')")
    expect(await query(one.url, 'SELECT name, char_length(name) AS length FROM t')).toEqual([
      { name: '王小明', length: 3 },
    ])
    expect(await query(other.url, "SELECT to_regclass('t') AS found")).toEqual([{ found: null }])
    expect(await query(other.url, 'SHOW server_version')).toEqual([{ server_version: expect.stringMatching(/^18\./) }])
    await Promise.all([one.drop(), other.drop()])
    await expect(query(one.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' })
  })
})
