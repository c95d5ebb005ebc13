/** A shop's document put into force: once, again, and changed. */
import { expect, it } from 'vitest'
import { ensureCursor } from '#server/ledger/cursor.ts'
import { openServerDatabase } from '#server/ledger/database.ts'
import { demoShop } from '#server/demo/shop.ts'
import { tempDir } from '#test/support/temp.ts'
import { applyShop } from './apply.ts'
import { ShopDocument } from './document.ts'

async function emptyServer() {
  const database = await openServerDatabase(`${tempDir()}/server.sqlite`)
  await ensureCursor(database.db)
  return database
}

it('writes what differs, and nothing when it is in force already', async () => {
  const database = await emptyServer()
  const first = await applyShop(database, demoShop)
  expect(first).toHaveLength(demoShop.stores.length + demoShop.staff.length + demoShop.products.length + 1)
  expect(await applyShop(database, demoShop)).toEqual([])
  await database.close()
})

it('makes a changed programme the next version, and tells counters only of what changed', async () => {
  const database = await emptyServer()
  await applyShop(database, demoShop)
  const [product, ...rest] = demoShop.products
  const dearer = ShopDocument.parse({
    ...demoShop,
    products: [{ ...product, price: 999 }, ...rest],
    programme: { ...demoShop.programme, claimValidDays: 7 },
  })
  expect(await applyShop(database, dearer)).toEqual([`product ${product?.code}`, 'programme programme'])
  const versions = await database.db.selectFrom('programme').select('version').orderBy('version').execute()
  expect(versions).toEqual([{ version: 1 }, { version: 2 }])
  const changed = await database.db
    .selectFrom('change')
    .select(['kind', 'id'])
    .where('seq', '=', 2)
    .orderBy('kind')
    .execute()
  expect(changed).toEqual([
    { kind: 'product', id: product?.code },
    { kind: 'programme', id: 'programme' },
  ])
  await database.close()
})
