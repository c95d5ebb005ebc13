/** The events in this counter's file, by the chains they are in. */
import { sql, type Kysely } from 'kysely'
import type { Holder } from '#core/ledger/account.ts'
import type { CounterTables } from '#storage/schema.ts'

export const eventsOf = (db: Kysely<CounterTables>, { terminal, epoch }: Holder) =>
  db.selectFrom('event').where('event.terminal', '=', terminal).where('event.epoch', '=', epoch)

/** What somebody here has done, and not the counter by itself. */
export const bySomebody = sql<boolean>`event.kind not like 'rights.%' and event.kind <> 'epoch.opened'`
