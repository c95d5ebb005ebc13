/** What was used of a lot in time, and is heard of only after the rest of it has run out here, is no loss of the store's. */
import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { Amount, GrantId } from '#core/ids.ts'
import type { Part } from '#core/ledger/lot.ts'
import { expireLots } from '#server/jobs/expire-lots.ts'
import { balanceOf, sound } from '#test/support/books.ts'
import { allOf, enrolMember, giveBack, grantPoints, sell } from '#test/support/drafts.ts'
import { loansOf } from '#test/support/epochs.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { DAY_MS, startServer, TODAY, type TestServer } from '#test/support/sync-server.ts'
import { closeEpoch } from './close-epoch.ts'

/** A counter, and a member with a lot of 100 points that ends today. */
async function onItsLastDay(server: TestServer) {
  const one = await SyncCounter.join(server)
  const { member } = enrolMember(one)
  const given = grantPoints(one, member, 100, { expiresOn: TODAY })
  giveBack(one, allOf(given))
  await one.sync()
  const [lot] = given.lots
  if (!lot) throw new Error('a lot is expected')
  const use = (amount: number, [part]: readonly Part[]) =>
    sell(one, { member, total: amount, pointsTender: amount, spend: part ? [{ ...part, amount }] : [] })
  return { one, member, lot, use }
}

describe.each(ENGINES)('on %s', (engine) => {
  const start = () => startServer(engine, { rounds: 'byHand' })

  it('R11: of a counter that was lost', async () => {
    const server = await start()
    const { one, member, lot, use } = await onItsLastDay(server)
    const { parts } = await one.acquire(member, [{ kind: 'lot', lot: lot.id, amount: 100 }])
    await one.sync()
    for (const amount of [60, 30]) use(amount, parts)
    server.clock.advance(3 * DAY_MS)
    await closeEpoch(server.ledger, one.holder, 'lost')
    expect(await balanceOf(server, 'expired:points')).toBe(100)
    const late = one.unsent
    expect(late).toHaveLength(2)
    for (const event of late) await one.push([event])
    expect(await balanceOf(server, 'expired:points')).toBe(10)
    expect(await loansOf(server, one.holder)).toEqual([])
    await sound(server)
  })

  it('R12: under a grant that a server put back from a backup has forgotten', async () => {
    const server = await start()
    const { one, member, lot, use } = await onItsLastDay(server)
    const part = { lot, amount: Amount.parse(70) }
    one.accept({ grant: GrantId.parse(uuidv7()), member, parts: [part] })
    use(50, [part])
    giveBack(one, [{ lot, amount: 20 }])
    server.clock.advance(DAY_MS)
    await expireLots(server.database, server.ledger, server.clock())
    await one.push()
    expect(await balanceOf(server, 'expired:points')).toBe(50)
    expect(await loansOf(server, one.holder)).toEqual([])
    await sound(server)
  })
})
