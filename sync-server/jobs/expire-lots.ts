/** Takes what is free of lots whose last day is over at every store. What counters still hold of them expires as it comes home. */
import { sql } from 'kysely'
import { lotsIn } from '#core/ledger/consequence/facts.ts'
import { isExpired } from '#core/ledger/lot.ts'
import type { ServerDatabase } from '#server/ledger/database.ts'
import { loadHoldings } from '#server/ledger/facts.repository.ts'
import { lastToEnd, todayAt } from '#server/ledger/shop.ts'
import type { Ledger, Unit } from '#server/ledger/unit-of-work.ts'
import { loadLotLoans } from '#server/rights/lot-loans.ts'
import { settleLots } from '#server/intake/aftermath.ts'

const MEMBERS_AT_ONCE = 100

/** Written out rather than bound, so that both engines see that `lot_expiring` has them. */
const somethingFree = sql<boolean>`lot.free > 0`

/** Answers how many members' lots have run out. */
export async function expireLots({ db }: ServerDatabase, ledger: Ledger, now: number): Promise<number> {
  const shop = await ledger.readShop(db)
  const store = shop && lastToEnd(shop, now)
  if (!shop || store === null) return 0
  const run = await db
    .selectFrom('lot')
    .select('member')
    .where('expires_on', '<', todayAt(shop, store, now))
    .where(somethingFree)
    .execute()
  const found = [...new Set(run.map(({ member }) => member))]
  for (let start = 0; start < found.length; start += MEMBERS_AT_ONCE) {
    const members = found.slice(start, start + MEMBERS_AT_ONCE)
    await ledger.write(store, (unit) => expireThose(unit, members, store))
  }
  return found.length
}

async function expireThose(unit: Unit, members: readonly string[], store: string): Promise<void> {
  const { trx, facts, today } = unit
  await unit.lockMembers(members)
  await loadHoldings(trx, facts, members)
  await loadLotLoans(trx, facts)
  const run = lotsIn(facts).filter((lot) => isExpired(lot, today))
  settleLots(unit, { cause: null, store }, run)
}
