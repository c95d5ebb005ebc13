/** The files that measurements start from: a counter's and a server's database that know the whole shop. */
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LotState } from '#core/contract/sync-rows.ts'
import { applyRows, memberRow } from '#main/sync/apply-rows.ts'
import { ensureCursor, takeCursor } from '#server/ledger/cursor.ts'
import { openServerDatabase, type Trx } from '#server/ledger/database.ts'
import { withoutIndexes } from '#storage/bulk-load.ts'
import { saveLots } from '#storage/ledger.repository.ts'
import { upsertMembers } from '#storage/member.repository.ts'
import { migrate } from '#storage/migrate.ts'
import { openSqlite } from '#storage/open.ts'
import type { CounterTables, LedgerName } from '#storage/schema.ts'
import { lotAt, lotsOf, memberAt } from './members.ts'
import { PROGRAMME, shopRows, STORE } from './shop.ts'

const BATCH = 5_000

export type Ground = { dir: string; members: number }

const templates = ({ dir }: Ground) => ({ counter: join(dir, 'counter.db'), server: join(dir, 'server.db') })

/** A copy of the counter's (or the server's) database for one measurement. */
export function copyOf(ground: Ground, which: 'counter' | 'server', name: string): string {
  const file = join(workFolder(ground), `${name}.db`)
  copyFileSync(templates(ground)[which], file)
  return file
}

/** Where a measurement leaves its files. */
export function workFolder({ dir }: Ground): string {
  const folder = join(dir, 'work')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Clears away what a measurement has left. */
export function tidy(ground: Ground): void {
  rmSync(workFolder(ground), { recursive: true })
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

export async function prepareCounter(ground: Ground): Promise<void> {
  const { db, close } = openSqlite<CounterTables>(templates(ground).counter)
  await migrate(db, 'counter', 'sqlite')
  await db.transaction().execute((trx) =>
    withoutIndexes(trx, ['member', 'lot'], async () => {
      await applyRows(trx, shopRows)
      for (const numbers of batches(ground.members)) {
        await applyRows(
          trx,
          numbers.map((number) => ({ kind: 'member', seq: 1, state: memberAt(number) })),
        )
      }
      for (const serials of batches(lotsOf(ground.members))) {
        await applyRows(
          trx,
          serials.map((serial) => ({ kind: 'lot', seq: 1, state: lotAt(serial, ground.members) })),
        )
      }
    }),
  )
  await close()
}

export async function prepareServer(ground: Ground): Promise<void> {
  const { db, close } = await openServerDatabase(templates(ground).server)
  await ensureCursor(db)
  await db.transaction().execute((trx) =>
    withoutIndexes(trx, ['member', 'lot'], async () => {
      await openShop(trx)
      for (const numbers of batches(ground.members)) {
        const rows = numbers.map((number) => memberRow(memberAt(number), 1))
        await upsertMembers(trx.$pickTables<LedgerName>(), rows)
      }
      for (const serials of batches(lotsOf(ground.members))) {
        await issue(
          trx,
          serials.map((serial) => lotAt(serial, ground.members)),
        )
      }
    }),
  )
  await close()
}

/** The server's first commit: its store and programme. */
async function openShop(trx: Trx): Promise<void> {
  const { cutOffHour, ...store } = STORE
  await takeCursor(trx)
  await trx
    .insertInto('store')
    .values({ ...store, cut_off_hour: cutOffHour })
    .execute()
  await trx
    .insertInto('programme')
    .values({ version: PROGRAMME.version, document: JSON.stringify(PROGRAMME) })
    .execute()
}

async function issue(trx: Trx, states: readonly LotState[]): Promise<void> {
  const rows = states.map((state) => ({ ...state, seq: 1 }))
  await saveLots(trx.$pickTables<LedgerName>(), rows)
}
