/** A new counter's start, and what it then pulls, on both engines. */
import { sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { SyncRow } from '#core/contract/sync-rows.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { openSnapshot } from '#main/sync/open-snapshot.ts'
import { rowsUnder } from '#main/sync/page-rows.ts'
import { seedDemoShop } from '#server/demo/seed.ts'
import { expireLots } from '#server/jobs/expire-lots.ts'
import { sound } from '#test/support/books.ts'
import { allOf, enrolMember, giveBack, grantPoints, sell } from '#test/support/drafts.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { DAY_MS, startServer, testClock, TODAY, type TestServer } from '#test/support/sync-server.ts'
import { addDays } from '#core/business-date.ts'

async function snapshotOf(server: TestServer, counter: SyncCounter) {
  const { terminal, epoch } = counter.holder
  const credentials = { terminal, sign: (bytes: Uint8Array) => sign(null, bytes, counter.privateKey) }
  const { head, pages } = await openSnapshot(server.url, epoch, credentials, server.clock, new AbortController().signal)
  const all = [...head.rows]
  for await (const page of pages) all.push(...rowsUnder(head.seq, page))
  return { head, rows: all }
}

const kindsOf = (rows: readonly SyncRow[]) =>
  Object.fromEntries(Object.entries(Object.groupBy(rows, (row) => row.kind)).map(([kind, of]) => [kind, of.length]))

describe.each(ENGINES)('on %s', (engine) => {
  it('gives what a pull from the beginning gives, and only what is left of lots', async () => {
    const server = await startServer(engine)
    const counter = await SyncCounter.join(server)
    const { member } = enrolMember(counter, undefined, { name: '李"\\😀\u2028明' })
    const spent = grantPoints(counter, member, 30)
    sell(counter, { member, total: 60, pointsTender: 30, spend: allOf(spent) })
    const kept = grantPoints(counter, member, 7)
    const given = grantPoints(counter, member, 5)
    giveBack(counter, allOf(given))
    await counter.sync()

    const { head, rows } = await snapshotOf(server, counter)
    expect(head).toMatchObject({
      cursor: counter.cursor,
      ack: { epoch: counter.holder.epoch, seq: counter.seq },
    })
    const state = (row: SyncRow) => row.state
    const ofKind = (kind: string, from: readonly SyncRow[]) => from.filter((row) => row.kind === kind).map(state)
    const pulled = [...counter.known.values()]
    for (const kind of ['member', 'programme', 'store', 'terminal']) {
      expect(ofKind(kind, rows)).toEqual(expect.arrayContaining(ofKind(kind, pulled)))
    }
    const left = pulled.flatMap((row) =>
      row.kind === 'lot' && row.state.free + row.state.held.length > 0 ? [row.state] : [],
    )
    expect(ofKind('lot', rows).toSorted(byLot)).toEqual(left.toSorted(byLot))
    expect(left.map(({ lot }) => lot.id)).toContain(kept.lots[0]?.id)
    expect(left.map(({ lot }) => lot.id)).not.toContain(spent.lots[0]?.id)
  })

  it('holds the demo shop, provable to the last point', async () => {
    const clock = testClock()
    const server = await startServer(engine, {
      beforeListening: async ({ database, ledger }) => {
        expect(await seedDemoShop(database, ledger, clock)).toBe(true)
        expect(await seedDemoShop(database, ledger, clock)).toBe(false)
      },
    })
    const counter = await SyncCounter.join(server)
    const { rows } = await snapshotOf(server, counter)
    expect(kindsOf(rows)).toMatchObject({ programme: 1, store: 2, staff: 3, product: 24, member: 200, terminal: 1 })
    await counter.pull()
    expect(counter.members()).toHaveLength(200)
    expect(new Set(counter.members().map(({ tier }) => tier))).toEqual(new Set(['regular', 'silver', 'gold']))
    const codes = rows.flatMap((row) => (row.kind === 'product' ? [row.state.code] : []))
    expect(codes.every((code) => /^2\d{12}$/.test(code))).toBe(true)
    await sound(server)
  })

  it('lets lots run out after their last day, where they are free', async () => {
    const server = await startServer(engine)
    const counter = await SyncCounter.join(server)
    const { member } = enrolMember(counter)
    const kept = grantPoints(counter, member, 7, { expiresOn: addDays(TODAY, 1) })
    const given = grantPoints(counter, member, 5, { expiresOn: addDays(TODAY, 1) })
    giveBack(counter, allOf(given))
    await counter.sync()
    server.clock.advance(DAY_MS)
    expect(await expireLots(server.database, server.ledger, server.clock())).toBe(0)
    server.clock.advance(DAY_MS)
    expect(await expireLots(server.database, server.ledger, server.clock())).toBe(1)
    await counter.pull()
    expect(counter.freeOf(member, POINTS)).toBe(20)
    giveBack(counter, allOf(kept))
    await counter.sync()
    expect(counter.freeOf(member, POINTS)).toBe(20)
    await sound(server)
  })
})

const byLot = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
