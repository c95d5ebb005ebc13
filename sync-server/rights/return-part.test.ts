/** Quarantine never cascades (docs/rules.md, sync): a hand-back with a lot that is not here gives back all the others. */
import { safe } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import { StampCardId, type MemberId } from '#core/ids.ts'
import { freeOf, heldBy } from '#core/ledger/account.ts'
import { POINTS, stampAsset } from '#core/ledger/asset.ts'
import { EVENT_VERSION } from '#core/ledger/event-version.ts'
import type { Part } from '#core/ledger/lot.ts'
import { faultsOf } from '#server/ledger/prove.ts'
import { readAgain } from '#server/sync/read-again.ts'
import { allOf, enrolMember, grantPoints, refund, sell } from '#test/support/drafts.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { startServer, startServerOn, type TestServer } from '#test/support/sync-server.ts'
import { closeEpoch } from './close-epoch.ts'

const STAMPS = stampAsset(StampCardId.parse('coffee'))

/** Hands back in one event, which answers recalls. */
const handBack = (counter: SyncCounter, parts: readonly Part[], recalls: string[] = []) =>
  counter.append({
    kind: 'rights.returned',
    body: { recalls },
    lots: [],
    transfers: parts.map(({ lot, amount }) => ({
      asset: lot.asset,
      from: heldBy(lot.id, counter.holder),
      to: freeOf(lot.id),
      amount,
    })),
  })

const quarantine = ({ database }: TestServer) =>
  database.db.selectFrom('quarantine').select(['seq', 'reason', 'resolved_by']).orderBy('seq').execute()

