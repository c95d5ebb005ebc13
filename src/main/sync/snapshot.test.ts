/** A snapshot over a real port, as a network may bring it: in small pieces, cut through characters, or cut off. */
import { once } from 'node:events'
import { copyFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { constants, zstdCompressSync } from 'node:zlib'
import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { SyncRow } from '#core/contract/sync.ts'
import { EpochId, StoreId, TerminalId } from '#core/ids.ts'
import { openLedger } from '#main/counter/ledger.ts'
import { meta } from '#main/counter/meta.ts'
import { findMembers } from '#storage/member.repository.ts'
import { migrate } from '#storage/migrate.ts'
import { openSqlite } from '#storage/open.ts'
import type { CounterTables, LedgerName } from '#storage/schema.ts'
import { memberId, uuid } from '#test/support/programme.ts'
import { tempDir } from '#test/support/temp.ts'
import { openSnapshot } from './open-snapshot.ts'
import { takeFirstSnapshot, takeSnapshot } from './snapshot.ts'

const holder = { terminal: TerminalId.parse('AAAAAA'), epoch: EpochId.parse('EEEEEE') }
const cursor = { seq: 9, tag: 'nine' }

const member = (n: number, name: string): SyncRow =>
  SyncRow.parse({
    kind: 'member',
    seq: 9,
    state: {
      id: memberId(n),
      card: String(n).padStart(10, '0'),
      name,
      phone: `0912000${String(n).padStart(3, '0')}`,
      birthday: null,
      email: '',
      address: '',
      tier: 'basic',
      joinedOn: '2025-11-22',
      note: '不加糖 🍵',
      blocked: false,
      onLine: false,
      spent: 0,
      recent: [],
    },
  })

const lot = (n: number, free: number): SyncRow =>
  SyncRow.parse({
    kind: 'lot',
    seq: 9,
    state: {
      lot: {
        id: `${uuid(n)}.0`,
        member: memberId(n),
        asset: 'points',
        quantity: free,
        issuedAt: 1,
        expiresOn: null,
        terms: { source: 'issued', paid: 0 },
        code: null,
      },
      free,
      held: [],
    },
  })

const ROWS = [member(1, '王小明'), member(2, '歐陽娜娜'), member(3, '𠮷田太郎'), lot(1, 30), lot(2, 7)]

function linesOf(rows: readonly unknown[], promised = rows.length): Buffer {
  const head = { cursor, ack: { epoch: holder.epoch, seq: 0, hash: null }, rows: promised, serverTime: 1 }
  return Buffer.from([head, ...rows].map((row) => `${JSON.stringify(row)}\n`).join(''))
}

/** A server that says these rows, and promises `promised` of them. */
const snapshotOf = (rows: readonly unknown[], promised?: number) => snapshotFrom(linesOf(rows, promised))

/** A server that says these bytes, a few at a time. */
async function snapshotFrom(bytes: Buffer, headers: Record<string, string> = {}) {
  const server = createServer((_request, response) => {
    response.writeHead(200, headers)
    for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7))
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = z.object({ port: z.int() }).parse(server.address())
  const credentials = { terminal: holder.terminal, sign: () => new Uint8Array(64) }
  return openSnapshot(`http://127.0.0.1:${port}`, holder.epoch, credentials, Date.now, new AbortController().signal)
}

async function newCounter() {
  const file = join(tempDir(), 'counter.db')
  return { file, ...(await counterAt(file)) }
}

async function counterAt(file: string) {
  const { db, close, dialect } = openSqlite<CounterTables>(file)
  onTestFinished(close)
  await migrate(db, 'counter', dialect)
  const identity = { ...holder, store: StoreId.parse('s1'), counter: 'Counter 1', serverUrl: '', before: null }
  const { write } = await openLedger(db, identity)
  const known = async () => ({
    members: (await db.selectFrom('member').select('name').orderBy('id').execute()).map(({ name }) => name),
    free: (await db.selectFrom('lot').select('free').where('free', '>', 0).orderBy('id').execute()).map(
      ({ free }) => free,
    ),
    point: await meta.syncPoint.read(db),
  })
  const schema = async () => (await sql`select name, sql from sqlite_master order by name`.execute(db)).rows
  return { db, write, known, schema }
}

describe('a first snapshot', () => {
  it('is taken whole, and is found by', async () => {
    const { db, write, known, schema } = await newCounter()
    const before = await schema()
    const point = await takeFirstSnapshot(db, write, await snapshotOf(ROWS))
    expect(point).toEqual({ cursor, ack: 0 })
    expect(await known()).toEqual({ members: ['王小明', '歐陽娜娜', '𠮷田太郎'], free: [30, 7], point })
    expect((await findMembers(db.$pickTables<LedgerName>(), '娜娜')).map(({ note }) => note)).toEqual(['不加糖 🍵'])
    expect((await findMembers(db.$pickTables<LedgerName>(), '003')).map(({ name }) => name)).toEqual(['𠮷田太郎'])
    expect(await schema()).toEqual(before)
  })

  it('that is cut off leaves nothing behind', async () => {
    const { db, write, known, schema } = await newCounter()
    const before = await schema()
    await expect(takeFirstSnapshot(db, write, await snapshotOf(ROWS, 6))).rejects.toThrow('5 of 6 rows')
    expect(await known()).toEqual({ members: [], free: [], point: null })
    expect(await schema()).toEqual(before)
  })

  it('is refused when a column is not what it should be', async () => {
    const { db, write, known } = await newCounter()
    const spoilt = { kind: 'lot', seq: 9, state: { ...lot(2, 7).state, free: 'many' } }
    await expect(takeFirstSnapshot(db, write, await snapshotOf([...ROWS, spoilt]))).rejects.toThrow('cannot store TEXT')
    expect((await known()).members).toEqual([])
  })

  it.each([
    ['of no kind', 'Invalid', { kind: 'lots', seq: 9, state: {} }],
    ['of no commit', 'Too small', { ...lot(3, 1), seq: 0 }],
    ['that is there already', 'UNIQUE', lot(2, 7)],
    ['that is no object', 'malformed JSON', 'lot'],
    ['with less than nothing', 'CHECK', { kind: 'lot', seq: 9, state: { ...lot(3, 1).state, free: -1 } }],
  ])('is refused when it has a row %s', async (_what, error, row) => {
    const { db, write, known } = await newCounter()
    await expect(takeFirstSnapshot(db, write, await snapshotOf([...ROWS, row]))).rejects.toThrow(error)
    expect(await known()).toEqual({ members: [], free: [], point: null })
  })

  it('is refused when two rows are on one line', async () => {
    const { db, write, known } = await newCounter()
    const text = linesOf(ROWS, 4).toString()
    const joined = Buffer.from(`${text.trimEnd().replace(/\n(?=[^\n]*$)/, ',')}\n`)
    await expect(takeFirstSnapshot(db, write, await snapshotFrom(joined))).rejects.toThrow('not one row')
    expect(await known()).toEqual({ members: [], free: [], point: null })
  })

  it('that was packed is taken whole or, when a byte of it is lost or changed, not at all', async () => {
    const { db, write, known } = await newCounter()
    const packed = zstdCompressSync(linesOf(ROWS), { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
    const type = { 'content-type': 'application/zstd' }
    const changed = Buffer.from(packed)
    changed.set([(packed.at(-1) ?? 0) ^ 1], packed.length - 1)
    const broken = [
      { bytes: packed.subarray(0, -9), error: 'unexpected end' },
      { bytes: changed, error: 'checksum' },
    ]
    for (const { bytes, error } of broken) {
      const taken = snapshotFrom(bytes, type).then((from) => takeFirstSnapshot(db, write, from))
      await expect(taken).rejects.toThrow(error)
      expect(await known()).toEqual({ members: [], free: [], point: null })
    }
    await takeFirstSnapshot(db, write, await snapshotFrom(packed, type))
    expect((await known()).free).toEqual([30, 7])
  })

  it('begins anew after the power was cut in the midst of it', async () => {
    const { db, write, file } = await newCounter()
    const cut = join(tempDir(), 'counter.db')
    const { head, pieces } = await snapshotOf(ROWS)
    // More than is kept in memory, so that some of it is in the file.
    const note = 'x'.repeat(20_000)
    const large = Array.from({ length: 1_000 }, (_, n) => ({ ...member(10 + n, '王'), n })).map(({ n, ...row }) => ({
      ...row,
      state: { ...row.state, card: `C${n}`, note },
    }))
    async function* thenThePowerGoes() {
      yield* pieces
      yield { rows: large.length, json: Buffer.from(JSON.stringify(large)) }
      for (const suffix of ['', '-journal']) copyFileSync(file + suffix, cut + suffix)
      throw new Error('no power')
    }
    await expect(
      takeFirstSnapshot(db, write, { head, letGo: async () => undefined, pieces: thenThePowerGoes() }),
    ).rejects.toThrow('no power')
    expect(statSync(cut).size).toBeGreaterThan(4_000_000)
    const again = await counterAt(cut)
    expect(await again.known()).toEqual({ members: [], free: [], point: null })
    await takeFirstSnapshot(again.db, again.write, await snapshotOf(ROWS))
    expect((await again.known()).free).toEqual([30, 7])
    expect((await sql`pragma integrity_check`.execute(again.db)).rows).toEqual([{ integrity_check: 'ok' }])
    expect((await sql`pragma journal_mode`.execute(again.db)).rows).toEqual([{ journal_mode: 'wal' }])
  })
})

describe('a snapshot anew', () => {
  it('takes the place of what was known, and forgets lots it does not name', async () => {
    const { db, write, known } = await newCounter()
    await takeFirstSnapshot(db, write, await snapshotOf(ROWS))
    const point = await takeSnapshot(write, await snapshotOf([member(1, '王大明'), lot(2, 5)]))
    expect(await known()).toEqual({ members: ['王大明', '歐陽娜娜', '𠮷田太郎'], free: [5], point })
  })

  it('that is cut off does not move the cursor', async () => {
    const { db, write, known } = await newCounter()
    const point = await takeFirstSnapshot(db, write, await snapshotOf(ROWS))
    await expect(takeSnapshot(write, await snapshotOf([member(1, '王大明')], 2))).rejects.toThrow('1 of 2 rows')
    expect((await known()).point).toEqual(point)
  })
})
