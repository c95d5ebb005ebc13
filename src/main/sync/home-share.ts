/** Asks the server for this counter's share of what its recent visitors have (R8); grants come with the next pull. */
import { safe } from '@orpc/client'
import { PROTOCOL } from '#core/contract/sync.ts'
import type { MemberId } from '#core/ids.ts'
import { shareWanted } from '#core/loyalty/home-share.ts'
import type { HomeShare } from '#core/loyalty/programme.ts'
import type { Counter } from '#main/counter/counter.ts'
import { isAnswer, type SyncClient } from './client.ts'
import { visitorsWithShare } from './visitors.ts'

/** A member whom the server had nothing for, or failed to answer about, is asked after again no sooner than this. */
const AGAIN_MS = 10 * 60_000

export type HomeShareOptions = {
  client: SyncClient
  counter: Counter
  now: () => number
  signal: AbortSignal
  onError(error: unknown): void
}

/**
 * Gives a function that asks when there is something to ask for; it says whether anything was granted. Throws when the line
 * breaks, and asks again in the next round then; an error that the server answers with keeps nobody from being online.
 */
export function homeShare({ client, counter, now, signal, onError }: HomeShareOptions): () => Promise<boolean> {
  const asked = new Map<MemberId, number>()
  return async () => {
    const { today } = counter.moment()
    const visitors = await visitorsWithShare(counter, counter.db)
    const due = visitors
      .filter(({ policies, stakes }) => shareWanted(policies, stakes, today).length > 0)
      .filter(({ member }) => now() - (asked.get(member) ?? -Infinity) >= AGAIN_MS)
    let granted = 0
    // The policies that hold may differ from one visitor to the next: by when they were here, and once the day is closed.
    for (const [, alike] of Map.groupBy(due, ({ policies }) => assetsOf(policies).join())) {
      const members = alike.map(({ member }) => member)
      const asking = {
        protocol: PROTOCOL,
        ...counter.ledger.holder,
        members,
        assets: assetsOf(alike[0]?.policies ?? []),
      }
      const { error, data } = await safe(client.share(asking, { signal }))
      if (error && !isAnswer(error)) throw error
      if (error) onError(error)
      if (!data?.restoring) for (const member of members) asked.set(member, now())
      granted += data?.members ?? 0
    }
    return granted > 0
  }
}

const assetsOf = (policies: readonly HomeShare[]) => policies.map(({ asset }) => asset)
