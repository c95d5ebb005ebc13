/** R12: a server put back from yesterday's backup finds out, waits until it has been told everything, and then goes on. */
import { safe } from '@orpc/client'
import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { CURSOR_START, PROTOCOL } from '#core/contract/sync.ts'
import { GrantId, type EventId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { closeEpoch } from '#server/rights/close-epoch.ts'
import { sound } from '#test/support/books.ts'
import { allOf, enrolMember, giveBack, refund, sell } from '#test/support/drafts.ts'
import { loansOf, setFrozen } from '#test/support/epochs.ts'
import { RestorableServer, restoring, times } from '#test/support/restorable.ts'
import { withALot } from '#test/support/scene.ts'
import { ENGINES } from '#test/support/server-database.ts'
import type { SyncCounter } from '#test/support/sync-counter.ts'
import { noteRestored, waitedFor, waive } from './restored.ts'

describe.each(ENGINES)('on %s', (engine) => {
  it('R12: is found out by a cursor it does not know, and grants again once all have come', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two, member, lot, some } = await withALot(server.now)
    await server.backUp()
    sell(one, { member, total: 700 })
    sell(two, { member, total: 900 })
    await one.sync()
    await two.sync()
    const epoch = () => server.now.database.db.selectFrom('cursor').select('epoch').executeTakeFirstOrThrow()
    const before = await epoch()
    await server.restore()

    for (const counter of [one, two])
      expect((await safe(counter.pull())).error).toMatchObject({ code: 'CURSOR_UNKNOWN' })
    expect(await times(server)).toBe(1)
    expect(await epoch()).not.toEqual(before)
    await one.comeAgain()
    const { error } = await safe(one.acquire(member, some(10)))
    expect(error).toMatchObject({ code: 'SHORT', data: { code: 'restoring' } })
    expect((await waitedFor(server.now.database.db)).map(({ name }) => name)).toEqual(['Counter 2'])
    sell(one, { member, total: 50 })
    await one.sync()

    await two.comeAgain()
    expect(await restoring(server)).toBe(false)
    await one.pull()
    expect(one.members().find(({ id }) => id === member)?.spent).toBe(1_650)
    await one.acquire(member, some(10))
    await one.sync()
    await two.pull()
    expect(two.lot(lot)?.free).toBe(90)
    expect(await times(server)).toBe(1)
    await sound(server.now)
  })

  it('R12: says nothing of a sale whose refund it may have forgotten, until all have come', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two } = await withALot(server.now)
    const sale = sell(one, { total: 900 })
    const undone = sell(one, { total: 100 })
    refund(one, undone)
    await one.sync()
    await server.backUp()
    refund(one, sale)
    for (const counter of [one, two]) await counter.sync()
    sell(two, { total: 100 })
    await two.sync()
    await server.restore()
    await safe(two.pull())
    await two.comeAgain()
    const ask = (event: EventId) => two.client.transaction({ protocol: PROTOCOL, ...two.holder, wanted: { event } })
    expect(await restoring(server)).toBe(true)
    expect(await ask(sale.id)).toEqual({ text: null, reversed: false, known: null })
    expect(await ask(undone.id)).toMatchObject({ reversed: true })
    await one.comeAgain()
    expect(await ask(sale.id)).toMatchObject({ text: expect.stringContaining(sale.id), reversed: true })
  })

  it('R12: grants again what it forgot, and the store lends what others have got since', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two, member, lot, some } = await withALot(server.now)
    await server.backUp()
    const { parts } = await one.acquire(member, some(80))
    sell(one, { member, total: 80, pointsTender: 80, spend: parts })
    await server.restore()
    // Nobody has proved anything yet.
    const elsewhere = await two.acquire(member, some(60))
    await two.sync()
    await one.push()
    expect(await restoring(server)).toBe(true)
    expect(await loansOf(server.now, one.holder)).toEqual([{ reason: 'restored', amount: 40, repaid: 0 }])
    giveBack(two, elsewhere.parts)
    for (const counter of [two, one]) await counter.comeAgain()
    expect(await loansOf(server.now, one.holder)).toEqual([{ reason: 'restored', amount: 40, repaid: 40 }])
    expect(one.lot(lot)).toMatchObject({ free: 20, held: [] })
    expect(await restoring(server)).toBe(false)
    await sound(server.now)
  })

  it('R12: is found out by a request for rights, and grants nothing on it', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two, member, lot, some } = await withALot(server.now)
    await server.backUp()
    const { parts } = await one.acquire(member, some(80))
    await one.sync()
    await two.pull()
    await server.restore()
    // Of what looks free here, 80 are at the other counter.
    for (const counter of [two, one]) {
      const { error } = await safe(counter.acquire(member, some(60)))
      expect(error).toMatchObject({ code: 'SHORT', data: { code: 'restoring' } })
    }
    expect(await times(server)).toBe(1)
    giveBack(one, parts)
    for (const counter of [one, two]) await counter.comeAgain()
    expect(await restoring(server)).toBe(false)
    await two.acquire(member, some(60))
    await two.sync()
    expect(two.lot(lot)?.free).toBe(40)
    expect(await times(server)).toBe(1)
    expect(await loansOf(server.now, two.holder)).toEqual([])
    await sound(server.now)
  })

  it('R12: learns nothing from a request that says nothing: of an older counter, or of one that has no state yet', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two, member, some } = await withALot(server.now)
    await server.backUp()
    sell(two, { member, total: 900 })
    await two.sync()
    await server.restore()
    for (const [counter, cursor] of [
      [one, undefined],
      [two, CURSOR_START],
    ] as const) {
      const grant = GrantId.parse(uuidv7())
      const ask = { protocol: PROTOCOL, ...counter.holder, cursor, grant, member, wants: some(10) }
      expect(await counter.client.acquire(ask)).toMatchObject({ granted: { grant } })
    }
    expect(await restoring(server)).toBe(false)
    await sound(server.now)
  })

  it('R11, R12: believes no frozen, closed or unheard counter that asks for rights', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two, member, some } = await withALot(server.now)
    const refusalOf = async (counter: SyncCounter) => (await safe(counter.acquire(member, some(10)))).error
    two.cursor = { seq: two.cursor.seq, tag: 'another' }
    const { db } = server.now.database
    const status = db.updateTable('terminal').where('id', '=', two.holder.terminal)
    await status.set({ heard: 0 }).execute()
    expect(await refusalOf(two)).toMatchObject({ code: 'SHORT', data: { code: 'restoring' } })
    await status.set({ heard: 1 }).execute()
    await setFrozen(server.now, two.holder.terminal, 'stolen')
    expect(await refusalOf(two)).toMatchObject({ code: 'FROZEN' })
    await status.set({ status: 'active' }).execute()
    await closeEpoch(server.now.ledger, two.holder, 'lost')
    expect(await refusalOf(two)).toMatchObject({ code: 'FROZEN', data: { reason: 'epochClosed' } })
    expect(await times(server)).toBe(0)
    expect(await restoring(server)).toBe(false)
    await one.acquire(member, some(10))
    await sound(server.now)
  })

  it('R12: takes a lot it has forgotten from what carried it, and its birth when that comes', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two, member } = await withALot(server.now)
    await server.backUp()
    const sale = sell(one, { member, total: 300, points: 30 })
    giveBack(one, allOf(sale))
    await one.sync()
    const { id } = sale.lots[0]!
    const { parts } = await two.acquire(member, [{ kind: 'lot', lot: id, amount: 30 }])
    sell(two, { member, total: 20, pointsTender: 20, spend: [{ ...parts[0]!, amount: 20 }] })
    await two.sync()
    await server.restore()

    await two.comeAgain()
    expect(await loansOf(server.now, two.holder)).toEqual([{ reason: 'restored', amount: 30, repaid: 0 }])
    giveBack(two, [{ ...parts[0]!, amount: 10 }])
    await two.sync()
    expect(await loansOf(server.now, two.holder)).toEqual([{ reason: 'restored', amount: 30, repaid: 10 }])
    await one.comeAgain()
    expect(await loansOf(server.now, two.holder)).toEqual([{ reason: 'restored', amount: 30, repaid: 30 }])
    expect(one.lot(id)).toMatchObject({ free: 10, held: [] })
    await sound(server.now)
  })

  it('R12: what it lends of a gift it has forgotten comes back to the store, whoever its member turns out to be', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two } = await withALot(server.now)
    await server.backUp()
    const phone = '0900000312'
    const { member: older } = enrolMember(one, undefined, { phone })
    const { member: younger } = enrolMember(two, undefined, { phone })
    await two.sync()
    const { parts } = await two.acquire(younger, [{ kind: 'amount', asset: POINTS, amount: 15 }])
    await two.sync()
    await server.restore()
    // Welcomed anew, and what is left of the first welcome is lent.
    await two.comeAgain()
    await one.comeAgain()
    expect(one.members().find(({ id }) => id === younger)?.root).toBe(older)
    giveBack(two, parts)
    await two.sync()
    expect(await loansOf(server.now, two.holder)).toEqual([{ reason: 'restored', amount: 15, repaid: 15 }])
    expect([older, younger].map((id) => two.freeOf(id, POINTS))).toEqual([20, 0])
    await sound(server.now)
  })

  it('R12: is found out by a push that goes on from what it was once given', async () => {
    const server = await RestorableServer.start(engine)
    const { one, member } = await withALot(server.now)
    await server.backUp()
    sell(one, { member, total: 700 })
    await one.sync()
    await server.restore()
    sell(one, { member, total: 70 })
    expect((await safe(one.push())).error).toMatchObject({ code: 'GAP' })
    expect(await restoring(server)).toBe(true)
  })

  it('R11, R12: believes no frozen counter, whatever it says it was given', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two, member, lot, some } = await withALot(server.now)
    await setFrozen(server.now, two.holder.terminal, 'stolen')
    const made = { lot: one.lot(lot)!.lot, amount: 10 }
    two.accept({ grant: GrantId.parse(uuidv7()), member, parts: [made] })
    await two.push()
    two.unsent = []
    sell(two, { total: 100 })
    two.ack = two.seq + 100
    sell(two, { total: 100 })
    expect((await safe(two.push(two.unsent.slice(1)))).error).toMatchObject({ code: 'GAP' })
    expect(await restoring(server)).toBe(false)
    expect(await times(server)).toBe(0)
    await one.acquire(member, some(10))
    await sound(server.now)
  })

  it('R12: does not wait for a counter that is waived, frozen or closed, and hears it when it comes', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two, member, some } = await withALot(server.now)
    await server.backUp()
    sell(two, { member, total: 900 })
    await two.sync()
    await server.restore()
    await noteRestored(server.now.ledger, null)
    await one.comeAgain()
    expect(await restoring(server)).toBe(true)
    expect(await waive(server.now.ledger, two.holder.terminal)).toBe(true)
    expect(await restoring(server)).toBe(false)
    await one.acquire(member, some(10))

    // What it knows of the time before proves nothing new.
    expect((await safe(two.pull())).error).toMatchObject({ code: 'CURSOR_UNKNOWN' })
    await two.comeAgain()
    await two.sync()
    expect(await times(server)).toBe(1)
    await one.sync()
    expect(one.members().find(({ id }) => id === member)?.spent).toBe(900)
    await sound(server.now)
  })

  it('R12: a waived counter that comes after all tells nobody again what was told before', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two, member } = await withALot(server.now)
    const lineUser = `U${'0'.repeat(32)}`
    const { db } = server.now.database
    await db.updateTable('personal').set({ line_user: lineUser }).where('member', '=', member).execute()
    await server.backUp()
    const told = () => server.now.database.db.selectFrom('outbox').select('event_id').execute()
    const sale = sell(two, { member, total: 900, points: 9 })
    await two.sync()
    expect(await told()).toContainEqual({ event_id: sale.id })
    sell(one, { total: 100 })
    await one.sync()
    await server.restore()
    await safe(one.pull())
    await one.comeAgain()
    await waive(server.now.ledger, two.holder.terminal)
    expect(await restoring(server)).toBe(false)

    server.clock.advance(1_000)
    const later = sell(two, { member, total: 700, points: 7 })
    await two.comeAgain()
    const now = await told()
    expect(now).not.toContainEqual({ event_id: sale.id })
    expect(now).toContainEqual({ event_id: later.id })
  })

  it('R12: a second restore is a second one', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two } = await withALot(server.now)
    for (const counter of [one, two]) sell(counter, { total: 100 })
    await server.backUp()
    for (const counter of [one, two]) await counter.sync()
    for (let round = 1; round <= 2; round++) {
      await server.restore()
      for (const counter of [one, two]) await safe(counter.pull())
      expect(await times(server)).toBe(1)
      for (const counter of [one, two]) await counter.comeAgain()
      expect(await restoring(server)).toBe(false)
      sell(one, { total: 100 })
      await one.sync()
    }
    await sound(server.now)
  })
})
