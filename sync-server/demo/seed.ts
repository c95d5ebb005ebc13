/** Fills an empty database with the demo shop, through the server's own events, so that every balance can be proved. */
import { todayAt } from '#server/ledger/shop.ts'
import { ledgerOf, type ServerDatabase } from '#server/ledger/database.ts'
import { takeCursor } from '#server/ledger/cursor.ts'
import type { Ledger } from '#server/ledger/unit-of-work.ts'
import { upsertMembers } from '#storage/member.repository.ts'
import { hashPin } from '#storage/pin.ts'
import { DEMO_MEMBERS, demoMember } from './members.ts'
import { seededRandom } from './random.ts'
import { demoProducts, demoProgramme, demoStaff, demoStores } from './shop.ts'

const SEED = 20_260_101
const AT_ONCE = 50

/** Does nothing where a shop has been set up already; answers whether it did anything. */
export async function seedDemoShop(database: ServerDatabase, ledger: Ledger, clock: () => number): Promise<boolean> {
  if (await ledger.readShop(database.db)) return false
  await setUpShop(database)
  const shop = await ledger.readShop(database.db)
  if (!shop) throw new Error('the demo shop was not set up')
  const random = seededRandom(SEED)
  const at = { now: clock(), today: todayAt(shop, 's1', clock()) }
  const members = Array.from({ length: DEMO_MEMBERS }, (_, n) => demoMember(random, n, at))
  for (let start = 0; start < members.length; start += AT_ONCE) {
    const part = members.slice(start, start + AT_ONCE)
    await ledger.write('s1', async (unit) => {
      for (const member of part) {
        unit.decide(member.enrolled, 's1')
        unit.decide(member.issued, 's1')
        unit.changed('member', member.row.id)
      }
      unit.later((trx, seq) =>
        upsertMembers(
          ledgerOf(trx),
          part.map(({ row }) => ({ ...row, seq })),
        ),
      )
      unit.later((trx) =>
        trx
          .insertInto('personal')
          .values(part.map(({ personal }) => personal))
          .execute(),
      )
    })
  }
  return true
}

async function setUpShop({ db }: ServerDatabase): Promise<void> {
  const staff = await Promise.all(
    demoStaff.map(async ({ pin, ...one }) => ({ ...one, pin: await hashPin(pin), active: 1 })),
  )
  await db.transaction().execute(async (trx) => {
    const { seq } = await takeCursor(trx)
    await trx
      .insertInto('store')
      .values([...demoStores])
      .execute()
    await trx.insertInto('staff').values(staff).execute()
    await trx
      .insertInto('product')
      .values([...demoProducts])
      .execute()
    await trx
      .insertInto('programme')
      .values({ version: demoProgramme.version, document: JSON.stringify(demoProgramme) })
      .execute()
    const changed = [
      { kind: 'programme', id: 'programme' },
      ...demoStores.map(({ id }) => ({ kind: 'store', id })),
      ...staff.map(({ id }) => ({ kind: 'staff', id })),
      ...demoProducts.map(({ code }) => ({ kind: 'product', id: code })),
    ]
    await trx
      .insertInto('change')
      .values(changed.map((one) => ({ ...one, seq, scope: '' })))
      .execute()
  })
}
