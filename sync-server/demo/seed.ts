/** Fills an empty database with the demo shop, through the server's own events, so that every balance can be proved. */
import { todayAt } from '#server/ledger/shop.ts'
import { ledgerOf, type ServerDatabase } from '#server/ledger/database.ts'
import type { Ledger } from '#server/ledger/unit-of-work.ts'
import { applyShop } from '#server/shop/apply.ts'
import { upsertMembers } from '#storage/member.repository.ts'
import { DEMO_MEMBERS, demoMember } from './members.ts'
import { seededRandom } from './random.ts'
import { demoShop } from './shop.ts'

const SEED = 20_260_101
const AT_ONCE = 50

/** Does nothing where a shop has been set up already; answers whether it did anything. */
export async function seedDemoShop(
  database: ServerDatabase,
  ledger: Ledger,
  clock: () => number,
  count = DEMO_MEMBERS,
): Promise<boolean> {
  if (await ledger.readShop(database.db)) return false
  await applyShop(database, demoShop)
  const shop = await ledger.readShop(database.db)
  if (!shop) throw new Error('the demo shop was not set up')
  const random = seededRandom(SEED)
  const at = { now: clock(), today: todayAt(shop, 's1', clock()) }
  const members = Array.from({ length: count }, (_, n) => demoMember(random, n, at))
  for (let start = 0; start < members.length; start += AT_ONCE) {
    const part = members.slice(start, start + AT_ONCE)
    await ledger.write('s1', async (unit) => {
      for (const member of part) {
        unit.decide(member.enrolled, 's1')
        unit.decide(member.issued, 's1')
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
