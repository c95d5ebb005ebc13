/** How much a push carries: little, so that a slow line sees progress, and more while the line takes it at once. */
import { PUSH_LIMIT } from '#core/contract/sync.ts'

export type PushSize = { events: number; bytes: number }

export const FIRST_PUSH: PushSize = { events: 500, bytes: 800_000 }
const MOST_TIMES = PUSH_LIMIT / FIRST_PUSH.events
const AT_ONCE_MS = 250

/** What the push after the next carries, by how long this one took: the next is ready by then. */
export function sizeAfter({ events }: PushSize, tookMs: number): PushSize {
  const times = tookMs < AT_ONCE_MS ? Math.min((2 * events) / FIRST_PUSH.events, MOST_TIMES) : 1
  return { events: FIRST_PUSH.events * times, bytes: FIRST_PUSH.bytes * times }
}
