/** The server's outbox, a turn at a time, against a LINE that has its own bad days (invariant 9). */
import { lineClient } from '#server/line/client.ts'
import { outboxWorker } from '#server/line/worker.ts'
import type { Fault } from '#test/support/fake-line.ts'
import type { World } from '#test/simulation/world.ts'
import type { Step, Steps } from './step.ts'

const FAULTS: readonly (Fault | null)[] = [
  null,
  null,
  'serverError',
  'serverErrorAfterAccepting',
  'drop',
  'dropAfterAccepting',
  'rateLimit',
  'badAnswer',
]

async function notices(world: World, step: Step): Promise<void> {
  const { line } = world
  const { db, dialect } = world.server.database
  const rows = await db.selectFrom('outbox').select(['retry_key', 'event_id', 'kind']).execute()
  for (const { retry_key, event_id, kind } of rows) world.notices.set(retry_key, `${kind} of ${event_id}`)
  const { url: baseUrl, accessToken } = line
  const client = lineClient({ accessToken, baseUrl, timeoutMs: 10_000 })
  line.fault = () => FAULTS[step.a % FAULTS.length] ?? null
  line.quota = step.b % 5 === 0 ? line.accepted.length : null
  await outboxWorker({ db, dialect, client, clock: Date.now, random: () => 0.5 }).runDue()
  checkNotices(world)
}

/** 9: of no notice has LINE taken two messages. */
export function checkNotices({ line, notices: known }: World): void {
  const seen = new Set<string>()
  for (const { retryKey } of line.accepted) {
    const notice = known.get(retryKey)
    if (notice === undefined)
      throw new Error(`LINE has taken a message under the key ${retryKey}, which nobody has given`)
    if (seen.has(notice)) throw new Error(`LINE has taken two messages: ${notice}`)
    seen.add(notice)
  }
}

export const NOTICES: Steps = { notices: { odds: 3, run: notices } }
