/** A shop whose disks come to harm: its first two counters, and what is asked of it afterwards. */
import type { MemberId } from '#core/ids.ts'
import { startShop, type CounterAtWork, type Shop } from './shop.ts'

export async function shopWith(counters: number): Promise<{ shop: Shop; one: CounterAtWork; two: CounterAtWork }> {
  const shop = await startShop({ counters })
  const [one, two = shop.counters[0]] = shop.counters
  if (!one || !two) throw new Error('there are no counters')
  return { shop, one, two }
}

export const valueOf = async (counter: CounterAtWork, member: MemberId) =>
  (await counter.screen.members.get({ member })).storedValue.total

export const eventsAtServer = async (shop: Shop, ids: readonly string[]) =>
  (await shop.server.database.db.selectFrom('event').select('id').where('id', 'in', ids).execute()).length
