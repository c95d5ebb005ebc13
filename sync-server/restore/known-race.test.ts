/** R12: a member is told of at the very moment at which the counter that enrolled them is heard of after all. */
import { expect, it } from 'vitest'
import type { KnownMember } from '#core/contract/sync.ts'
import { BusinessDate, CardNumber } from '#core/ids.ts'
import type { Ledger } from '#server/ledger/unit-of-work.ts'
import { receivePush } from '#server/intake/push.ts'
import { sound } from '#test/support/books.ts'
import { enrolMember, sell } from '#test/support/drafts.ts'
import { RestorableServer } from '#test/support/restorable.ts'
import { scene } from '#test/support/scene.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { learnMembers } from './known-members.ts'
import { waive } from './restored.ts'

it('their spending is all counted (postgres)', async () => {
  const server = await RestorableServer.start('postgres')
  const { one, two } = await scene(server.now)
  const late = await SyncCounter.join(server.now, 'Counter 3')
  await late.sync()
  await server.backUp()
  const { member, profile } = enrolMember(late)
  sell(late, { member, total: 500 })
  const sent = late.unsent
  await late.sync()
  await two.pull()
  const card = CardNumber.parse(two.member(member)?.card ?? '')
  sell(two, { member, total: 100 })
  await two.sync()
  await server.restore()
  await two.pull().catch(() => null)
  for (const counter of [one, two]) await counter.comeAgain()
  await waive(server.now.ledger, late.holder.terminal)

  const known: KnownMember = { id: member, card, joinedOn: BusinessDate.parse('2025-11-20'), ...profile }
  const { ledger, database } = server.now
  let first = true
  const slow: Ledger = {
    ...ledger,
    write: (store, work) =>
      ledger.write(store, async (unit) => {
        const result = await work(unit)
        // Whoever else writes commits first.
        if (first) {
          first = false
          const { holder, store: at, people: personal } = late
          await receivePush(ledger, { holder, store: at, events: sent, personal })
        }
        return result
      }),
  }
  await learnMembers({ database, ledger: slow }, 's1', [known])
  const row = await database.db
    .selectFrom('member')
    .select(['spent', 'name'])
    .where('id', '=', member)
    .executeTakeFirst()
  expect(row).toMatchObject({ spent: 600 })
  await sound(server.now)
})
