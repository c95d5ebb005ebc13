/** What an older server has put aside, a newer one reads again: in its place, as if just arrived, once (docs/rules.md, sync). */
import { describe, expect, it } from 'vitest'
import { heldBy, redeemed } from '#core/ledger/account.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { EVENT_VERSION } from '#core/ledger/event-version.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { closeEpoch } from '#server/rights/close-epoch.ts'
import { quarantineOf, sound } from '#test/support/books.ts'
import { allOf, enrolMember, giveBack, grantPoints, refund, sell } from '#test/support/drafts.ts'
import { loansOf } from '#test/support/epochs.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { startServer, startServerOn, type TestServer } from '#test/support/sync-server.ts'
import { readAgain } from './read-again.ts'

const again = ({ database, ledger }: TestServer) => readAgain(database.db, ledger)

describe.each(ENGINES)('on %s', (engine) => {
  /** A server of today, and beside it one that knows no event of today's; a counter whose events go to either. */
  async function servers() {
    const server = await startServer(engine, { rounds: 'byHand' })
    const older = await startServerOn(server.location, { rounds: 'byHand', eventVersion: EVENT_VERSION - 1 })
    const counter = await SyncCounter.join(server)
    await counter.sync()
    const toOlder = async () => {
      const body = counter.bodyOf(counter.unsent, { personal: counter.personal })
      await counter.at(older.url).push(body)
      counter.unsent = []
      await counter.pull()
    }
    return { server, older, counter, toOlder }
  }

  it('takes in what it can read now, in its place; what it cannot read stays', async () => {
    const { server, older, counter, toOlder } = await servers()
    const { member } = enrolMember(counter)
    const sale = sell(counter, { member, total: 300, points: 3 })
    sell(counter, { total: 100 })
    const torn = counter.unsent.at(-1)!
    torn.text = torn.text.slice(0, -20)
    giveBack(counter, allOf(sale))
    const other = sell(counter, { member, total: 200 })
    refund(counter, other)
    await toOlder()
    expect((await quarantineOf(server)).map(({ reason }) => reason)).toEqual([
      'newerVersion',
      'newerVersion',
      'badHash',
      'newerVersion',
      'newerVersion',
      'newerVersion',
    ])
    await again(older)
    expect((await quarantineOf(server)).filter((row) => row.resolved_by !== null)).toEqual([])
    expect(counter.members()).toEqual([])

    await again(server)
    await counter.pull()
    expect((await quarantineOf(server)).filter((row) => row.resolved_by === null)).toEqual([
      { seq: 4, reason: 'badHash', resolved_by: null },
    ])
    expect(counter.members()).toMatchObject([{ id: member, spent: 300 }])
    expect(counter.freeOf(member, POINTS)).toBe(20 + 3)
    const told = counter.outcomes().map(({ event, status }) => `${event.split('.')[1]} ${status}`)
    expect(told.toSorted()).toEqual([
      '2 resolved',
      '3 resolved',
      '4 quarantined',
      '5 resolved',
      '6 resolved',
      '7 resolved',
    ])
    // The name of who was enrolled comes again from the counter.
    await counter.sync()
    expect(counter.members()).toMatchObject([{ name: '林怡婷' }])
    await sound(server)
  })

  it('takes each in once, however often and by however many it is tried', async () => {
    const { server, counter, toOlder } = await servers()
    const third = await startServerOn(server.location, { rounds: 'byHand' })
    const { member } = enrolMember(counter)
    for (let n = 0; n < 520; n += 1) sell(counter, { member, total: 10 })
    const all = counter.unsent
    counter.unsent = all.slice(0, 400)
    await toOlder()
    counter.unsent = all.slice(400)
    await toOlder()
    await Promise.all([again(server), again(third), again(server)])
    await again(third)
    counter.unsent = all.slice(0, 400)
    await counter.sync()
    expect(counter.members()).toMatchObject([{ spent: 5_200 }])
    expect((await quarantineOf(server)).filter((row) => row.resolved_by === null)).toEqual([])
    await sound(server)
  })

  it('then takes in what stood on it, but nothing that took too much', async () => {
    const { server, counter, toOlder } = await servers()
    const { member } = enrolMember(counter)
    const known = grantPoints(counter, member, 5)
    const spend = (event: LedgerEvent, amount: number) => {
      const [lot] = event.lots
      if (!lot) throw new Error('a lot is expected')
      const transfers = [{ asset: POINTS, from: heldBy(lot.id, counter.holder), to: redeemed(POINTS), amount }]
      const body = { member, asset: POINTS, direction: 'deduct' as const, amount, note: 'x' }
      counter.append({ kind: 'member.adjusted', body, lots: [], transfers })
    }
    await counter.sync()
    const unread = grantPoints(counter, member, 30)
    await toOlder()
    spend(unread, 10)
    spend(known, 6)
    spend(unread, 21)
    const [lot] = unread.lots
    if (!lot) throw new Error('a lot is expected')
    await counter.sync()
    const reasons = async () =>
      (await quarantineOf(server)).map(({ reason, resolved_by }) => resolved_by === null && reason)
    expect(await reasons()).toEqual(['newerVersion', 'unknownLot', 'overdrawn', 'unknownLot'])
    await again(server)
    expect(await reasons()).toEqual([false, false, 'overdrawn', 'overdrawn'])
    await counter.pull()
    expect(counter.lot(lot.id)).toMatchObject({ free: 0, held: [{ amount: 20 }] })
    await sound(server)
  })

  it('R11: takes what an epoch closed meanwhile had sent as late facts', async () => {
    const { server, counter, toOlder } = await servers()
    const { member } = enrolMember(counter)
    const given = grantPoints(counter, member, 10)
    await counter.sync()
    const [part] = allOf(given)
    if (!part) throw new Error('a part is expected')
    sell(counter, { member, total: 4, pointsTender: 4, spend: [{ ...part, amount: 4 }], points: 3 })
    await toOlder()
    await closeEpoch(server.ledger, counter.holder, 'lost')
    await again(server)
    await again(server)
    const other = await SyncCounter.join(server, 'Counter 2')
    await other.sync()
    expect(other.freeOf(member, POINTS)).toBe(20 + 10 - 4 + 3)
    expect(await loansOf(server, counter.holder)).toEqual([{ reason: 'closedEpoch', amount: 4, repaid: 4 }])
    await sound(server)
  })

  it('R11: closes the epoch that a first event names, once it can be read', async () => {
    const { server, older, counter } = await servers()
    const { member } = enrolMember(counter)
    grantPoints(counter, member, 10)
    await counter.sync()
    const reborn = counter.reborn()
    await reborn.at(older.url).push(reborn.bodyOf(reborn.unsent))
    reborn.unsent = []
    await reborn.pull()
    expect(reborn.freeOf(member, POINTS)).toBe(20)
    await again(server)
    await reborn.pull()
    expect(reborn.freeOf(member, POINTS)).toBe(30)
    expect((await quarantineOf(server)).filter((row) => row.resolved_by === null)).toEqual([])
    await sound(server)
  })
})
