/** What a counter makes of the server's word on a lot: of what it has handed back since, and of what its store has lent. */
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import type { SyncRow } from '#core/contract/sync-rows.ts'
import { Amount, BusinessDate } from '#core/ids.ts'
import { freeOf, heldBy } from '#core/ledger/account.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { applyAcquired, applyPage, caughtUp } from '#main/sync/apply-rows.ts'
import { migrate } from '#storage/migrate.ts'
import { openSqlite } from '#storage/open.ts'
import type { CounterTables } from '#storage/schema.ts'
import { holder, lotId, lotOf, memberId, otherHolder, today, uuid } from '#test/support/programme.ts'
import { tempDir } from '#test/support/temp.ts'
import { lessLent, lotsOfMember, type LotHere } from './holdings.ts'

const ALL = 100
const LOT = lotOf(1, POINTS, { quantity: ALL })
const HELD = heldBy(LOT.id, holder)

/** What the server says of the lot at one moment, and the last own seq it has heard by then. */
type Told = { row: SyncRow; ack: number }

/** One lot of a member's, between this counter, which holds all of it at first, and the server, which nobody else asks. */
function between(db: ReturnType<typeof openSqlite<CounterTables>>['db']) {
  const returned: number[] = []
  const server = { held: ALL, seq: 1, head: 0 }
  let own = ALL
  let ack = 0
  let page: Told | null = null
  let answer: (Told & { amount: number }) | null = null

  const told = (): Told => {
    const held = server.held === 0 ? [] : [{ ...holder, amount: Amount.parse(server.held) }]
    const state = { lot: LOT, free: Amount.parse(ALL - server.held), held }
    return { row: { kind: 'lot', seq: server.seq, state }, ack: server.head }
  }
  const keep = (amount: number) => {
    own = amount
    const row = { account: HELD, asset: POINTS, amount }
    return db
      .insertInto('balance')
      .values(row)
      .onConflict((one) => one.doUpdateSet({ amount }))
      .execute()
  }
  const push = () => {
    for (const amount of returned.slice(server.head)) {
      server.held -= amount
      server.seq += 1
    }
    server.head = returned.length
  }

  return {
    async begin() {
      for (const table of ['event', 'balance', 'lot', 'lot_ahead'] as const) await db.deleteFrom(table).execute()
      await applyPage(db, { rows: [told().row], packed: [] })
      await keep(ALL)
    },
    async handBack(part: number) {
      const amount = Math.ceil(own * part)
      if (amount === 0) return
      await keep(own - amount)
      const seq = returned.push(amount)
      const text = JSON.stringify({ transfers: [{ asset: POINTS, from: HELD, to: freeOf(LOT.id), amount }] })
      const place = { ...holder, seq, store: 's1', business_date: today, occurred_at: seq }
      const about = { kind: 'rights.returned', member: null, receipt: null }
      await db
        .insertInto('event')
        .values({ id: uuid(seq), ...place, ...about, text, hash: '' })
        .execute()
    },
    async push() {
      push()
    },
    async makePage() {
      page ??= told()
    },
    async takePage() {
      if (!page) return
      ack = page.ack
      await applyPage(db, { rows: [page.row], packed: [] })
      await caughtUp(db, ack)
      page = null
    },
    async acquire(part: number) {
      push()
      const amount = Math.floor((ALL - server.held) * part)
      if (answer || amount === 0) return
      server.held += amount
      server.seq += 1
      answer = { ...told(), amount }
    },
    async takeAnswer() {
      if (!answer) return
      await keep(own + answer.amount)
      await applyAcquired(db, [answer.row], answer.ack)
      answer = null
    },
    /** What is known to be somewhere; null while a part of it is on its way here. */
    async total() {
      if (answer) return null
      const [lot] = await lotsOfMember(db, holder, ack, [memberId(1)])
      return lot ? lot.own + lot.free : 0
    },
  }
}

const step = fc.oneof(
  fc.record({ what: fc.constantFrom('handBack' as const, 'acquire' as const), part: fc.constantFrom(0.3, 0.5, 1) }),
  fc.record({ what: fc.constantFrom('push', 'makePage', 'takePage', 'takeAnswer'), part: fc.constant(0) }),
)

it('what was handed back counts once, in whatever order pages and answers tell of it', async () => {
  const { db, close, dialect } = openSqlite<CounterTables>(join(tempDir(), 'counter.db'))
  onTestFinished(close)
  await migrate(db, 'counter', dialect)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), async (steps) => {
      const lot = between(db)
      await lot.begin()
      for (const { what, part } of steps) {
        await lot[what](part)
        expect((await lot.total()) ?? ALL).toBe(ALL)
      }
    }),
    { numRuns: 200 },
  )
})

it('what the store has lent is met by what is free, soonest to end first, and shown as nobody else’s', () => {
  const at = (n: number, expiresOn: string | null, free: number, away: number): LotHere => ({
    lot: lotOf(n, POINTS, { quantity: ALL, expiresOn: expiresOn === null ? null : BusinessDate.parse(expiresOn) }),
    own: 1,
    free,
    elsewhere: away === 0 ? [] : [{ terminal: otherHolder.terminal, amount: away }],
  })
  const lots = [at(1, null, 20, 5), at(2, '2026-01-31', 10, 5)]
  const left = (lent: number) =>
    lessLent(lots, () => lent).map(({ lot, own, free, elsewhere }) => [
      lot.id,
      own,
      free,
      ...elsewhere.map(({ amount }) => amount),
    ])
  expect(left(0)).toEqual([
    [lotId(2), 1, 10, 5],
    [lotId(1), 1, 20, 5],
  ])
  expect(left(12)).toEqual([
    [lotId(2), 1, 0, 5],
    [lotId(1), 1, 18, 5],
  ])
  expect(left(37)).toEqual([
    [lotId(2), 1, 0],
    [lotId(1), 1, 0, 3],
  ])
})
