/** R11: an epoch's end frees what its counter held; what still comes of it are facts, and the store stands in for them. */
import { safe } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import type { LotId } from '#core/ids.ts'
import { sound } from '#test/support/books.ts'
import { heldIn, heldOf, loansOf, setFrozen } from '#test/support/epochs.ts'
import { allOf, giveBack, refund, sell } from '#test/support/drafts.ts'
import { withALot } from '#test/support/scene.ts'
import { ENGINES } from '#test/support/server-database.ts'
import type { SyncCounter } from '#test/support/sync-counter.ts'
import { sharedServer, type TestServer } from '#test/support/sync-server.ts'
import { closeEpoch } from './close-epoch.ts'

/** Two counters; the first holds 30 of a member's lot of 100 points. */
async function holdingSome(server: TestServer) {
  const all = await withALot(server)
  const { parts } = await all.one.acquire(all.member, all.some(30))
  await all.one.sync()
  return { ...all, parts }
}

const freeOf = async (counter: SyncCounter, lot: LotId) => {
  await counter.pull()
  return counter.lot(lot)?.free
}

describe.each(ENGINES)('on %s', (engine) => {
  const shared = sharedServer(engine)

  it('R11: frees what a lost counter held, once, and gives that epoch nothing more', async () => {
    const server = shared()
    const { one, two, member, lot, some } = await holdingSome(server)
    expect(await freeOf(two, lot)).toBe(70)
    expect(await closeEpoch(server.ledger, one.holder, 'lost')).toEqual({ ok: true, lots: 1 })
    expect(await closeEpoch(server.ledger, one.holder, 'lost')).toEqual({ ok: false, reason: 'closedBefore' })
    expect(await freeOf(two, lot)).toBe(100)
    expect(await heldIn(server, one.holder)).toEqual([])
    const over = { code: 'FROZEN', data: { reason: 'epochClosed' } }
    expect((await safe(one.pull())).error).toMatchObject(over)
    expect((await safe(one.acquire(member, some(1)))).error).toMatchObject(over)
    await sound(server)
  })

  it('R11: tells a counter that is frozen as well that its epoch is over', async () => {
    const server = shared()
    const { one, member, some } = await holdingSome(server)
    await setFrozen(server, one.holder.terminal, 'mislaid')
    expect((await safe(one.pull())).error).toMatchObject({ code: 'FROZEN', data: { reason: 'mislaid' } })
    await closeEpoch(server.ledger, one.holder, 'lost')
    const over = { code: 'FROZEN', data: { reason: 'epochClosed' } }
    expect((await safe(one.pull())).error).toMatchObject(over)
    expect((await safe(one.acquire(member, some(1)))).error).toMatchObject(over)
    await sound(server)
  })

  it('R11: a late event stands; the store lends what its accounts lack, and what comes back repays first', async () => {
    const server = shared()
    const { one, two, member, lot, some, parts } = await holdingSome(server)
    await closeEpoch(server.ledger, one.holder, 'lost')
    const elsewhere = await two.acquire(member, some(90))
    await two.sync()

    sell(one, { member, total: 25, pointsTender: 25, spend: [{ ...parts[0]!, amount: 25 }] })
    await one.push()
    one.unsent = []
    // Ten of the twenty-five were free still.
    expect(await loansOf(server, one.holder)).toEqual([{ reason: 'closedEpoch', amount: 25, repaid: 10 }])
    expect(await freeOf(two, lot)).toBe(0)

    giveBack(two, elsewhere.parts)
    await two.sync()
    expect(await loansOf(server, one.holder)).toEqual([{ reason: 'closedEpoch', amount: 25, repaid: 25 }])
    expect(two.lot(lot)?.free).toBe(75)
    await sound(server)
  })

  it('R11: what a late event leaves or hands back is the member’s at once', async () => {
    const server = shared()
    const { one, two, member, lot, parts } = await holdingSome(server)
    await closeEpoch(server.ledger, one.holder, 'lost')
    const sale = sell(one, { member, total: 500, points: 5 })
    giveBack(one, parts)
    refund(one, sell(one, { member, total: 300, points: 3 }), 'own')
    sell(one, { member, total: 5, pointsTender: 5, spend: allOf(sale) })
    await one.push()
    expect(await freeOf(two, lot)).toBe(100)
    const loans = await loansOf(server, one.holder)
    expect(loans.length).toBeGreaterThan(0)
    expect(loans.every(({ amount, repaid }) => amount === repaid)).toBe(true)
    expect(await heldOf(server, one.holder)).toBe(0)
    await sound(server)
  })

  it('R11: a grant that was never taken in is freed too, and a late acceptance is believed', async () => {
    const server = shared()
    const { one, two, member, lot, some } = await holdingSome(server)
    const { parts } = await one.acquire(member, some(20))
    await closeEpoch(server.ledger, one.holder, 'lost')
    expect(await freeOf(two, lot)).toBe(100)
    sell(one, { member, total: 20, pointsTender: 20, spend: parts })
    await one.push()
    expect(await freeOf(two, lot)).toBe(80)
    await sound(server)
  })

  it('R11: an epoch that names the one before closes it; the chain goes on from its head', async () => {
    const server = shared()
    const { one, two, member, lot, some } = await holdingSome(server)
    const again = one.reborn()
    await again.sync()
    expect(await freeOf(two, lot)).toBe(100)
    const { parts } = await again.acquire(member, some(60))
    sell(again, { member, total: 60, pointsTender: 60, spend: parts })
    await again.sync()
    expect(again.lot(lot)?.free).toBe(40)
    const row = server.database.db.selectFrom('terminal_epoch').select(['closed_reason', 'epoch'])
    expect(await row.where('terminal', '=', one.holder.terminal).where('closed_at', 'is not', null).execute()).toEqual([
      { closed_reason: 'restored', epoch: one.holder.epoch },
    ])
    await sound(server)
  })

  it('R11: a fork is kept whole beside the chain; a new epoch closes it and the counter works again', async () => {
    const server = shared()
    const { one, two, member, lot, some } = await holdingSome(server)
    const twin = one.twin()
    sell(one, { total: 100 })
    await one.sync()
    for (let n = 0; n < 4; n++) sell(twin, { total: 200 + n })
    const halves = [twin.unsent.slice(0, 2), twin.unsent.slice(2)]
    for (const half of halves) expect((await safe(twin.push(half))).error).toMatchObject({ code: 'FORKED' })
    const kept = () =>
      server.database.db
        .selectFrom('quarantine')
        .select('seq')
        .where('terminal', '=', one.holder.terminal)
        .where('reason', '=', 'forked')
        .execute()
    expect(await kept()).toHaveLength(4)
    expect((await safe(one.pull())).error).toMatchObject({ code: 'FROZEN', data: { reason: 'forked' } })

    const again = twin.reborn()
    await again.sync()
    expect(await freeOf(two, lot)).toBe(100)
    await again.acquire(member, some(100))
    sell(one, { total: 300 })
    await one.push()
    expect((await safe(twin.push(halves[0]))).error).toMatchObject({ code: 'FORKED' })
    expect(await kept()).toHaveLength(4)
    await again.sync()
    const epoch = server.database.db.selectFrom('terminal_epoch').select(['closed_reason', 'head_seq'])
    expect(await epoch.where('epoch', '=', one.holder.epoch).executeTakeFirst()).toEqual({
      closed_reason: 'forked',
      head_seq: one.seq,
    })
    await sound(server)
  })

  it('R11: a fork takes no manager’s freeze away, whoever closes its epoch', async () => {
    const server = shared()
    const { one } = await holdingSome(server)
    const { terminal } = one.holder
    const twin = one.twin()
    sell(one, { total: 100 })
    await one.sync()
    await setFrozen(server, terminal, 'stolen')
    sell(twin, { total: 200 })
    expect((await safe(twin.push())).error).toMatchObject({ code: 'FORKED' })
    const again = twin.reborn()
    await again.push()
    const stolen = { code: 'FROZEN', data: { reason: 'stolen' } }
    expect((await safe(again.pull())).error).toMatchObject(stolen)

    // And where a manager closes it: a fork of the new epoch this time.
    const third = again.twin()
    sell(again, { total: 100 })
    await again.push()
    sell(third, { total: 200 })
    expect((await safe(third.push())).error).toMatchObject({ code: 'FORKED' })
    expect(await closeEpoch(server.ledger, again.holder, 'lost')).toMatchObject({ ok: true })
    const last = again.reborn()
    await last.push()
    expect((await safe(last.pull())).error).toMatchObject(stolen)
    await sound(server)
  })

  it('R11: what is still due of a lot is taken before a loan on it is repaid', async () => {
    const server = shared()
    const { one, two, member, lot } = await holdingSome(server)
    const sale = sell(two, { member, total: 400, points: 40 })
    giveBack(two, allOf(sale))
    await two.sync()
    const { parts } = await one.acquire(member, [{ kind: 'lot', lot: sale.lots[0]!.id, amount: 40 }])
    await one.sync()
    refund(two, sale)
    await two.sync()
    await closeEpoch(server.ledger, one.holder, 'restored')
    expect(await freeOf(two, lot)).toBe(100)
    sell(one, { member, total: 40, pointsTender: 40, spend: parts })
    await one.push()
    expect(await loansOf(server, one.holder)).toEqual([{ reason: 'closedEpoch', amount: 40, repaid: 0 }])
    await sound(server)
  })
})
