/** R12: a lot that a server put back from a backup has forgotten comes with a grant made again, and its birth after that. */
import { describe, expect, it } from 'vitest'
import { SERVER_TERMINAL } from '#core/ledger/event.ts'
import { allOf, enrolMember, giveBack, grantPoints, sell } from '#test/support/drafts.ts'
import { heldIn, setFrozen } from '#test/support/epochs.ts'
import { sound } from '#test/support/books.ts'
import { RestorableServer, restoring } from '#test/support/restorable.ts'
import { ENGINES, type Engine } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { receivePush } from '#server/intake/push.ts'

/** What the last second has brought, its backup does not have; neither counter has pulled since. */
async function withoutItsLastSecond(engine: Engine) {
  const server = await RestorableServer.start(engine)
  const one = await SyncCounter.join(server.now, 'Counter 1')
  const two = await SyncCounter.join(server.now, 'Counter 2')
  const { member } = enrolMember(one)
  await one.sync()
  await two.sync()
  await server.backUp()
  const given = grantPoints(one, member, 100)
  giveBack(one, allOf(given))
  await one.push()
  const [lot] = given.lots
  if (!lot) throw new Error('a lot is expected')
  const { parts } = await two.acquire(member, [{ kind: 'lot', lot: lot.id, amount: 70 }])
  await server.restore()
  const held = () => heldIn(server.now, two.holder)
  return { server, one, two, member, lot, parts, held }
}

describe.each(ENGINES)('on %s', (engine) => {
  it('R11: it is still what it was, though the counter that brought it is frozen and not believed', async () => {
    const { server, one, two, member, lot, parts, held } = await withoutItsLastSecond(engine)
    await setFrozen(server.now, two.holder.terminal, 'forked')
    await two.push()
    two.unsent = []
    expect(await restoring(server)).toBe(false)
    await one.push()
    expect(await held()).toContainEqual({ lot: lot.id, amount: 70 })
    await sound(server.now)
    sell(two, { member, total: 70, pointsTender: 70, spend: parts })
    await two.push()
    expect(await server.now.database.db.selectFrom('quarantine').select('reason').execute()).toEqual([])
    await one.pull()
    expect(one.lot(lot.id)).toMatchObject({ free: 30, held: [] })
  })

  it('it is when both counters push at the same moment', async () => {
    const { server, one, two, lot, held } = await withoutItsLastSecond(engine)
    await Promise.all([two.push(), one.push()])
    expect(await held()).toContainEqual({ lot: lot.id, amount: 70 })
    await sound(server.now)
  })

  it('that it was put back is noted with the grant made again, whatever ends the server then', async () => {
    const { server, one, two, lot, held } = await withoutItsLastSecond(engine)
    const { holder, store, unsent: events } = two
    await receivePush(server.now.ledger, { holder, store, events, personal: [] })
    expect(await restoring(server)).toBe(true)
    await one.push()
    expect(await held()).toContainEqual({ lot: lot.id, amount: 70 })
    const { db } = server.now.database
    const first = db.selectFrom('event').select('kind').where('terminal', '=', SERVER_TERMINAL).where('seq', '=', 1)
    expect((await first.execute()).map(({ kind }) => kind).toSorted()).toEqual(['reward.given', 'server.restored'])
    await sound(server.now)
  })
})
