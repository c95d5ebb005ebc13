/** Where a person stands at this counter (R10): as the server has said it, with what this counter has done since. */
import { sql } from 'kysely'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { standingAfter, standingTogether, type Standing } from '#core/ledger/standing.ts'
import { eventsIn } from '#storage/event.repository.ts'
import type { MemberTable } from '#storage/schema.ts'
import type { Counter, Reckoned } from './counter.ts'
import { earlierUnacknowledged } from './epochs.ts'
import { meta, type Acknowledged } from './meta.ts'

type Person = readonly MemberTable[]

/** Beyond a counter's regulars. */
const MOST_KNOWN = 10_000

/**
 * A tier reached here alone is provisional: a sale is priced by it, and the server works out its own. Only what is
 * committed counts: what the open transaction writes is the caller's to add.
 */
export async function standingOf(counter: Counter, db: Counter['db'], person: Person): Promise<Reckoned> {
  const { programme } = counter.shop()
  const afterAll = (from: Standing, sold: readonly LedgerEvent[]) =>
    sold.reduce((before, event) => standingAfter(programme, before, event), from)
  const told = afterAll(standingTogether(programme, person), await soldEarlier(counter, db, person))
  const since = await containedUpTo(counter, db)
  const upTo = counter.ledger.head()
  if (upTo <= since) return { told, since, upTo: since, standing: told }
  const known = counter.standings.get(keyOf(person))
  const still = known?.since === since && isSame(known.told, told) ? known : { upTo: since, standing: told }
  const sold = await soldSince(db, person, { epoch: counter.ledger.holder.epoch, ack: still.upTo }, upTo)
  return { told, since, upTo, standing: afterAll(still.standing, sold) }
}

/** Once an event of theirs is committed: what is known of it need not be read back. */
export function rememberStanding({ standings }: Counter, person: Person, reckoned: Reckoned): void {
  const key = keyOf(person)
  standings.delete(key)
  standings.set(key, reckoned)
  const [oldest] = standings.keys()
  if (standings.size > MOST_KNOWN && oldest !== undefined) standings.delete(oldest)
}

const keyOf = (person: Person): string => person.map(({ id }) => id).join(' ')
const isSame = (one: Standing, other: Standing): boolean => one.spent === other.spent && one.tier === other.tier

/** Of epochs before this one, what the server may not have heard of (R11). */
async function soldEarlier(counter: Counter, db: Counter['db'], person: Person): Promise<LedgerEvent[]> {
  // As below: nothing may count twice.
  if (!counter.isWhole()) return []
  const sold: LedgerEvent[] = []
  for (const chain of await earlierUnacknowledged(db)) sold.push(...(await soldSince(db, person, chain)))
  return sold
}

async function soldSince(
  db: Counter['db'],
  person: Person,
  { epoch, ack }: Acknowledged,
  upTo = Number.MAX_SAFE_INTEGER,
): Promise<LedgerEvent[]> {
  // Of the ways to these events, only this one stays short while a counter is away for weeks.
  const { rows } = await sql<{ text: string }>`
    select text from event indexed by event_sold
    where member in (${sql.join(person.map(({ id }) => id))}) and seq > ${ack} and seq <= ${upTo}
      and kind in ('sale.completed', 'sale.refunded') and epoch = ${epoch}
    order by seq`.execute(db)
  return eventsIn(rows)
}

/** Where a pull was cut short, what it has brought may contain all that was ever sent: nothing may count twice. */
async function containedUpTo(counter: Counter, db: Counter['db']): Promise<number> {
  if (counter.isWhole()) return counter.ack()
  return Math.max(counter.ack(), (await meta.sent.read(db)) ?? 0)
}
