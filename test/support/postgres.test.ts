import { describe, expect, it } from 'vitest'
import { query } from './postgres-client.ts'
import { createTestDatabase, migratedTestDatabase } from './postgres.ts'

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

describe('migratedTestDatabase', () => {
  const stores = (url: string) => query(url, 'SELECT id FROM store')

  it('gives one alone, and an emptied one to whoever asks next', async () => {
    const [one, other] = await Promise.all([migratedTestDatabase('server'), migratedTestDatabase('server')])
    expect(other.url).not.toBe(one.url)
    await query(one.url, "INSERT INTO store (id, shop, name, zone, cut_off_hour) VALUES ('s1', '', '', '', 0)")
    expect(await stores(other.url)).toEqual([])
    await one.drop()
    const next = await migratedTestDatabase('server')
    expect(next.url).toBe(one.url)
    expect(await stores(next.url)).toEqual([])
    expect(await query(next.url, 'SELECT kind FROM schema_version')).toEqual([{ kind: 'server' }])
  })
})
