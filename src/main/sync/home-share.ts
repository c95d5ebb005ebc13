/** Asks the server for this counter's share of what its recent visitors have (R8); grants come with the next pull. */
import { safe } from '@orpc/client'
import { PROTOCOL } from '#core/contract/sync.ts'
import type { MemberId } from '#core/ids.ts'
import { shareWanted } from '#core/loyalty/home-share.ts'
import type { Counter } from '#main/counter/counter.ts'
import type { SyncClient } from './client.ts'
import { visitorsWithShare } from './visitors.ts'

/** A member whom the server had nothing for is asked after again no sooner than this. */
const AGAIN_MS = 10 * 60_000

export type HomeShareOptions = { client: SyncClient; counter: Counter; now: () => number; signal: AbortSignal }

/** Gives a function that asks when there is something to ask for; it says whether anything was granted. */
export function homeShare({ client, counter, now, signal }: HomeShareOptions): () => Promise<boolean> {
  const asked = new Map<MemberId, number>()
  return async () => {
    const { today } = counter.moment()
    const visitors = await visitorsWithShare(counter, counter.db)
    const members = visitors
      .filter(({ policies, stakes }) => shareWanted(policies, stakes, today).length > 0)
      .map(({ member }) => member)
      .filter((member) => now() - (asked.get(member) ?? -Infinity) >= AGAIN_MS)
    if (members.length === 0) return false
    for (const member of members) asked.set(member, now())
    const { error, data } = await safe(
      client.share({ protocol: PROTOCOL, ...counter.ledger.holder, members }, { signal }),
    )
    if (error) throw error
    return data.members > 0
  }
}
