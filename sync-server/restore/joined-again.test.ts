/** R12: a counter that a server put back from yesterday's backup has forgotten joins again. */
import { safe } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { sound } from '#test/support/books.ts'
import { sell } from '#test/support/drafts.ts'
import { RestorableServer, restoring, times } from '#test/support/restorable.ts'
import { withALot } from '#test/support/scene.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'

describe.each(ENGINES)('on %s', (engine) => {
  it('R12: a counter it has forgotten joins again as who it was, and its events come in', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two, member } = await withALot(server.now)
    await server.backUp()
    const late = await SyncCounter.join(server.now, 'Counter 3')
    sell(late, { member, total: 800 })
    await late.sync()
    await server.restore()
    for (const counter of [one, two]) await counter.comeAgain()
    const { error } = await safe(late.pull())
    expect(error).toMatchObject({ code: 'UNAUTHORISED', data: { reason: 'unknownTerminal' } })

    const code = await makeEnrolCode(server.now.database.db, 's1', server.clock())
    expect(await late.joinAgain(code)).toBe(late.holder.terminal)
    await late.comeAgain()
    expect(late.members().find(({ id }) => id === member)?.spent).toBe(800)
    await late.sync()
    await sound(server.now)
  })

  it('R12: one that joins again once all others have come proves no second restore', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two, member, some } = await withALot(server.now)
    await server.backUp()
    const late = await SyncCounter.join(server.now, 'Counter 3')
    await late.sync()
    sell(one, { total: 100 })
    await one.sync()
    await server.restore()
    await safe(one.pull())
    for (const counter of [one, two]) await counter.comeAgain()
    expect(await restoring(server)).toBe(false)
    server.clock.advance(3_600_000)
    await late.joinAgain(await makeEnrolCode(server.now.database.db, 's1', server.clock()))
    expect((await safe(late.pull())).error).toMatchObject({ code: 'CURSOR_UNKNOWN' })
    expect(await times(server)).toBe(1)
    await one.acquire(member, some(10))
    await late.comeAgain()
    await late.acquire(member, some(10))
    await one.sync()
    await late.sync()
    await sound(server.now)
  })

  it('R11, R12: joined again, it works under its last epoch, whatever it sends of those before', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two } = await withALot(server.now)
    await server.backUp()
    const late = await SyncCounter.join(server.now, 'Counter 3')
    await late.sync()
    const again = late.reborn()
    await again.sync()
    await server.restore()
    for (const counter of [one, two]) await counter.comeAgain()
    const code = await makeEnrolCode(server.now.database.db, 's1', server.clock())
    server.clock.advance(1_000)
    await again.joinAgain(code)
    server.clock.advance(1_000)
    await late.push(late.chain)
    await again.comeAgain()
    const { db } = server.now.database
    const { terminal, epoch } = again.holder
    const at = await db.selectFrom('terminal').select('epoch').where('id', '=', terminal).executeTakeFirst()
    expect(at).toEqual({ epoch })
    const open = db.selectFrom('terminal_epoch').select('epoch').where('closed_at', 'is', null)
    expect(await open.where('terminal', '=', terminal).execute()).toEqual([{ epoch }])
    await sound(server.now)
  })

  it('R12: it joins again by a code of its own store alone, and another store’s stays good', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two } = await withALot(server.now)
    await server.backUp()
    const late = await SyncCounter.join(server.now, 'Counter 3')
    await late.sync()
    await server.restore()
    for (const counter of [one, two]) await counter.comeAgain()
    const { db } = server.now.database
    const elsewhere = await makeEnrolCode(db, 's2', server.clock())
    const refused = { code: 'BAD_CODE', data: { reason: 'otherStore' } }
    expect((await safe(late.joinAgain(elsewhere))).error).toMatchObject(refused)
    const known = db.selectFrom('terminal').select('store').where('id', '=', late.holder.terminal)
    expect(await known.execute()).toEqual([])
    expect(await late.joinAgain(await makeEnrolCode(db, 's1', server.clock()))).toBe(late.holder.terminal)
    // Nor where it does not say so itself, as older ones: the server knows it now.
    expect((await safe(late.joinAgain(elsewhere, {}))).error).toMatchObject(refused)
    expect(await known.execute()).toEqual([{ store: 's1' }])
    const unused = db.selectFrom('enrol_code').select('store').where('used_by', 'is', null)
    expect(await unused.execute()).toEqual([{ store: 's2' }])
    await late.comeAgain()
    await sound(server.now)
  })
})
