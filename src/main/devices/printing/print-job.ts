/** The spool's rows: every paper that was asked for, and what became of it. */
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import { PrintJobState } from '#core/contract/views.ts'
import { Receipt, reprintOf } from '#core/receipt/receipt.ts'
import { insertRows } from '#storage/bulk.ts'
import type { CounterTables, PrintJobTable } from '#storage/schema.ts'

const PrintJob = z.object({
  id: z.string(),
  /** One after the other, as they were asked for. */
  place: z.number().int(),
  eventId: z.string(),
  kind: z.enum(['receipt', 'test']),
  /** 0 is the original, n its n-th reprint. */
  copy: z.number().int(),
  receipt: Receipt,
  state: PrintJobState,
  attempts: z.number().int(),
  /** A code: why the last attempt did not end well. */
  error: z.string().nullable(),
  /** Unix ms. */
  createdAt: z.number().int(),
  updatedAt: z.number().int(),
  /** When the last attempt began. */
  sentAt: z.number().int().nullable(),
})
export type PrintJob = z.infer<typeof PrintJob>

type Db = Kysely<CounterTables>

export type PrintJobRow = PrintJobTable & { place: number }

/** The order in which papers were asked for, whatever clock their ids and times were made by. */
export const asPutIn = sql<number>`rowid`
const place = asPutIn.as('place')

const jobs = (db: Db) => db.selectFrom('print_job').selectAll().select(place)

/** Throws a ZodError when the row's document is not a receipt. */
export const toPrintJob = (row: PrintJobRow): PrintJob =>
  PrintJob.parse({
    id: row.id,
    place: row.place,
    eventId: row.event_id,
    kind: row.kind,
    copy: row.copy,
    receipt: JSON.parse(row.document),
    state: row.state,
    attempts: row.attempts,
    error: row.error,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    sentAt: row.sent_at,
  })

type NewPrintJob = { id: string; eventId: string; receipt: Receipt; at: number }

/** Puts an original into the spool, in the transaction of what it is the receipt of. Kick the spool after the commit. */
export async function enqueue(trx: Db, job: NewPrintJob): Promise<void> {
  await insert(trx, job, 0)
}

/** Puts one more copy of an event's receipt into the spool, marked as a reprint. False when there is nothing to reprint. */
export async function enqueueReprint(trx: Db, job: Omit<NewPrintJob, 'receipt'>): Promise<boolean> {
  const latest = await jobs(trx).where('event_id', '=', job.eventId).orderBy('copy', 'desc').executeTakeFirst()
  if (!latest) return false
  await insert(trx, { ...job, receipt: reprintOf(toPrintJob(latest).receipt) }, latest.copy + 1)
  return true
}

const COLUMNS = [
  'id',
  'event_id',
  'kind',
  'copy',
  'document',
  'state',
  'attempts',
  'error',
  'created_at',
  'updated_at',
  'sent_at',
] as const

async function insert(trx: Db, { id, eventId, receipt, at }: NewPrintJob, copy: number) {
  const row: PrintJobTable = {
    id,
    event_id: eventId,
    kind: receipt.kind === 'test' ? 'test' : 'receipt',
    copy,
    document: JSON.stringify(Receipt.parse(receipt)),
    state: 'queued',
    attempts: 0,
    error: null,
    created_at: at,
    updated_at: at,
    sent_at: null,
  }
  await insertRows(trx, 'print_job', COLUMNS, [row])
}

/** Written out rather than bound, so that SQLite sees that the index on open jobs answers it. */
const isOpen = sql<boolean>`state in ('queued', 'sending', 'doubtful')`

export const oldestQueued = (db: Db): Promise<PrintJobRow | undefined> =>
  jobs(db).where(isOpen).where('state', '=', 'queued').orderBy(asPutIn).limit(1).executeTakeFirst()

export const sendingRows = (db: Db): Promise<PrintJobRow[]> =>
  jobs(db).where(isOpen).where('state', '=', 'sending').execute()

/** Doubtful jobs whose event has no later copy, the oldest first: what a person has still to look at. */
export const unansweredDoubts = async (db: Db): Promise<PrintJob[]> => {
  const rows = await db
    .selectFrom('print_job as job')
    .selectAll()
    .select(place)
    .where(isOpen)
    .where('state', '=', 'doubtful')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('print_job as later')
            .select('later.id')
            .whereRef('later.event_id', '=', 'job.event_id')
            .whereRef('later.copy', '>', 'job.copy'),
        ),
      ),
    )
    .orderBy(asPutIn)
    .execute()
  return rows.map(toPrintJob)
}

/** The newest jobs first: what the preview shows. */
export async function recentPrintJobs(db: Db, limit: number): Promise<PrintJob[]> {
  const rows = await jobs(db).orderBy(asPutIn, 'desc').limit(limit).execute()
  return rows.map(toPrintJob)
}

export async function findPrintJob(db: Db, id: string): Promise<PrintJob | undefined> {
  const row = await jobs(db).where('id', '=', id).executeTakeFirst()
  return row && toPrintJob(row)
}

/** Commits what became of a job. */
export async function updateJob(
  db: Db,
  id: string,
  change: Pick<PrintJobTable, 'error' | 'updated_at'> & { state: PrintJobState; attempts?: number; sent_at?: number },
): Promise<PrintJobRow> {
  return db
    .updateTable('print_job')
    .set(change)
    .where('id', '=', id)
    .returningAll()
    .returning(place)
    .executeTakeFirstOrThrow()
}
