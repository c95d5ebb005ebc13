/**
 * Nobody can take a claim while a restored server waits for its counters (R12): what runs out meanwhile is good until the
 * day after.
 */
import { addDays } from '#core/business-date.ts'
import type { BusinessDate } from '#core/ids.ts'
import type { Db } from '#server/ledger/database.ts'
import { todayAt, type Shop } from '#server/ledger/shop.ts'

/** A store's claims have run out when their last day is before this one: today, or where the wait began. */
export async function runOutBefore(db: Db, shop: Shop, store: string, now: number): Promise<BusinessDate> {
  const waits = await db.selectFrom('restored').select(['at', 'settled_at']).orderBy('at', 'desc').execute()
  return waits.reduce(
    (before, { at, settled_at }) => {
      const began = todayAt(shop, store, at)
      const dayAfter = addDays(todayAt(shop, store, settled_at ?? now), 1)
      return began < before && before <= dayAfter ? began : before
    },
    todayAt(shop, store, now),
  )
}
