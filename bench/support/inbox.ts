/** What a server has taken in and not worked out yet, read from its file beside it. */
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { z } from 'zod'

const LOOK_AGAIN_MS = 20
const Count = z.object({ count: z.number() })

/** How many events are kept until they are worked out. */
export function keptAt(server: string): number {
  const db = new Database(server, { readonly: true })
  try {
    return Count.parse(db.prepare('select coalesce(sum(json_array_length(events)), 0) as count from inbox').get()).count
  } finally {
    db.close()
  }
}

/** Resolves once all is worked out. */
export async function workedOut(server: string): Promise<void> {
  while (keptAt(server) > 0) await pause(LOOK_AGAIN_MS)
}
