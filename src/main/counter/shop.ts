/** What the shop has decided, as this counter last heard it: store, programme, staff, products, other counters' names. */
import type { Kysely } from 'kysely'
import { z } from 'zod'
import {
  StaffState as StaffSchema,
  StoreState as StoreSchema,
  type ProductState,
  type StaffState,
  type StoreState,
} from '#core/contract/sync-rows.ts'
import { Amount, type StoreId } from '#core/ids.ts'
import { Programme } from '#core/loyalty/programme.ts'
import { productKey } from '#core/scan/code.ts'
import type { CounterTables } from '#storage/schema.ts'

export type Shop = {
  store: StoreState
  programme: Programme
  staff: StaffState[]
  /** By `productKey`. */
  products: Map<string, ProductState>
  /** Terminal id → the name people call it by. */
  counters: Map<string, string>
}

/** Null until the counter has heard from its server for the first time. */
export async function loadShop(db: Kysely<CounterTables>, storeId: StoreId): Promise<Shop | null> {
  const store = await db.selectFrom('store').selectAll().where('id', '=', storeId).executeTakeFirst()
  const programme = await db.selectFrom('programme').select('document').orderBy('version', 'desc').executeTakeFirst()
  if (!store || !programme) return null
  const staff = await db.selectFrom('staff').selectAll().where('active', '=', 1).orderBy('id').execute()
  const products = await db.selectFrom('product').selectAll().where('active', '=', 1).execute()
  const counters = await db.selectFrom('terminal_name').select(['id', 'name']).execute()
  return {
    store: StoreSchema.parse({ ...store, cutOffHour: store.cut_off_hour }),
    programme: Programme.parse(JSON.parse(programme.document)),
    staff: z.array(StaffSchema).parse(staff.map((one) => ({ ...one, active: one.active === 1 }))),
    products: new Map(
      products.map((one) => [productKey(one.code), { ...one, price: Amount.parse(one.price), active: true }]),
    ),
    counters: new Map(counters.map((one) => [one.id, one.name])),
  }
}
