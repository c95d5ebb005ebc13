/** A counter's own undoing of a sale (R5) that comes after others have met the sale without it: it stands. */
import { describe, expect, it } from 'vitest'
import { drawerOf, redeemed, riskOf } from '#core/ledger/account.ts'
import { POINTS } from '#core/ledger/asset.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { expireClaims } from '#server/claims/expire.ts'
import { expireLots } from '#server/jobs/expire-lots.ts'
import { findTransaction } from '#server/sync/transaction.ts'
import { balanceOf, quarantineOf, sound } from '#test/support/books.ts'
import { allOf, giveBack, grantPoints, refund, sell } from '#test/support/drafts.ts'
import { loansOf } from '#test/support/epochs.ts'
import { WELCOME } from '#test/support/programme.ts'
import { scene, withALot } from '#test/support/scene.ts'
import { ENGINES } from '#test/support/server-database.ts'
import type { SyncCounter } from '#test/support/sync-counter.ts'
import { DAY_MS, startServer, TODAY, type TestServer } from '#test/support/sync-server.ts'

/** Sends what stands in the chain so far; the line breaks before the rest is sent. */
async function firstLoad(counter: SyncCounter, rest: () => void): Promise<void> {
  const first = [...counter.unsent]
  rest()
  await counter.push(first)
  counter.unsent = counter.unsent.slice(first.length)
}

const outcomes = ({ database }: TestServer) =>
  database.db.selectFrom('outcome').select(['event_id', 'reason']).execute()

describe.each(ENGINES)('a counter’s own undoing, on %s', (engine) => {
  const start = () => startServer(engine, { rounds: 'byHand' })

  it('stands though another has refunded the sale meanwhile: nothing is given back twice', async () => {
    const { server, one, two, member, lot, some } = await withALot(await start())
    const { parts } = await one.acquire(member, some(100))
    await one.sync()
    const sale = sell(one, { member, total: 100, points: 3, pointsTender: 60, spend: [{ ...parts[0]!, amount: 60 }] })
    let undone: LedgerEvent | undefined
    await firstLoad(one, () => {
      undone = refund(one, sale, 'own')
      sell(one, { member, total: 120, pointsTender: 100, spend: parts })
    })
    refund(two, sale)
    await two.sync()
    await one.sync()
    await two.pull()
    expect(await quarantineOf(server)).toEqual([])
    expect(await outcomes(server)).toEqual([{ event_id: undone?.id, reason: 'reversedBefore' }])
    expect(await balanceOf(server, drawerOf(one.holder.terminal))).toBe(20)
    expect(two.lot(lot)).toMatchObject({ free: 0, held: [] })
    for (const earned of sale.lots) expect(two.lot(earned.id)).toMatchObject({ free: 0, held: [] })
    expect(two.freeOf(member, POINTS)).toBe(WELCOME)
    expect(await balanceOf(server, `debt:${member}:points`)).toBe(0)
    expect(two.members().find(({ id }) => id === member)?.spent).toBe(20)
    await sound(server)

    // Once: a second time it is no undoing of its own.
    refund(one, sale, 'own')
    await one.sync()
    expect((await quarantineOf(server)).map(({ reason }) => reason)).toEqual(['notOwnReversal'])
  })

  it('takes what the other refund gave as it comes home, when that has been spent', async () => {
    const { server, one, two, member } = await scene(await start())
    const { parts } = await one.acquire(member, [{ kind: 'amount', asset: POINTS, amount: WELCOME }])
    await one.sync()
    const sale = sell(one, { member, total: 50, pointsTender: WELCOME, spend: parts })
    await firstLoad(one, () => {
      refund(one, sale, 'own')
      giveBack(one, parts)
    })
    refund(two, sale)
    await two.sync()
    const back = await two.acquire(member, [{ kind: 'amount', asset: POINTS, amount: WELCOME }])
    sell(two, { member, total: 50, pointsTender: WELCOME, spend: back.parts })
    await two.sync()
    await one.sync()
    // Spent at Counter 2, and what Counter 1 then brought home was due.
    expect(one.freeOf(member, POINTS)).toBe(0)
    expect(await balanceOf(server, `debt:${member}:points`)).toBe(0)
    expect(await quarantineOf(server)).toEqual([])
    await sound(server)
  })

  it('takes all that the other refund gave, though some of the same lot has run out', async () => {
    const { server, one, two, member } = await scene(await start())
    const given = grantPoints(one, member, 100, { expiresOn: TODAY })
    giveBack(one, allOf(given))
    await one.sync()
    const { parts } = await one.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 60 }])
    await one.sync()
    const sale = sell(one, { member, total: 60, pointsTender: 60, spend: parts })
    await firstLoad(one, () => {
      refund(one, sale, 'own')
      sell(one, { member, total: 60, pointsTender: 60, spend: parts })
    })
    refund(two, sale)
    await two.sync()
    const back = await two.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 60 }])
    sell(two, { member, total: 60, pointsTender: 60, spend: back.parts })
    await two.sync()
    // What is left of it, 40, runs out.
    server.clock.advance(2 * DAY_MS)
    await expireLots(server.database, server.ledger, server.clock())
    await one.sync()
    // 60 have been used twice: the welcome pays 20 of it, and the rest is owed.
    expect(await quarantineOf(server)).toEqual([])
    expect(await balanceOf(server, `debt:${member}:points`)).toBe(WELCOME - 60)
    expect(one.freeOf(member, POINTS)).toBe(0)
    await sound(server)
  })

  it('gives a store back once what it had lent', async () => {
    const { server, one, two, member } = await scene(await start())
    const loan = { asset: POINTS, from: riskOf(one.store, POINTS), to: redeemed(POINTS), amount: 30 }
    const sale = sell(one, { member, total: 30, pointsTender: 30 }, [loan])
    await firstLoad(one, () => void refund(one, sale, 'own'))
    refund(two, sale)
    await two.sync()
    await one.sync()
    expect(await quarantineOf(server)).toEqual([])
    expect(await balanceOf(server, riskOf(one.store, POINTS))).toBe(0)
    expect(await balanceOf(server, redeemed(POINTS))).toBe(0)
    expect(one.freeOf(member, POINTS)).toBe(WELCOME)
    expect(await loansOf(server, one.holder)).toMatchObject([{ reason: 'floor', amount: 30, repaid: 30 }])
  })

  it.each(['has run out', 'was taken back by another’s refund'])('stands though its claim %s', async (what) => {
    const { server, one, two } = await scene(await start())
    const sale = sell(one, { total: 500, claim: { points: 10 } })
    await firstLoad(one, () => void refund(one, sale, 'own'))
    if (what === 'has run out') {
      server.clock.advance(20 * DAY_MS)
      await expireClaims(server.database, server.ledger, server.clock())
    } else {
      refund(two, sale)
      await two.sync()
    }
    await one.sync()
    expect(await quarantineOf(server)).toEqual([])
    const found = await findTransaction(server.database.db, one.holder.terminal, { event: sale.id })
    expect(found).toMatchObject({ reversed: true })
    expect(await balanceOf(server, drawerOf(one.holder.terminal))).toBe(0)
    for (const account of [`claim:${sale.id}`, 'issued:points', 'expired:points', 'revoked:points'])
      expect([account, await balanceOf(server, account)]).toEqual([account, account === 'issued:points' ? -WELCOME : 0])
    await sound(server)
  })
})
