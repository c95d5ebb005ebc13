/** What this counter knows by its server's word: how far that goes, what of its own is stored there, and the shop. */
import type { Kysely } from 'kysely'
import type { StoreId } from '#core/ids.ts'
import type { CounterTables } from '#storage/schema.ts'
import { meta, type SyncPoint } from './meta.ts'
import { loadShop, type Shop } from './shop.ts'

type Knowing = {
  db: Kysely<CounterTables>
  store: StoreId
  /** Fetches the shop, at a counter's first start. */
  first(): Promise<SyncPoint>
  onChange(): void
}

/** Throws when the shop is not known and cannot be had yet. */
export async function openKnowledge({ db, store, first, onChange }: Knowing) {
  let point = (await meta.syncPoint.read(db)) ?? (await first())
  let shop = await needShop(db, store)
  let stored = point.ack
  let version = 0
  const changed = () => {
    version += 1
    onChange()
  }
  return {
    point: { get: () => point, set: (next: SyncPoint) => void (point = next) },
    ack: () => point.ack,
    isWhole: () => point.whole,
    storedUpTo: () => Math.max(stored, point.ack),
    stored(seq: number) {
      stored = Math.max(stored, seq)
      onChange()
    },
    shop: () => shop,
    /** Rows have come in and are on disk. */
    async reload(): Promise<void> {
      shop = await needShop(db, store)
      changed()
    },
    /** Goes up with every change in what is known of members. */
    version: () => version,
    changed,
  }
}

async function needShop(db: Kysely<CounterTables>, store: StoreId): Promise<Shop> {
  const shop = await loadShop(db, store)
  if (!shop) throw new Error('the server has not told this counter its shop yet')
  return shop
}
