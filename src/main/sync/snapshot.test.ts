/** A snapshot over a real port, as a network may bring it: in small pieces, cut through characters, or cut off. */
import { copyFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { constants, zstdCompressSync } from 'node:zlib'
import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Amount, EpochId, LotId, StoreId, TerminalId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { openLedger } from '#main/counter/ledger.ts'
import { meta } from '#main/counter/meta.ts'
import { phoneTail } from '#core/phone.ts'
import { findMembers } from '#storage/member.repository.ts'
import { migrate } from '#storage/migrate.ts'
import { openSqlite } from '#storage/open.ts'
import type { CounterTables, LedgerName } from '#storage/schema.ts'
import { memberId, uuid } from '#test/support/programme.ts'
import { tempDir } from '#test/support/temp.ts'
import { listenOnLoopback } from '#test/support/loopback.ts'
import { applyAcquired } from './apply-rows.ts'
import { openSnapshot } from './open-snapshot.ts'
import { takeFirstSnapshot, takeSnapshot } from './snapshot.ts'

const holder = { terminal: TerminalId.parse('AAAAAA'), epoch: EpochId.parse('EEEEEE') }
const cursor = { seq: 9, tag: 'nine' }

const phoneOf = (n: number) => `0912000${String(n).padStart(3, '0')}`

const member = (n: number, name: string, note = '不加糖 🍵'): unknown[] => [
  memberId(n),
  String(n).padStart(10, '0'),
  name,
  phoneOf(n),
  phoneTail(phoneOf(n)),
  null,
  '',
  '',
  'basic',
  '2025-11-22',
  note,
  null,
  false,
  false,
  0,
  [],
]

const TERMS = { source: 'issued', paid: 0 }
const lot = (n: number, free: unknown): unknown[] => [
  `${uuid(n)}.0`,
  memberId(n),
  'points',
  30,
  1,
  null,
  null,
  TERMS,
  free,
  [],
]

const MEMBERS = [member(1, '王小明'), member(2, '歐陽娜娜'), member(3, '𠮷田太郎')]
const LOTS = [lot(1, 30), lot(2, 7)]

const HEAD = { cursor, ack: { epoch: holder.epoch, seq: 0, hash: null }, serverTime: 1, seq: 9, rows: [] }

const page = (kind: string, rows: readonly unknown[]): unknown[] => [{ kind, rows: rows.length }, rows]
const end = (rows: number) => ({ kind: 'end', rows })

const linesOf = (lines: readonly unknown[]) => Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
const snapshotOf = (...lines: unknown[]) => snapshotFrom(linesOf([HEAD, ...lines]))

const WHOLE = [...page('member', MEMBERS), ...page('lot', LOTS), end(5)]

/** A server that says these bytes, a few at a time. */
async function snapshotFrom(bytes: Buffer, headers: Record<string, string> = {}) {
  const server = createServer((_request, response) => {
    response.writeHead(200, headers)
    for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7))
    response.end()
  })
  const port = await listenOnLoopback(server)
  onTestFinished(() => void server.close())
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

const NOTHING = { members: [], free: [], point: null }

