/** The few facts a counter keeps about itself, each under a key, each parsed when read. */
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { BusinessDate, EpochId, StoreId, TerminalId } from '#core/ids.ts'
import { Settings } from '#core/contract/terminal.ts'
import { Cursor } from '#core/contract/sync.ts'
import type { CounterTables } from '#storage/schema.ts'

/** Who this counter is: fixed when it joins a shop. The epoch is the life of this database file. */
export const Identity = z.object({
  terminal: TerminalId,
  store: StoreId,
  counter: z.string(),
  serverUrl: z.string(),
  epoch: EpochId,
})
export type Identity = z.infer<typeof Identity>

/** How far this counter's copy of the server's state goes. */
export const SyncPoint = z.object({
  cursor: Cursor,
  /** The last own seq that state contains. */
  ack: z.number().int().min(0),
})
export type SyncPoint = z.infer<typeof SyncPoint>

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
  /** The last business day that was begun here, and whether it has been closed since (R8). */
  day: fact('day', z.object({ date: BusinessDate, closed: z.boolean() })),
  /** Server clock minus ours, ms. */
  clockOffset: fact('clockOffset', z.number().int()),
}
