import { readFile } from 'node:fs/promises'
import { sql, type Kysely } from 'kysely'
import { describe, expect, it } from 'vitest'
import { emptyLocation, openAt } from '#test/support/ledger-database.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { describeSchema } from '#test/support/schema-dump.ts'
import { migrate, NewerDatabaseError, WrongDatabaseError, type DatabaseKind } from './migrate.ts'
import type { LedgerTables } from './schema.ts'

const KINDS: DatabaseKind[] = ['counter', 'server']
type Db = Kysely<LedgerTables>

const insertStore = (db: Db) =>
  db
    .insertInto('store')
    .values({ id: 's1', shop: '山茶咖啡', name: '信義店', zone: 'Asia/Taipei', cut_off_hour: 4 })
    .execute()

const versions = async (db: Db) =>
  (await sql<{ kind: string; version: number }>`select kind, version from schema_version`.execute(db)).rows

describe.each(ENGINES)('migrating on %s', (engine) => {
  it.each(KINDS)('makes the tables of a %s that were reviewed', async (kind) => {
    const { db, dialect } = openAt(await emptyLocation(engine))
    await migrate(db, kind, dialect)
    const schema = await describeSchema(db, dialect)
    await expect(schema).toMatchFileSnapshot(`migrations/${kind}.${engine}.snapshot`)
  })

  it('changes nothing the second time, and keeps what is there', async () => {
    const location = await emptyLocation(engine)
    const first = openAt(location)
    await migrate(first.db, 'counter', first.dialect)
    await insertStore(first.db)
    const before = await describeSchema(first.db, first.dialect)
    await first.close()

    const { db, dialect } = openAt(location)
    await migrate(db, 'counter', dialect)
    expect(await describeSchema(db, dialect)).toBe(before)
    expect(await db.selectFrom('store').select('name').execute()).toEqual([{ name: '信義店' }])
    expect(await versions(db)).toHaveLength(1)
  })

  it('takes lots, what was left of them and when they changed from the first version', async () => {
    const { db, dialect } = openAt(await emptyLocation(engine))
    await migrate(db, 'server', dialect, 1)
    const lot = `insert into lot (id, member, asset, quantity, issued_at, expires_on, terms, code)
      values ('ID', 'm', 'points', 9, 1, null, '{}', null)`
    await sql.raw(lot.replace('ID', 'left')).execute(db)
    await sql.raw(lot.replace('ID', 'spent')).execute(db)
    await sql`insert into lot_state (lot, member, asset, expires_on, free, held, seq)
      values ('left', 'm', 'points', null, 4, '[{"terminal":"T00001","epoch":"E00001","amount":5}]', 7)`.execute(db)
    await sql`insert into change (kind, id, seq, scope) values ('lot', 'spent', 8, ''), ('staff', 'mei', 2, '')`.execute(
      db,
    )
    await sql`insert into balance (account, asset, amount)
      values ('lot:left', 'points', 4), ('lot:left@T00001.E00001', 'points', 5), ('issued:points', 'points', -9)`.execute(
      db,
    )
    await migrate(db, 'server', dialect)
    expect(await db.selectFrom('lot').select(['id', 'free', 'held', 'seq']).orderBy('id').execute()).toEqual([
      { id: 'left', free: 4, held: '[{"terminal":"T00001","epoch":"E00001","amount":5}]', seq: 7 },
      { id: 'spent', free: 0, held: '[]', seq: 8 },
    ])
    expect(await db.selectFrom('balance').select('account').execute()).toEqual([{ account: 'issued:points' }])
    expect((await sql`select kind, id from change`.execute(db)).rows).toEqual([{ kind: 'staff', id: 'mei' }])
  })

  it('takes over events that had been stored and not been worked out', async () => {
    const { db, dialect } = openAt(await emptyLocation(engine))
    await migrate(db, 'server', dialect, 4)
    await sql`insert into inbox (terminal, epoch, seq, hash, text, personal)
      values ('T00001', 'E00001', 7, 'ab', '{"拿鐵":1}', '[]')`.execute(db)
    await migrate(db, 'server', dialect)
    const [row] = (await sql<{ events: string; texts: Buffer }>`select * from inbox`.execute(db)).rows
    expect(row).toMatchObject({ terminal: 'T00001', epoch: 'E00001', seq: 7, personal: '[]', packed: 0 })
    expect(JSON.parse(row!.events)).toEqual([{ seq: 7, hash: 'ab', size: 12 }])
    expect(row!.texts.toString()).toBe('{"拿鐵":1}')
  })

  it('refuses a database of a later program, and touches nothing', async () => {
    const { db, dialect } = openAt(await emptyLocation(engine))
    await migrate(db, 'counter', dialect)
    await insertStore(db)
    await sql`update schema_version set version = version + 1`.execute(db)
    const later = await versions(db)
    const fault = await migrate(db, 'counter', dialect).catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(NewerDatabaseError)
    expect(fault).toMatchObject({ code: 'newerDatabase', found: later[0]!.version, known: later[0]!.version - 1 })
    expect(await versions(db)).toEqual(later)
    expect(await db.selectFrom('store').select('id').execute()).toHaveLength(1)
  })

  it.each([
    ['server', 'counter'],
    ['counter', 'server'],
  ] as const)('refuses a %s’s database to a %s', async (there, wanted) => {
    const { db, dialect } = openAt(await emptyLocation(engine))
    await migrate(db, there, dialect)
    const before = await describeSchema(db, dialect)
    const fault = await migrate(db, wanted, dialect).catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(WrongDatabaseError)
    expect(await describeSchema(db, dialect)).toBe(before)
  })

  it('leaves nothing behind when it fails half-way', async () => {
    const { db, dialect } = openAt(await emptyLocation(engine))
    await sql`create table programme (id integer)`.execute(db)
    const before = await describeSchema(db, dialect)
    await expect(migrate(db, 'server', dialect)).rejects.toThrow('programme')
    expect(await describeSchema(db, dialect)).toBe(before)
  })
})

describe('the reviewed schema', () => {
  it.each(KINDS)('is one on both engines, table by table and column by column, for a %s', async (kind) => {
    const [lite, full] = await Promise.all(
      ENGINES.map(async (engine) => {
        const text = await readFile(new URL(`migrations/${kind}.${engine}.snapshot`, import.meta.url), 'utf8')
        return [...text.matchAll(/^(table|  column) (\w+)/gm)].map(([, what, name]) => `${what} ${name}`)
      }),
    )
    expect(lite).toEqual(full)
    expect(lite!.length).toBeGreaterThan(50)
  })
})