describe('a first snapshot', () => {
  it('is taken whole, and is found by', async () => {
    const { db, write, known, schema } = await newCounter()
    const before = await schema()
    const point = await takeFirstSnapshot(db, write, await snapshotOf(...WHOLE))
    expect(point).toEqual({ cursor, ack: 0, whole: true, anew: false, owed: false })
    expect(await known()).toEqual({ members: ['王小明', '歐陽娜娜', '𠮷田太郎'], free: [30, 7], point })
    const [found, ...others] = await findMembers(db.$pickTables<LedgerName>(), '娜娜')
    expect(found).toMatchObject({ note: '不加糖 🍵', phone_tail: '2000002190', blocked: 0, recent: '[]', seq: 9 })
    expect(others).toEqual([])
    expect((await findMembers(db.$pickTables<LedgerName>(), '003')).map(({ name }) => name)).toEqual(['𠮷田太郎'])
    expect(await db.selectFrom('lot').selectAll().where('free', '=', 7).executeTakeFirst()).toEqual({
      id: `${uuid(2)}.0`,
      member: memberId(2),
      asset: 'points',
      quantity: 30,
      issued_at: 1,
      expires_on: null,
      terms: JSON.stringify(TERMS),
      code: null,
      free: 7,
      held: '[]',
      seq: 9,
    })
    expect(await schema()).toEqual(before)
  })

  it.each([
    ['before its end', WHOLE.slice(0, -1)],
    ['in a page', WHOLE.slice(0, -2)],
    ['before its first page', []],
  ])('that is cut off %s leaves nothing behind', async (_where, lines) => {
    const { db, write, known, schema } = await newCounter()
    const before = await schema()
    await expect(takeFirstSnapshot(db, write, await snapshotOf(...lines))).rejects.toThrow('cut off')
    expect(await known()).toEqual(NOTHING)
    expect(await schema()).toEqual(before)
  })

  it.each([
    ['a page is missing', 'lacks pages: 3 of 5 rows', [...page('member', MEMBERS), end(5)]],
    ['a page has fewer rows than it says', '2 sound rows of 3', [{ kind: 'lot', rows: 3 }, LOTS, end(3)]],
    ['a page is of no kind', 'Invalid', [...page('lots', LOTS), end(2)]],
    ['a page is no JSON that ends', 'malformed JSON', [{ kind: 'lot', rows: 1 }, 'lot', end(1)]],
    ['it goes on after its end', 'after its end', [...WHOLE, ...page('lot', [lot(3, 1)])]],
  ])('is refused when %s', async (_what, error, lines) => {
    const { db, write, known } = await newCounter()
    await expect(takeFirstSnapshot(db, write, await snapshotOf(...lines))).rejects.toThrow(error)
    expect(await known()).toEqual(NOTHING)
  })

  it.each([
    ['with text for an amount', '0 sound rows of 1', lot(3, 'many')],
    ['with a half', 'cannot store REAL', lot(3, 1.5)],
    ['with more than can be counted', '0 sound rows of 1', lot(3, 2 ** 53)],
    ['with more than 64 bits', 'sound rows', lot(3, 2 ** 64)],
    ['with less than nothing', 'CHECK', lot(3, -1)],
    ['that lacks a value', '0 sound rows of 1', lot(3, 1).slice(0, -1)],
    ['with a value too many', '0 sound rows of 1', [...lot(3, 1), 1]],
    ['with nothing where something must be', '0 sound rows of 1', lot(3, null)],
    ['that is there already', 'UNIQUE', lot(2, 7)],
    ['that is an object', 'sound rows', { free: 7 }],
    ['that is no array', 'malformed JSON', 'lot'],
  ])('is refused when it has a row %s', async (_what, error, row) => {
    const { db, write, known } = await newCounter()
    const lines = [...WHOLE.slice(0, -1), ...page('lot', [row]), end(6)]
    await expect(takeFirstSnapshot(db, write, await snapshotOf(...lines))).rejects.toThrow(error)
    expect(await known()).toEqual(NOTHING)
  })

  it('that was packed is taken whole or, when a byte of it is lost or changed, not at all', async () => {
    const { db, write, known } = await newCounter()
    const packed = zstdCompressSync(linesOf([HEAD, ...WHOLE]), { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
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
      expect(await known()).toEqual(NOTHING)
    }
    await takeFirstSnapshot(db, write, await snapshotFrom(packed, type))
    expect((await known()).free).toEqual([30, 7])
  })

  it('begins anew after the power was cut in the midst of it', async () => {
    const { db, write, file } = await newCounter()
    const cut = join(tempDir(), 'counter.db')
    const { head, pages } = await snapshotOf(...WHOLE)
    // More than is kept in memory, so that some of it is in the file.
    const large = Array.from({ length: 1_000 }, (_, n) => member(10 + n, '王', 'x'.repeat(20_000)))
    async function* thenThePowerGoes() {
      yield* pages
      yield { kind: 'member' as const, rows: large.length, json: Buffer.from(JSON.stringify(large)) }
      for (const suffix of ['', '-journal']) copyFileSync(file + suffix, cut + suffix)
      throw new Error('no power')
    }
    await expect(
      takeFirstSnapshot(db, write, { head, letGo: async () => undefined, pages: thenThePowerGoes() }),
    ).rejects.toThrow('no power')
    expect(statSync(cut).size).toBeGreaterThan(4_000_000)
    const again = await counterAt(cut)
    expect(await again.known()).toEqual(NOTHING)
    await takeFirstSnapshot(again.db, again.write, await snapshotOf(...WHOLE))
    expect((await again.known()).free).toEqual([30, 7])
    expect((await sql`pragma integrity_check`.execute(again.db)).rows).toEqual([{ integrity_check: 'ok' }])
    expect((await sql`pragma journal_mode`.execute(again.db)).rows).toEqual([{ journal_mode: 'wal' }])
  })
})

describe('a snapshot anew', () => {
  const anew = [...page('member', [member(1, '王大明')]), ...page('lot', [lot(2, 5)])]

  it('takes the place of what was known, and forgets lots it does not name', async () => {
    const { db, write, known } = await newCounter()
    const before = await takeFirstSnapshot(db, write, await snapshotOf(...WHOLE))
    const point = await takeSnapshot(write, await snapshotOf(...anew, end(2)), { ...before, whole: false })
    expect(await known()).toEqual({ members: ['王大明', '歐陽娜娜', '𠮷田太郎'], free: [5], point })
    expect((await findMembers(db.$pickTables<LedgerName>(), '小明')).map(({ name }) => name)).toEqual([])
  })

  it('is what counts, though what was known is newer by its numbers', async () => {
    const { db, write, known } = await newCounter()
    const before = await takeFirstSnapshot(db, write, await snapshotOf(...WHOLE))
    const earlier = { ...HEAD, cursor: { seq: 4, tag: 'four' }, seq: 4 }
    await takeSnapshot(write, await snapshotFrom(linesOf([earlier, ...anew, end(2)])), { ...before, whole: false })
    expect(await known()).toMatchObject({ members: ['王大明', '歐陽娜娜', '𠮷田太郎'], free: [5] })
    const told = await db.selectFrom('member').select('seq').orderBy('id').execute()
    expect(told.map(({ seq }) => seq)).toEqual([4, 0, 0])
  })

  it('that is torn after some of it leaves the rest as it was, and the next one empties what it does not name', async () => {
    const { db, write, known } = await newCounter()
    const before = { ...(await takeFirstSnapshot(db, write, await snapshotOf(...WHOLE))), whole: false }
    // As much as goes into the file at once.
    const many = Array.from({ length: 5_000 }, (_, n) => member(10 + n, '王'))
    const torn = await snapshotOf(...page('lot', [lot(2, 5)]), ...page('member', many), ...page('member', [many[0]]))
    await expect(takeSnapshot(write, torn, before)).rejects.toThrow('cut off')
    expect(await known()).toMatchObject({ free: [30, 5], point: before })
    const unsynced = db.selectFrom('member').select('id').where('seq', '=', 0)
    expect(await unsynced.execute()).toEqual([])
    await takeSnapshot(write, await snapshotOf(...page('lot', [lot(3, 2)]), end(1)), before)
    expect((await known()).free).toEqual([2])
  })

  it('keeps what an acquire has said meanwhile of which own events its row contains', async () => {
    const { db, write } = await newCounter()
    const before = { ...(await takeFirstSnapshot(db, write, await snapshotOf(...WHOLE))), whole: false }
    const snapshot = await snapshotOf(...anew, end(2))
    const terms = { source: 'issued' as const, paid: Amount.parse(0) }
    const of = { asset: POINTS, quantity: 30, issuedAt: 1, expiresOn: null, terms, code: null }
    const state = {
      lot: { id: LotId.parse(`${uuid(2)}.0`), member: memberId(2), ...of },
      free: Amount.parse(30),
      held: [],
    }
    async function* meanwhile() {
      yield* snapshot.pages
      await write(({ trx }) => applyAcquired(trx, [{ kind: 'lot', seq: 20, state }], 3))
    }
    await takeSnapshot(write, { ...snapshot, pages: meanwhile() }, before)
    // The snapshot contains no own event.
    expect(await db.selectFrom('lot_ahead').selectAll().execute()).toEqual([{ lot: `${uuid(2)}.0`, ack: 3 }])
  })

  it.each([
    ['is cut off', 'cut off', anew],
    ['lacks a page', 'lacks pages', [...anew, end(3)]],
    ['has fewer rows than it says', 'Too small', [{ kind: 'lot', rows: 2 }, [lot(2, 5)], end(2)]],
    ['has a row cut short', 'is no lot', [...page('lot', [lot(2, 5).slice(1)]), end(1)]],
    ['has a half for an amount', 'expected int', [...page('lot', [lot(2, 1.5)]), end(1)]],
  ])('that %s does not move the cursor, and what is known stays', async (_what, error, lines) => {
    const { db, write, known } = await newCounter()
    const before = { ...(await takeFirstSnapshot(db, write, await snapshotOf(...WHOLE))), whole: false }
    await expect(takeSnapshot(write, await snapshotOf(...lines), before)).rejects.toThrow(error)
    expect(await known()).toMatchObject({ free: [30, 7], point: before })
  })
})
