/** A pull's lots beside what is here: read by SQLite from their text, and held by their table to be what they say. */
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MemberState } from '#core/contract/sync-rows.ts'
import { Amount } from '#core/ids.ts'
import { migrate } from '#storage/migrate.ts'
import { openSqlite } from '#storage/open.ts'
import type { CounterTables } from '#storage/schema.ts'
import { memberId, today, uuid } from '#test/support/programme.ts'
import { tempDir } from '#test/support/temp.ts'
import { applyAcquired, applyPage } from './apply-rows.ts'

const TERMS = { source: 'issued', paid: 0 }
const HELD = [{ terminal: 'AAAAAA', epoch: 'EEEEEE', amount: 3 }]

/** Values of a row, by their order on a page. */
const lot = (n: number, free: unknown, held: unknown, ...seq: unknown[]): unknown[] => {
  return [`${uuid(n)}.0`, memberId(n), 'points', 30, 1, null, null, TERMS, free, held, ...seq]
}

async function newCounter() {
  const { db, close, dialect } = openSqlite<CounterTables>(join(tempDir(), 'counter.db'))
  onTestFinished(close)
  await migrate(db, 'counter', dialect)
  const pull = (stated: number, rows: unknown) =>
    db.transaction().execute((trx) => {
      return applyPage(trx, { rows: [], packed: [{ kind: 'lot', rows: stated, json: JSON.stringify(rows) }] })
    })
  return {
    db,
    lots: () => db.selectFrom('lot').select(['id', 'terms', 'free', 'held', 'seq']).orderBy('id').execute(),
    pull: (...rows: unknown[][]) => pull(rows.length, rows),
    pullStating: pull,
  }
}

describe('lots of a pull', () => {
  it('are taken in, and moved on by a later commit alone', async () => {
    const { lots, pull } = await newCounter()
    await pull(lot(1, 30, [], 4), lot(2, 7, HELD, 5))
    const known = { terms: JSON.stringify(TERMS) }
    const second = { ...known, id: `${uuid(2)}.0`, free: 7, held: JSON.stringify(HELD), seq: 5 }
    expect(await lots()).toEqual([{ ...known, id: `${uuid(1)}.0`, free: 30, held: '[]', seq: 4 }, second])
    await pull(lot(1, 0, HELD, 6), lot(2, 9, [], 3))
    expect(await lots()).toEqual([
      { ...known, id: `${uuid(1)}.0`, free: 0, held: JSON.stringify(HELD), seq: 6 },
      second,
    ])
  })

  it.each([
    ['fewer rows', '1 sound rows of 2', [lot(1, 30, [], 4)]],
    ['more rows', '3 sound rows of 2', [lot(1, 30, [], 4), lot(2, 7, [], 4), lot(3, 7, [], 4)]],
    ['no rows', '0 sound rows of 2', {}],
  ])('are refused when their page has %s than it says', async (_what, error, rows) => {
    const { lots, pullStating } = await newCounter()
    await expect(pullStating(2, rows)).rejects.toThrow(error)
    expect(await lots()).toEqual([])
  })

  it.each([
    ['has no commit', lot(2, 7, [])],
    ['is cut shorter still', lot(2, 7, []).slice(0, 8)],
    ['has a half for an amount', lot(2, 7.5, [], 5)],
    ['has less than nothing', lot(2, -1, [], 5)],
    ['has an integer that JavaScript cannot count to', lot(2, Number.MAX_SAFE_INTEGER + 1, [], 5)],
  ])('are refused with their whole page when one %s', async (_how, row) => {
    const { lots, pull } = await newCounter()
    await expect(pull(lot(1, 30, [], 4), row)).rejects.toThrow(/constraint|store REAL/)
    expect(await lots()).toEqual([])
  })
})

describe('members of an acquire', () => {
  const memberRow = (n: number, seq: number, over: Partial<MemberState>) => {
    const plain = {
      id: memberId(n),
      card: `000000000${n}`,
      name: '王小明',
      phone: '',
      birthday: null,
      email: '',
      address: '',
    }
    const state = { tier: 'basic', joinedOn: today, note: '', blocked: false, onLine: false, spent: 0, recent: [] }
    return { kind: 'member' as const, seq, state: MemberState.parse({ ...plain, ...state, ...over }) }
  }

  it('have spent what the last pull says until the next one says it anew', async () => {
    const { db } = await newCounter()
    const members = () => db.selectFrom('member').select(['tier', 'spent', 'seq']).orderBy('id').execute()
    const known = memberRow(1, 4, { spent: Amount.parse(2_000) })
    const after = memberRow(1, 9, { spent: Amount.parse(5_000), tier: 'silver' })
    const unknown = memberRow(2, 9, { spent: Amount.parse(7_000) })
    await applyPage(db, { rows: [known], packed: [] })
    await applyAcquired(db, [after, unknown], 0)
    expect(await members()).toEqual([
      { tier: 'silver', spent: 2_000, seq: 4 },
      { tier: 'basic', spent: 0, seq: 9 },
    ])
    await applyPage(db, { rows: [after, unknown], packed: [] })
    expect(await members()).toEqual([
      { tier: 'silver', spent: 5_000, seq: 9 },
      { tier: 'basic', spent: 7_000, seq: 9 },
    ])
  })
})
