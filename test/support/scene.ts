/** Two counters and a member whom the first has enrolled, all of it at the server. */
import type { Want } from '#core/contract/sync.ts'
import type { MemberId } from '#core/ids.ts'
import { allOf, enrolMember, giveBack, grantPoints } from './drafts.ts'
import { SyncCounter } from './sync-counter.ts'
import type { TestServer } from './sync-server.ts'

export type Scene = { server: TestServer; one: SyncCounter; two: SyncCounter; member: MemberId }

export async function scene(server: TestServer): Promise<Scene> {
  const one = await SyncCounter.join(server, 'Counter 1')
  const two = await SyncCounter.join(server, 'Counter 2')
  const { member } = enrolMember(one)
  await one.sync()
  await two.sync()
  return { server, one, two, member }
}

/** And the member has a lot of 100 points, which is free. */
export async function withALot(server: TestServer) {
  const all = await scene(server)
  const { one, two, member } = all
  const given = grantPoints(one, member, 100)
  giveBack(one, allOf(given))
  await one.sync()
  await two.pull()
  const lot = given.lots[0]!.id
  const some = (amount: number): Want[] => [{ kind: 'lot', lot, amount }]
  return { ...all, lot, some }
}
