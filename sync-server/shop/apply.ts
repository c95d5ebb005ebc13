/**
 * How a shop's document is put into force: what differs is written, in one transaction, and counters hear of it with their
 * next pull. What the document does not name stays as it is.
 */
import { Programme } from '#core/loyalty/programme.ts'
import { takeCursor } from '#server/ledger/cursor.ts'
import type { ServerDatabase, Trx } from '#server/ledger/database.ts'
import { hashPin, verifyPin } from '#storage/pin.ts'
import type { ShopDocument } from './document.ts'

type Changed = { kind: 'store' | 'staff' | 'product' | 'programme'; id: string }

/** Answers what was changed, a line each; nothing when all of it was in force already. */
export async function applyShop({ db }: Pick<ServerDatabase, 'db'>, document: ShopDocument): Promise<string[]> {
  const staff = await withHashes(db, document.staff)
  return db.transaction().execute(async (trx) => {
    const changed = [
      ...(await applyStores(trx, document)),
      ...(await applyStaff(trx, staff)),
      ...(await applyProducts(trx, document.products)),
      ...(await applyProgramme(trx, document.programme)),
    ]
    if (changed.length > 0) {
      const { seq } = await takeCursor(trx)
      await trx
        .insertInto('change')
        .values(changed.map((one) => ({ ...one, seq, scope: '' })))
        .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet({ seq }))
        .execute()
    }
    return changed.map(({ kind, id }) => `${kind} ${id}`)
  })
}

async function applyStores(trx: Trx, { shop, stores }: ShopDocument): Promise<Changed[]> {
  const known = new Map((await trx.selectFrom('store').selectAll().execute()).map((row) => [row.id, row]))
  const rows = stores
    .map(({ id, name, zone, cutOffHour }) => ({ id: String(id), shop, name, zone, cut_off_hour: cutOffHour }))
    .filter((row) => !same(row, known.get(row.id)))
  for (const row of rows) {
    await trx
      .insertInto('store')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute()
  }
  return rows.map(({ id }) => ({ kind: 'store', id }))
}

type StaffRow = { id: string; name: string; role: string; pin: string; active: number }

/** A PIN that is the same keeps its hash, so that applying a document again changes nothing. */
function withHashes(db: ServerDatabase['db'], staff: ShopDocument['staff']): Promise<StaffRow[]> {
  return Promise.all(
    staff.map(async ({ id, name, role, pin }) => {
      const known = await db.selectFrom('staff').select('pin').where('id', '=', id).executeTakeFirst()
      const kept = known && (await verifyPin(pin, known.pin)) ? known.pin : await hashPin(pin)
      return { id, name, role, pin: kept, active: 1 }
    }),
  )
}

async function applyStaff(trx: Trx, staff: readonly StaffRow[]): Promise<Changed[]> {
  const known = new Map((await trx.selectFrom('staff').selectAll().execute()).map((row) => [row.id, row]))
  const rows = staff.filter((row) => !same(row, known.get(row.id)))
  for (const row of rows) {
    await trx
      .insertInto('staff')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute()
  }
  return rows.map(({ id }) => ({ kind: 'staff', id }))
}

async function applyProducts(trx: Trx, products: ShopDocument['products']): Promise<Changed[]> {
  const known = new Map((await trx.selectFrom('product').selectAll().execute()).map((row) => [row.code, row]))
  const rows = products
    .map(({ code, name, price }) => ({ code, name, price: Number(price), active: 1 }))
    .filter((row) => !same(row, known.get(row.code)))
  for (const row of rows) {
    await trx
      .insertInto('product')
      .values(row)
      .onConflict((conflict) => conflict.column('code').doUpdateSet(row))
      .execute()
  }
  return rows.map(({ code }) => ({ kind: 'product', id: code }))
}

/** A programme that differs becomes the next version; sales keep the one they were priced under. */
async function applyProgramme(trx: Trx, programme: ShopDocument['programme']): Promise<Changed[]> {
  const latest = await trx.selectFrom('programme').selectAll().orderBy('version', 'desc').limit(1).executeTakeFirst()
  const version = latest?.version ?? 0
  const as = (number: number) => JSON.stringify(Programme.parse({ ...programme, version: number }))
  if (latest && latest.document === as(version)) return []
  await trx
    .insertInto('programme')
    .values({ version: version + 1, document: as(version + 1) })
    .execute()
  return [{ kind: 'programme', id: 'programme' }]
}

function same(row: Record<string, unknown>, known: Record<string, unknown> | undefined): boolean {
  return known !== undefined && Object.entries(row).every(([column, value]) => known[column] === value)
}
