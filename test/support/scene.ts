/** Two counters and a member whom the first has enrolled, all of it at the server. */
import type { MemberId } from '#core/ids.ts'
import { enrolMember } from './drafts.ts'
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
