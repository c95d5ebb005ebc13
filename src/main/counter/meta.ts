/** The few facts a counter keeps about itself, each under a key, each parsed when read. */
import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { ServerTime } from '#core/clock.ts'
import { BusinessDate, EpochId, StoreId, TerminalId } from '#core/ids.ts'
import { Settings } from '#core/contract/terminal.ts'
import { Cursor } from '#core/contract/sync.ts'
import type { Holder } from '#core/ledger/account.ts'
import type { CounterTables } from '#storage/schema.ts'

/** Who this counter is: fixed when it joins a shop. The epoch is the life of this database file. */
export const Identity = z.object({
  terminal: TerminalId,
  store: StoreId,
  counter: z.string(),
  serverUrl: z.string(),
  epoch: EpochId,
  /** The epoch that this file was restored from (R11). */
  before: EpochId.nullable().default(null),
})
export type Identity = z.infer<typeof Identity>

/** How far this counter's copy of the server's state goes. */
export const SyncPoint = z.object({
  cursor: Cursor,
  /** The last own seq that state contains. */
  ack: z.number().int().min(0),
  /** False while only a part of what changed has come: what is there may contain own events after `ack`. */
  whole: z.boolean().default(true),
  /** True from when a state taken anew begins to come until all of it is there: no pull goes on from a part of it. */
  anew: z.boolean().default(false),
  /** What members owe is known, so that only changes need be told: not so to an older program, nor of an older server. */
  owed: z.boolean().default(false),
})
export type SyncPoint = z.infer<typeof SyncPoint>

/** An epoch, and the last of its events that a state pulled from the server has contained. */
const Acknowledged = z.object({ epoch: EpochId, ack: z.number().int().min(0) })
export type Acknowledged = z.infer<typeof Acknowledged>
/** As earlier programs wrote it, who did not note how much of it had been acknowledged. */
const EpochAlone = EpochId.transform((epoch): Acknowledged => ({ epoch, ack: 0 }))

/** The last business day that was begun here, and whether it has been closed since (R8). */
export const DayBegun = z.object({
  date: BusinessDate,
  closed: z.boolean(),
  /** The one before it, where nobody has closed that. */
  unclosed: BusinessDate.nullable().default(null),
})
export type DayBegun = z.infer<typeof DayBegun>

/** What the server said of its clock. */
const ServerSaid = z.object({ offset: z.number().int(), heard: z.number().int().nullable() })
/** As earlier programs wrote it, who did not note when. */
const OffsetAlone = z
  .number()
  .int()
  .transform((offset): ServerTime => ({ offset, heard: null }))

/** One typed place for each fact: `read` gives null until it is first written. */
function fact<T>(key: string, schema: z.ZodType<T>) {
  return {
    async read(db: Kysely<CounterTables>): Promise<T | null> {
      const row = await db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst()
      return row ? schema.parse(JSON.parse(row.value)) : null
    },
    async write(db: Kysely<CounterTables>, value: T): Promise<void> {
      const text = JSON.stringify(value)
      await db
        .insertInto('meta')
        .values({ key, value: text })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: text }))
        .execute()
    },
  }
}

export const meta = {
  identity: fact('identity', Identity),
  syncPoint: fact('syncPoint', SyncPoint),
  settings: fact('settings', Settings),
  /** The last own seq that may have left this counter; written before the push it stands for (R5). */
  sent: fact('sent', z.number().int().min(0)),
  day: fact('day', DayBegun),
  /** Epochs before this one whose events may not all be at the server (R11, R12). */
  earlier: fact('earlier', z.array(z.union([Acknowledged, EpochAlone]))),
  /** The epoch of which a server that has another branch was shown all of this disk's, from its beginning (R11). */
  shown: fact('shown', EpochId),
  /** Why the server holds its data back from this counter, while it does. */
  withheld: fact('withheld', z.string().nullable()),
  clockOffset: fact('clockOffset', z.union([ServerSaid, OffsetAlone])),
}

/** The epochs before this one that the file has events of, oldest first. All is acknowledged but what is `left` of some. */
export async function earlierEpochs(
  db: Kysely<CounterTables>,
  { terminal, epoch }: Holder,
  left: readonly Acknowledged[],
): Promise<Acknowledged[]> {
  const rows = await db
    .selectFrom('event')
    .select(['epoch', ({ fn }) => fn.min('occurred_at').as('since'), ({ fn }) => fn.max('seq').as('last')])
    .where('terminal', '=', terminal)
    .where('epoch', '<>', epoch)
    .groupBy('epoch')
    .orderBy('since')
    .execute()
  return rows.map((row) => {
    const known = left.find((one) => one.epoch === row.epoch)
    return { epoch: EpochId.parse(row.epoch), ack: known ? known.ack : row.last }
  })
}
