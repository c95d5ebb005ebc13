/** The shop's own facts that every unit of work needs: its stores and the programme in force. */
import { Programme } from '#core/loyalty/programme.ts'
import { businessDateAt } from '#core/business-date.ts'
import type { BusinessDate } from '#core/ids.ts'
import type { StoreTable } from '#storage/schema.ts'
import type { Db } from './database.ts'

export type Shop = { programme: Programme; stores: ReadonlyMap<string, StoreTable> }

/** Reads the shop; the programme's document is parsed once a version. Null where no shop has been set up yet. */
export function shopReader(): (db: Db) => Promise<Shop | null> {
  let programme: Programme | null = null
  return async (db) => {
    const latest = await db
      .selectFrom('programme')
      .select(({ fn }) => fn.max('version').as('version'))
      .executeTakeFirst()
    if (!latest?.version) return null
    if (programme?.version !== latest.version) {
      const row = await db
        .selectFrom('programme')
        .select('document')
        .where('version', '=', latest.version)
        .executeTakeFirstOrThrow()
      programme = Programme.parse(JSON.parse(row.document))
    }
    const stores = await db.selectFrom('store').selectAll().orderBy('id').execute()
    return { programme, stores: new Map(stores.map((store) => [store.id, store])) }
  }
}

/** The store that what is no store's goes under. */
export const firstStore = ({ stores }: Shop): StoreTable | undefined => [...stores.values()][0]

/** The store that a terminal is of. */
export async function storeOf(db: Db, terminal: string): Promise<string> {
  const row = db.selectFrom('terminal').select('store').where('id', '=', terminal)
  return (await row.executeTakeFirstOrThrow()).store
}

/** The store whose business day ends last: what is over there is over everywhere. Null where there is no store. */
export function lastToEnd(shop: Shop, now: number): string | null {
  const today = (store: string) => todayAt(shop, store, now)
  const [first = null, ...others] = shop.stores.keys()
  return others.reduce((last, store) => (last !== null && today(last) <= today(store) ? last : store), first)
}

/** The business day at a store now; of the first store where that one is not known. */
export function todayAt(shop: Shop, store: string | null, now: number): BusinessDate {
  const at = shop.stores.get(store ?? '') ?? firstStore(shop)
  return businessDateAt(now, at?.zone ?? 'Asia/Taipei', at?.cut_off_hour ?? 0)
}
