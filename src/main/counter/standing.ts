/** Where a person stands at this counter (R10): as the server has said it, with what this counter has done since. */
import { sql } from 'kysely'
import { readEvent } from '#core/ledger/event.ts'
import { standingAfter, standingTogether, type Standing } from '#core/ledger/standing.ts'
import type { MemberTable } from '#storage/schema.ts'
import type { Counter } from './counter.ts'
import { meta } from './meta.ts'

/** A tier reached here alone is provisional: a sale is priced by it, and the server works out its own. */
export async function standingOf(
  counter: Counter,
  db: Counter['db'],
  person: readonly MemberTable[],
): Promise<Standing> {
  const { programme } = counter.shop()
  const told = standingTogether(programme, person)
  const since = await containedUpTo(counter, db)
  if (counter.ledger.head() <= since) return told
  const { terminal, epoch } = counter.ledger.holder
  // Of the ways to these events, only the one by member stays short while a counter is away for weeks.
  const { rows } = await sql<{ text: string }>`
    select text from event indexed by event_by_member
    where member in (${sql.join(person.map(({ id }) => id))}) and terminal = ${terminal} and epoch = ${epoch}
      and seq > ${since} and kind in ('sale.completed', 'sale.refunded')
    order by seq`.execute(db)
  return rows.reduce((standing, { text }) => {
    const read = readEvent(text)
    return read.ok ? standingAfter(programme, standing, read.event) : standing
  }, told)
}

/** Where a pull was cut short, what it has brought may contain all that was ever sent: nothing may count twice. */
async function containedUpTo(counter: Counter, db: Counter['db']): Promise<number> {
  if (counter.isWhole()) return counter.ack()
  return Math.max(counter.ack(), (await meta.sent.read(db)) ?? 0)
}
