/** A counter's start, or its start anew: the server's whole state at one cursor, streamed in and written as it comes. */
import type { Kysely } from 'kysely'
import type { SnapshotHead } from '#core/contract/snapshot.ts'
import type { SyncRow } from '#core/contract/sync-rows.ts'
import { fillNames, whileFilling, withoutIndexes } from '#storage/bulk-load.ts'
import type { CounterTables, LedgerName } from '#storage/schema.ts'
import type { Counter } from '#main/counter/counter.ts'
import { mayBeLeft } from '#main/counter/holdings.ts'
import { meta, type SyncPoint } from '#main/counter/meta.ts'
import { applyOwed, applyRows, caughtUp } from './apply-rows.ts'
import { loadPage } from './load-rows.ts'
import type { Snapshot } from './open-snapshot.ts'
import { rowsUnder } from './page-rows.ts'

/** Rows a transaction where sales go on meanwhile: each makes a sale wait a moment. */
const BATCH = 5_000

type Write = Counter['ledger']['write']

/** A new counter's first state: all of it, or none. What finds members is made when everything is there. */
export function takeFirstSnapshot(
  db: Kysely<CounterTables>,
  write: Write,
  { head, pages }: Snapshot,
): Promise<SyncPoint> {
  return whileFilling(db, () =>
    write(async ({ trx }) => {
      await withoutIndexes(trx, ['member', 'lot'], async () => {
        await applyRows(trx, head.rows)
        await applyOwed(trx, head.owed)
        for await (const page of pages) await loadPage(trx, page, head.seq)
        await fillNames(trx.$pickTables<LedgerName>())
      })
      const point = pointOf(head)
      await meta.syncPoint.write(trx, point)
      return point
    }),
  )
}

/**
 * What a member or lot stands under that was known before the snapshot and has not come with it yet: it may be of a life of
 * the server that the server has forgotten, and newer by its numbers (R12). Not 0, which is what the server was never told of.
 */
const KNOWN_BEFORE = -1

/**
 * The state anew, beside sales. What was known before is good until all of it is there, should the line break for days; only
 * then does the counter's cursor move from `begun`, and what is neither member nor lot come in the place of what there was.
 */
export async function takeSnapshot(write: Write, { head, pages }: Snapshot, begun: SyncPoint): Promise<SyncPoint> {
  await write(async ({ trx }) => {
    await meta.syncPoint.write(trx, begun)
    // Whatever an acquire says from here on is of the state that is coming.
    await trx.deleteFrom('lot_ahead').execute()
  })
  await write((unit) => unit.trx.updateTable('lot').set({ seq: KNOWN_BEFORE }).where('seq', '>', 0).execute())
  await write((unit) => unit.trx.updateTable('member').set({ seq: KNOWN_BEFORE }).where('seq', '>', 0).execute())
  for await (const some of inBatches(head, pages)) await write((unit) => applyRows(unit.trx, some))
  const point = pointOf(head)
  await write(async ({ trx }) => {
    for (const table of WHOLE_IN_HEAD) await trx.deleteFrom(table).execute()
    await applyRows(trx, head.rows)
    await applyOwed(trx, head.owed)
    await emptyTheRest(trx)
    await caughtUp(trx, point.ack)
    await meta.syncPoint.write(trx, point)
  })
  return point
}

/** Of these a snapshot's head has all. A store is none of them: its last good zone may be needed. */
const WHOLE_IN_HEAD = ['staff', 'product', 'terminal_name', 'recall', 'outcome'] as const

/** A lot that is used up has not come, nor what the server has forgotten. What this counter holds of it, its own chain says. */
async function emptyTheRest(trx: Kysely<CounterTables>): Promise<void> {
  const lots = trx.updateTable('lot').set({ free: 0, held: '[]', seq: 0 })
  await lots.where('seq', '=', KNOWN_BEFORE).where(mayBeLeft).execute()
  await trx.updateTable('member').set({ seq: 0 }).where('seq', '=', KNOWN_BEFORE).execute()
}

const pointOf = ({ cursor, ack, owed }: SnapshotHead): SyncPoint => ({
  cursor,
  ack: ack.seq,
  whole: true,
  anew: false,
  owed: owed !== null,
})

async function* inBatches({ seq }: SnapshotHead, pages: Snapshot['pages']): AsyncGenerator<SyncRow[]> {
  let batch: SyncRow[] = []
  for await (const page of pages) {
    batch = [...batch, ...rowsUnder(seq, page)]
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
