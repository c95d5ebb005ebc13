/** Quarantine never cascades (docs/rules.md, sync): a hand-back with a lot that is not here gives back all the others. */
import { safe } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import { StampCardId, type MemberId } from '#core/ids.ts'
import { POINTS, stampAsset } from '#core/ledger/asset.ts'
import { EVENT_VERSION } from '#core/ledger/event-version.ts'
import { readAgain } from '#server/intake/read-again.ts'
import { loansOf } from '#test/support/epochs.ts'
import { quarantineOf, sound } from '#test/support/books.ts'
import { allOf, enrolMember, giveBack, grantPoints, refund, sell } from '#test/support/drafts.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { startServer, startServerOn, type TestServer } from '#test/support/sync-server.ts'
import { closeEpoch } from './close-epoch.ts'

const STAMPS = stampAsset(StampCardId.parse('coffee'))

const settledBy = async ({ database }: TestServer, cause: string) => {
  const rows = await database.db.selectFrom('event').select(['id', 'text']).where('kind', '=', 'lot.settled').execute()
  return rows.filter(({ text }) => text.includes(`"cause":"${cause}"`)).map(({ id }) => id)
}

describe.each(ENGINES)('on %s', (engine) => {
  async function shop() {
    const server = await startServer(engine, { rounds: 'byHand', recallWaitMs: 20 })
    const counter = await SyncCounter.join(server)
    const { member } = enrolMember(counter)
    const { member: unlucky } = enrolMember(counter)
    await counter.sync()
    const held = (of: MemberId) => counter.lotsOf(of, POINTS).flatMap((lot) => lot.held)
    return { server, counter, member, unlucky, held }
  }

  it('frees every lot that is here, settles it, answers its recalls, and leaves the one that is not', async () => {
    const { server, counter, member, unlucky, held } = await shop()
    const other = await SyncCounter.join(server, 'Counter 2')
    const before = grantPoints(counter, unlucky, 8)
    const asked = grantPoints(counter, member, 30)
    await counter.sync()
    await safe(other.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 50 }]))
    await counter.pull()
    const recalls = counter.recalls().map(({ id }) => id)
    expect(recalls).toHaveLength(1)

    const lost = sell(counter, { member: unlucky, total: 100, points: 1 })
    const torn = counter.unsent.at(-1)!
    torn.text = torn.text.slice(0, -20)
    const full = sell(counter, { member, total: 100, points: 2, stamps: 10 })
    const returned = giveBack(counter, [lost, before, asked, full].flatMap(allOf), recalls)
    await counter.sync()

    expect((await quarantineOf(server)).map(({ reason }) => reason)).toEqual(['badHash', 'unknownLot'])
    expect(held(member)).toEqual([])
    expect(held(unlucky)).toEqual([])
    expect(counter.freeOf(member, POINTS)).toBe(20 + 32)
    expect(counter.freeOf(unlucky, POINTS)).toBe(20 + 8)
    // The card is full with these stamps.
    expect(counter.freeOf(member, STAMPS)).toBe(0)
    expect(await settledBy(server, returned.id)).toHaveLength(2)
    const { db } = server.database
    expect(await db.selectFrom('recall').select('answered').execute()).toEqual([{ answered: 1 }])
    const told = counter.outcomes().find(({ event }) => event === returned.id)
    expect(told).toMatchObject({ status: 'quarantined', reason: 'unknownLot' })

    const next = sell(counter, { member, total: 100, points: 4 })
    giveBack(counter, allOf(next))
    await counter.sync()
    expect(counter.freeOf(member, POINTS)).toBe(20 + 36)
    await other.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 56 }])
    await sound(server)
  })

  it('frees all but what is not held so far', async () => {
    const { server, counter, member, unlucky, held } = await shop()
    const [one, two] = [grantPoints(counter, member, 5), grantPoints(counter, unlucky, 7)]
    await counter.sync()
    const tooMuch = allOf(two).map((part) => ({ ...part, amount: 8 }))
    giveBack(counter, [...tooMuch, ...allOf(one), ...allOf(one)])
    await counter.sync()
    expect((await quarantineOf(server)).map(({ reason }) => reason)).toEqual(['overdrawn'])
    expect(held(member)).toEqual([])
    expect(held(unlucky)).toMatchObject([{ amount: 7 }])
    await sound(server)
  })

  it('frees the rest once the birth is read, each lot once', async () => {
    const { server, counter, member, unlucky, held } = await shop()
    const older = await startServerOn(server.location, { rounds: 'byHand', eventVersion: EVENT_VERSION - 1 })
    const unread = grantPoints(counter, unlucky, 9)
    await counter.at(older.url).push(counter.bodyOf(counter.unsent))
    counter.unsent = []
    const known = grantPoints(counter, member, 5)
    const returned = giveBack(counter, [...allOf(unread), ...allOf(known)])
    await counter.sync()
    expect(held(member)).toEqual([])
    expect(counter.lotsOf(unlucky, POINTS).map(({ free }) => free)).toEqual([20])
    grantPoints(counter, member, 6)
    await counter.sync()

    await Promise.all([readAgain(server.database.db, server.ledger), readAgain(server.database.db, server.ledger)])
    await readAgain(server.database.db, server.ledger)
    await counter.pull()
    expect(counter.freeOf(unlucky, POINTS)).toBe(20 + 9)
    expect(counter.freeOf(member, POINTS)).toBe(20 + 5)
    expect(held(member)).toMatchObject([{ amount: 6 }])
    const by = await settledBy(server, returned.id)
    expect(by).toHaveLength(2)
    const [birth, rest] = await quarantineOf(server)
    expect(birth).toMatchObject({ reason: 'newerVersion', resolved_by: unread.id })
    expect(by).toContain(rest?.resolved_by)
    expect(counter.outcomes().map(({ status }) => status)).toEqual(['resolved', 'resolved'])
    await sound(server)
  })

  it('R9: what of it its counter is known to have had when its store lent pays that, and goes back with the sale', async () => {
    const { server, counter, member } = await shop()
    const older = await startServerOn(server.location, { rounds: 'byHand', eventVersion: EVENT_VERSION - 1 })
    const unread = grantPoints(counter, member, 9)
    await counter.at(older.url).push(counter.bodyOf(counter.unsent))
    counter.unsent = []
    const known = grantPoints(counter, member, 5)
    const sale = sell(counter, { member, total: 30, pointsTender: 30, lent: 30 })
    await counter.sync()
    expect(await loansOf(server, counter.holder)).toEqual([{ reason: 'floor', amount: 30, repaid: 20 }])

    giveBack(counter, [...allOf(unread), ...allOf(known)])
    await counter.sync()
    expect(await loansOf(server, counter.holder)).toEqual([{ reason: 'floor', amount: 30, repaid: 25 }])
    expect(counter.freeOf(member, POINTS)).toBe(0)
    await readAgain(server.database.db, server.ledger)
    await counter.pull()
    expect(await loansOf(server, counter.holder)).toEqual([{ reason: 'floor', amount: 30, repaid: 25 }])
    expect(counter.freeOf(member, POINTS)).toBe(9)

    refund(counter, sale)
    await counter.sync()
    expect(counter.freeOf(member, POINTS)).toBe(20 + 9 + 5)
    const risk = server.database.db.selectFrom('balance').select('amount').where('account', 'like', 'risk:%')
    expect(await risk.execute()).toEqual([{ amount: 0 }])
    await sound(server)
  })

  it('frees what an earlier program has put aside whole', async () => {
    const { server, counter, member, unlucky, held } = await shop()
    const known = grantPoints(counter, member, 5)
    await counter.sync()
    const lost = grantPoints(counter, unlucky, 9)
    giveBack(counter, [...allOf(lost), ...allOf(known)])
    const { text } = counter.unsent.at(-1)!
    for (const event of counter.unsent) event.text = event.text.slice(0, -20)
    await counter.sync()
    const left = server.database.db.updateTable('quarantine').set({ text, reason: 'unknownLot' })
    await left.where('seq', '=', counter.seq).execute()

    await readAgain(server.database.db, server.ledger)
    await readAgain(server.database.db, server.ledger)
    await counter.pull()
    expect(held(member)).toEqual([])
    expect(counter.freeOf(member, POINTS)).toBe(20 + 5)
    expect((await quarantineOf(server)).map(({ reason }) => reason)).toEqual(['badHash', 'unknownLot'])
    await sound(server)
  })

  it('R11: a late one of a closed epoch frees nothing twice', async () => {
    const { server, counter, member, unlucky } = await shop()
    const known = grantPoints(counter, member, 5)
    await counter.sync()
    await closeEpoch(server.ledger, counter.holder, 'lost')
    const lost = grantPoints(counter, unlucky, 9)
    const torn = counter.unsent.at(-1)!
    torn.text = torn.text.slice(0, -20)
    giveBack(counter, [...allOf(lost), ...allOf(known)])
    await counter.push()
    const other = await SyncCounter.join(server, 'Counter 2')
    await other.sync()
    expect(other.freeOf(member, POINTS)).toBe(20 + 5)
    expect(other.freeOf(unlucky, POINTS)).toBe(20)
    await sound(server)
  })

  it('R11: is resolved once all its lots are here, where its epoch was closed meanwhile', async () => {
    const { server, counter, member, unlucky } = await shop()
    const older = await startServerOn(server.location, { rounds: 'byHand', eventVersion: EVENT_VERSION - 1 })
    const unread = grantPoints(counter, unlucky, 9)
    await counter.at(older.url).push(counter.bodyOf(counter.unsent))
    counter.unsent = []
    const known = grantPoints(counter, member, 5)
    giveBack(counter, [...allOf(known), ...allOf(unread)])
    await counter.sync()
    await closeEpoch(server.ledger, counter.holder, 'lost')
    for (let n = 0; n < 2; n++) await readAgain(server.database.db, server.ledger)
    expect((await quarantineOf(server)).filter((row) => row.resolved_by === null)).toEqual([])
    const other = await SyncCounter.join(server, 'Counter 2')
    await other.sync()
    expect(other.freeOf(member, POINTS)).toBe(20 + 5)
    expect(other.freeOf(unlucky, POINTS)).toBe(20 + 9)
    await sound(server)
  })
})
