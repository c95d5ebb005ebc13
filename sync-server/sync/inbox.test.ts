/** A long chain is stored first and worked out after: nothing of it is lost, doubled, or known too early. */
import { safe } from '@orpc/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { POINTS } from '#core/ledger/asset.ts'
import { EVENT_VERSION } from '#core/ledger/event-version.ts'
import { createMetrics } from '#server/http/metrics.ts'
import { closeEpoch } from '#server/rights/close-epoch.ts'
import { quarantineOf, sound } from '#test/support/books.ts'
import { enrolMember, giveBack, grantPoints, allOf, sell } from '#test/support/drafts.ts'
import { databasePlace, ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { startServer, startServerOn, type TestServer } from '#test/support/sync-server.ts'
import { createInbox } from './inbox.ts'
import { holdsAny } from './inbox-rows.ts'
import { piecesOf } from '#server/intake/pieces.ts'
import { takePush } from '#server/intake/take-push.ts'

/** A server that works nothing out by itself, and a counter with a member and three sales that it has not sent. */
async function backlog(server: TestServer) {
  const counter = await SyncCounter.join(server)
  await counter.sync()
  const { member } = enrolMember(counter)
  giveBack(counter, allOf(grantPoints(counter, member, 100)))
  for (let sale = 0; sale < 3; sale += 1) sell(counter, { member, total: 100 })
  const events = counter.unsent
  const push = (from: number, to: number, more = true) =>
    counter.client.push(counter.bodyOf(events.slice(from, to), { more, personal: from === 0 ? counter.personal : [] }))
  return { counter, member, events, push }
}

async function expectWorkedOut(server: TestServer, counter: SyncCounter, spent: number): Promise<void> {
  await counter.pull()
  expect(counter.ack).toBe(counter.seq)
  expect(counter.members()).toMatchObject([{ name: '林怡婷', spent }])
  expect(counter.freeOf(counter.members()[0]!.id, POINTS)).toBe(120)
  expect(await holdsAny(server.database.db, counter.holder)).toBe(false)
  await sound(server)
}

describe.each(ENGINES)('on %s', (engine) => {
  const still = () => startServer(engine, { rounds: 'byHand' })

  it('answers before anything is worked out, and then works it out in order', async () => {
    const server = await still()
    const { counter, push } = await backlog(server)
    expect(await push(0, 2)).toMatchObject({ stored: 3 })
    expect(await push(2, 4)).toMatchObject({ stored: 5 })
    // The last says that none follows; its turn is after those before it all the same.
    expect(await push(4, 6, false)).toMatchObject({ stored: 7 })
    await counter.pull()
    expect(counter.ack).toBe(1)
    expect(counter.members()).toEqual([])
    expect(await counter.push([])).toMatchObject({ stored: 7 })

    await server.inbox.workOff()
    await expectWorkedOut(server, counter, 300)
  })

  it('R2: what a counter has sent of its own counts when it asks, worked out or not', async () => {
    const server = await still()
    const { counter, member, push } = await backlog(server)
    await push(0, 6)
    const granted = await counter.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 120 }])
    expect(granted.parts.reduce((sum, { amount }) => sum + amount, 0)).toBe(120)
    expect(await holdsAny(server.database.db, counter.holder)).toBe(false)
  })

  it('refuses nothing for want of what it has no time to work out', async () => {
    const server = await startServer(engine, { rounds: 'byHand', recallWaitMs: 0 })
    const { counter, member, push } = await backlog(server)
    await push(0, 6)
    const ask = () => safe(counter.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 120 }]))
    expect((await ask()).error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', defined: false })
    await server.inbox.workOff()
    expect((await ask()).error).toBeNull()
  })

  it('takes at once what comes alone', async () => {
    const server = await still()
    const { counter, push } = await backlog(server)
    await push(0, 6, false)
    await expectWorkedOut(server, counter, 300)
  })

  it('knows again what is sent twice, whether it was worked out or not', async () => {
    const server = await still()
    const { counter, push } = await backlog(server)
    await push(0, 3)
    await push(0, 3)
    await push(0, 4)
    await push(2, 6)
    await server.inbox.workOff()
    await push(0, 6, false)
    await expectWorkedOut(server, counter, 300)
  })

  it('keeps what comes again from the chain’s beginning, all but what the ledger has', async () => {
    const server = await still()
    const { counter, push } = await backlog(server)
    await push(0, 2, false)
    expect(await counter.client.push(counter.bodyOf(counter.chain, { more: true }))).toMatchObject({ stored: 7 })
    expect(await holdsAny(server.database.db, counter.holder)).toBe(true)
    await counter.pull()
    expect(counter.ack).toBe(3)
    await server.inbox.workOff()
    expect(await counter.client.push(counter.bodyOf(counter.chain, { more: true }))).toMatchObject({ stored: 7 })
    await expectWorkedOut(server, counter, 300)
  })

  it('says which event it lacks', async () => {
    const server = await still()
    const { counter, push } = await backlog(server)
    await push(0, 2)
    expect((await safe(push(3, 5))).error).toMatchObject({ code: 'GAP', data: { expected: 4 } })
    await push(2, 6)
    await server.inbox.workOff()
    await expectWorkedOut(server, counter, 300)
  })

  it('goes on after it was stopped, and by two servers at once', async () => {
    const place = await databasePlace(engine)
    onTestFinished(place.remove)
    const first = await startServerOn(place.location, { rounds: 'byHand' })
    const { counter, push } = await backlog(first)
    for (let n = 0; n < 6; n += 1) await push(n, n + 1)
    const second = await startServerOn(place.location, { rounds: 'byHand' })
    await Promise.all([first.inbox.workOff(), second.inbox.workOff()])
    await expectWorkedOut(first, counter, 300)
  })

  it('keeps aside what is bad of it, and goes on', async () => {
    const server = await still()
    const { counter, events, push } = await backlog(server)
    events[3]!.text = events[3]!.text.slice(0, -20)
    events[4]!.text = '\u0000'
    await push(0, 6)
    await server.inbox.workOff()
    await expectWorkedOut(server, counter, 100)
    expect(await quarantineOf(server)).toMatchObject([
      { seq: 5, reason: 'badHash' },
      { seq: 6, reason: 'badHash' },
    ])
  })

  it('works out pieces of pushes, wherever they end', async () => {
    const server = await still()
    const { database, ledger, metrics } = server
    const { counter, push } = await backlog(server)
    await push(0, 1)
    await push(1, 6)
    const ends: (number | undefined)[] = []
    for await (const { events, personal } of piecesOf(database.db, counter.holder, () => 3, EVENT_VERSION)) {
      ends.push(events.at(-1)?.seq)
      await takePush({ database, ledger, metrics }, { holder: counter.holder, store: 's1', events, personal }, 0)
      await sound(server)
    }
    expect(ends).toEqual([3, 5, 7])
    await expectWorkedOut(server, counter, 300)
  })

  it('goes on after what another has worked out meanwhile', async () => {
    const server = await still()
    const { database, ledger, metrics } = server
    const { counter, events, push } = await backlog(server)
    const { holder, personal } = counter
    for (const from of [0, 2, 4]) await push(from, from + 2)
    const take = (some: typeof events) =>
      takePush({ database, ledger, metrics }, { holder, store: 's1', events: some, personal }, 0)
    let wanted = 1
    const kinds: string[] = []
    for await (const piece of piecesOf(database.db, holder, () => wanted, EVENT_VERSION)) {
      // It has read two of them, and looks for the others once these are taken.
      if (wanted === 1) await take(events.slice(0, 4))
      wanted = 1_000
      kinds.push((await take(piece.events)).kind)
    }
    expect(kinds).toEqual(['stored', 'stored', 'stored'])
    await expectWorkedOut(server, counter, 300)
  })

  it('works out what an earlier program kept, which was not packed', async () => {
    const server = await still()
    const { counter, events, push } = await backlog(server)
    await push(0, 6)
    const texts = Buffer.concat(events.map(({ text }) => Buffer.from(text)))
    await server.database.db.updateTable('inbox').set({ texts, packed: 0 }).execute()
    await server.inbox.workOff()
    await expectWorkedOut(server, counter, 300)
  })

  it('finds a twin out though its branch is only kept', async () => {
    const server = await still()
    const { counter, push } = await backlog(server)
    const twin = counter.twin()
    Object.assign(twin, { seq: 1, head: counter.chain[0]!.hash, unsent: [] })
    sell(twin, { total: 50 })
    await push(0, 6)
    const { error } = await safe(twin.client.push(twin.bodyOf(twin.unsent, { more: true })))
    expect(error).toMatchObject({ code: 'FORKED', data: { seq: 2 } })
    expect(await holdsAny(server.database.db, counter.holder)).toBe(false)
    await sound(server)
  })

  it('closes no epoch before all that came of it is worked out', async () => {
    const server = await still()
    const { counter, push } = await backlog(server)
    await push(0, 6)
    expect(await closeEpoch(server.ledger, counter.holder, 'lost')).toEqual({ ok: false, reason: 'unsettled' })
    const again = counter.reborn()
    await again.push()
    expect(await holdsAny(server.database.db, counter.holder)).toBe(false)
    expect(await closeEpoch(server.ledger, counter.holder, 'lost')).toEqual({ ok: false, reason: 'closedBefore' })
    await sound(server)
  })

  it('goes on with other counters when one cannot be worked out, and tries that one again', async () => {
    const server = await still()
    const one = await backlog(server)
    const two = await backlog(server)
    await one.push(0, 6)
    await two.push(0, 6)
    const { database, ledger } = server
    const errors: unknown[] = []
    const failing = {
      ...ledger,
      write: ((store, work) =>
        ledger.write(store, async (unit) => {
          const result = await work(unit)
          if (unit.arrived.some(({ sealed }) => sealed.event.terminal === one.counter.holder.terminal))
            throw new Error('the disk is full')
          return result
        })) satisfies typeof ledger.write,
    }
    const metrics = createMetrics()
    await createInbox({ database, ledger: failing, metrics, onError: (error) => errors.push(error) }).workOff()
    expect(errors).toMatchObject([{ message: 'the disk is full' }])
    expect(await holdsAny(database.db, one.counter.holder)).toBe(true)
    expect(await holdsAny(database.db, two.counter.holder)).toBe(false)
    await server.inbox.workOff()
    await one.counter.pull()
    expect(one.counter.ack).toBe(one.counter.seq)
    await sound(server)
  })
})