const loans = ({ database }: TestServer) =>
  database.db.selectFrom('loan').select(['reason', 'amount', 'repaid']).execute()

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
    const returned = handBack(counter, [lost, before, asked, full].flatMap(allOf), recalls).event
    await counter.sync()

    expect((await quarantine(server)).map(({ reason }) => reason)).toEqual(['badHash', 'unknownLot'])
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
    handBack(counter, allOf(next))
    await counter.sync()
    expect(counter.freeOf(member, POINTS)).toBe(20 + 36)
    await other.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 56 }])
    expect(await faultsOf(db)).toEqual([])
  })

  it('frees all but what is not held so far', async () => {
    const { server, counter, member, unlucky, held } = await shop()
    const [one, two] = [grantPoints(counter, member, 5), grantPoints(counter, unlucky, 7)]
    await counter.sync()
    const tooMuch = allOf(two).map((part) => ({ ...part, amount: 8 }))
    handBack(counter, [...tooMuch, ...allOf(one), ...allOf(one)])
    await counter.sync()
    expect((await quarantine(server)).map(({ reason }) => reason)).toEqual(['overdrawn'])
    expect(held(member)).toEqual([])
    expect(held(unlucky)).toMatchObject([{ amount: 7 }])
    expect(await faultsOf(server.database.db)).toEqual([])
  })

  it('frees the rest once the birth is read, each lot once', async () => {
    const { server, counter, member, unlucky, held } = await shop()
    const older = await startServerOn(server.location, { rounds: 'byHand', eventVersion: EVENT_VERSION - 1 })
    const unread = grantPoints(counter, unlucky, 9)
    await counter.at(older.url).push(counter.bodyOf(counter.unsent))
    counter.unsent = []
    const known = grantPoints(counter, member, 5)
    const returned = handBack(counter, [...allOf(unread), ...allOf(known)]).event
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
    const [birth, rest] = await quarantine(server)
    expect(birth).toMatchObject({ reason: 'newerVersion', resolved_by: unread.id })
    expect(by).toContain(rest?.resolved_by)
    expect(counter.outcomes().map(({ status }) => status)).toEqual(['resolved', 'resolved'])
    expect(await faultsOf(server.database.db)).toEqual([])
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
    expect(await loans(server)).toEqual([{ reason: 'floor', amount: 30, repaid: 20 }])

    handBack(counter, [...allOf(unread), ...allOf(known)])
    await counter.sync()
    expect(await loans(server)).toEqual([{ reason: 'floor', amount: 30, repaid: 25 }])
    expect(counter.freeOf(member, POINTS)).toBe(0)
    await readAgain(server.database.db, server.ledger)
    await counter.pull()
    expect(await loans(server)).toEqual([{ reason: 'floor', amount: 30, repaid: 25 }])
    expect(counter.freeOf(member, POINTS)).toBe(9)

    refund(counter, sale)
    await counter.sync()
    expect(counter.freeOf(member, POINTS)).toBe(20 + 9 + 5)
    const risk = server.database.db.selectFrom('balance').select('amount').where('account', 'like', 'risk:%')
    expect(await risk.execute()).toEqual([{ amount: 0 }])
    expect(await faultsOf(server.database.db)).toEqual([])
  })

  it('frees what an earlier program has put aside whole', async () => {
    const { server, counter, member, unlucky, held } = await shop()
    const known = grantPoints(counter, member, 5)
    await counter.sync()
    const lost = grantPoints(counter, unlucky, 9)
    const { text } = handBack(counter, [...allOf(lost), ...allOf(known)])
    for (const event of counter.unsent) event.text = event.text.slice(0, -20)
    await counter.sync()
    const left = server.database.db.updateTable('quarantine').set({ text, reason: 'unknownLot' })
    await left.where('seq', '=', counter.seq).execute()

    await readAgain(server.database.db, server.ledger)
    await readAgain(server.database.db, server.ledger)
    await counter.pull()
    expect(held(member)).toEqual([])
    expect(counter.freeOf(member, POINTS)).toBe(20 + 5)
    expect((await quarantine(server)).map(({ reason }) => reason)).toEqual(['badHash', 'unknownLot'])
    expect(await faultsOf(server.database.db)).toEqual([])
  })

  it('R11: a late one of a closed epoch frees nothing twice', async () => {
    const { server, counter, member, unlucky } = await shop()
    const known = grantPoints(counter, member, 5)
    await counter.sync()
    await closeEpoch(server.ledger, counter.holder, 'lost')
    const lost = grantPoints(counter, unlucky, 9)
    const torn = counter.unsent.at(-1)!
    torn.text = torn.text.slice(0, -20)
    handBack(counter, [...allOf(lost), ...allOf(known)])
    await counter.push()
    const other = await SyncCounter.join(server, 'Counter 2')
    await other.sync()
    expect(other.freeOf(member, POINTS)).toBe(20 + 5)
    expect(other.freeOf(unlucky, POINTS)).toBe(20)
    expect(await faultsOf(server.database.db)).toEqual([])
  })

  it('R11: is resolved once all its lots are here, where its epoch was closed meanwhile', async () => {
    const { server, counter, member, unlucky } = await shop()
    const older = await startServerOn(server.location, { rounds: 'byHand', eventVersion: EVENT_VERSION - 1 })
    const unread = grantPoints(counter, unlucky, 9)
    await counter.at(older.url).push(counter.bodyOf(counter.unsent))
    counter.unsent = []
    const known = grantPoints(counter, member, 5)
    handBack(counter, [...allOf(known), ...allOf(unread)])
    await counter.sync()
    await closeEpoch(server.ledger, counter.holder, 'lost')
    for (let n = 0; n < 2; n++) await readAgain(server.database.db, server.ledger)
    expect((await quarantine(server)).filter((row) => row.resolved_by === null)).toEqual([])
    const other = await SyncCounter.join(server, 'Counter 2')
    await other.sync()
    expect(other.freeOf(member, POINTS)).toBe(20 + 5)
    expect(other.freeOf(unlucky, POINTS)).toBe(20 + 9)
    expect(await faultsOf(server.database.db)).toEqual([])
  })
})
