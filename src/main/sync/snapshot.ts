/** A counter's start, or its start anew: the server's whole state at one cursor, streamed in and written in large transactions. */
import type { SyncRow } from '#core/contract/sync.ts'
import type { Counter } from '#main/counter/counter.ts'
import { meta, type SyncPoint } from '#main/counter/meta.ts'
import { applyRows } from './apply-rows.ts'
import type { Snapshot } from './client.ts'

const BATCH = 5_000

/** Writes the snapshot's rows; only when all are there does the counter's cursor move. */
export async function takeSnapshot(write: Counter['ledger']['write'], { head, rows }: Snapshot): Promise<SyncPoint> {
  let batch: SyncRow[] = []
  const flush = async () => {
    const full = batch
    batch = []
    if (full.length > 0) await write((unit) => applyRows(unit.trx, full))
  }
  // A lot that is used up is not among the rows: what was known of any before must not outlive them.
  await write((unit) => unit.trx.deleteFrom('lot_mirror').execute())
  for await (const row of rows) {
    batch.push(row)
    if (batch.length >= BATCH) await flush()
  }
  await flush()
  const point = { cursor: head.cursor, ack: head.ack.seq }
  await write((unit) => meta.syncPoint.write(unit.trx, point))
  return point
}
