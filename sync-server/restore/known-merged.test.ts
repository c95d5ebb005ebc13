/** R10, R12: whom counters have told of, and who is one with another by then, is welcomed no second time. */
import { expect, it } from 'vitest'
import type { KnownMember } from '#core/contract/sync.ts'
import { BusinessDate, CardNumber } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { sound } from '#test/support/books.ts'
import { enrolMember, sell } from '#test/support/drafts.ts'
import { RestorableServer, restoring } from '#test/support/restorable.ts'
import { scene } from '#test/support/scene.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { waive } from './restored.ts'

it.each(ENGINES)(
  'one person’s second name, enrolled at last by its own counter, brings no gift (%s)',
  async (engine) => {
    const server = await RestorableServer.start(engine)
    const { one, two } = await scene(server.now)
    const late = await SyncCounter.join(server.now, 'Counter 3')
    await late.sync()
    const phone = '0900000777'
    const { member: older } = enrolMember(one, undefined, { phone })
    await one.sync()
    await server.backUp()
    const { member: younger, profile } = enrolMember(late, undefined, { phone })
    await late.sync()
    await two.pull()
    const card = CardNumber.parse(two.member(younger)?.card ?? '')
    const before = [older, younger].map((id) => two.freeOf(id, POINTS))
    expect(before).toEqual([20, 0])
    sell(two, { member: younger, total: 100 })
    await two.sync()
    await server.restore()

    await two.pull().catch(() => null)
    for (const counter of [one, two]) await counter.comeAgain()
    await waive(server.now.ledger, late.holder.terminal)
    expect(await restoring(server)).toBe(false)
    const known: KnownMember = { id: younger, card, joinedOn: BusinessDate.parse('2025-11-20'), ...profile }
    await two.client.push(two.bodyOf([], { known: [known] }))
    await two.pull()
    expect(two.member(younger)?.root).toBe(older)
    // The counter that enrolled them is found after all.
    await late.comeAgain()
    await two.pull()
    expect([older, younger].map((id) => two.freeOf(id, POINTS))).toEqual(before)
    await sound(server.now)
  },
)
