/** The files that measurements start from: a counter's and a server's database that know the whole shop. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SyncRow } from '#core/contract/sync.ts'
import { freeOf, issued } from '#core/ledger/account.ts'
import { applyRows, memberRow } from '#main/sync/apply-rows.ts'
import { ensureCursor } from '#server/ledger/cursor.ts'
import { openServerDatabase } from '#server/ledger/database.ts'
import { chunks } from '#storage/bulk.ts'
import { insertLots, postBalances } from '#storage/ledger.repository.ts'
import { upsertMembers } from '#storage/member.repository.ts'
import { migrate } from '#storage/migrate.ts'
import { openSqlite } from '#storage/open.ts'
import type { CounterTables, LedgerName } from '#storage/schema.ts'
import { lotAt, lotsOf, memberAt } from './members.ts'
import { shopRows } from './shop.ts'

const BATCH = 5_000

export type Ground = { dir: string; members: number }

const templates = ({ dir }: Ground) => ({ counter: join(dir, 'counter.db'), server: join(dir, 'server.db') })

/** A copy of the counter's (or the server's) database for one measurement. */
export function copyOf(ground: Ground, which: 'counter' | 'server', name: string): string {
  const file = join(ground.dir, `${name}.db`)
  copyFileSync(templates(ground)[which], file)
  return file
}

/** The numbers from 0 up to, and without, `end`, in pieces. */
function* batches(end: number): Generator<number[]> {
  for (let from = 0; from < end; from += BATCH) {
    yield Array.from({ length: Math.min(BATCH, end - from) }, (_, at) => from + at)
  }
}

/** Writes both databases. */
export async function prepare(ground: Ground): Promise<void> {
  await prepareCounter(ground)
  await prepareServer(ground)
}

async function prepareCounter(ground: Ground): Promise<void> {
  const { db, close } = openSqlite<CounterTables>(templates(ground).counter)
  await migrate(db, 'counter', 'sqlite')
  await db.transaction().execute((trx) => applyRows(trx, shopRows))
  for (const numbers of batches(ground.members)) {
    const rows = numbers.map((number): SyncRow => ({ kind: 'member', seq: 1, state: memberAt(number) }))
    await db.transaction().execute((trx) => applyRows(trx, rows))
  }
  for (const serials of batches(lotsOf(ground.members))) {
    const rows = serials.map((serial): SyncRow => ({ kind: 'lot', seq: 1, state: lotAt(serial, ground.members) }))
    await db.transaction().execute((trx) => applyRows(trx, rows))
  }
  await close()
}

async function prepareServer(ground: Ground): Promise<void> {
  const { db, close } = await openServerDatabase(templates(ground).server)
  await ensureCursor(db)
  await db.transaction().execute(async (trx) => {
    await trx.updateTable('cursor').set({ seq: 1, tag: 'first' }).execute()
    await trx.insertInto('commit_tag').values({ seq: 1, tag: 'first' }).execute()
    for (const row of shopRows) {
      if (row.kind === 'store') {
        const { cutOffHour, ...store } = row.state
        await trx
          .insertInto('store')
          .values({ ...store, cut_off_hour: cutOffHour })
          .execute()
      }
      if (row.kind === 'programme') {
        await trx
          .insertInto('programme')
          .values({ version: 1, document: JSON.stringify(row.state) })
          .execute()
      }
    }
  })
  for (const numbers of batches(ground.members)) {
    const rows = numbers.map((number) => memberRow(memberAt(number), 1))
    await db.transaction().execute((trx) => upsertMembers(trx.$pickTables<LedgerName>(), rows))
  }
  for (const serials of batches(lotsOf(ground.members))) {
    const lots = serials.map((serial) => lotAt(serial, ground.members))
    await db.transaction().execute(async (trx) => {
      const ledger = trx.$pickTables<LedgerName>()
      await insertLots(
        ledger,
        lots.map(({ lot }) => lot),
      )
      await postBalances(
        ledger,
        lots.map(({ lot: { id, asset, quantity } }) => ({
          asset,
          from: issued(asset),
          to: freeOf(id),
          amount: quantity,
        })),
      )
      for (const part of chunks(lots, 7)) {
        await trx
          .insertInto('lot_state')
          .values(
            part.map(({ lot, free }) => ({
              lot: lot.id,
              member: lot.member,
              asset: lot.asset,
              expires_on: lot.expiresOn,
              free,
              held: '[]',
              seq: 1,
            })),
          )
          .execute()
      }
    })
  }
  await close()
}
