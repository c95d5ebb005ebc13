/** Papers as the screen sees them: what became of each, once more on demand, and a test of the printer. */
import { v7 as uuidv7 } from 'uuid'
import type { DoubtView, PrintJobView } from '#core/contract/views.ts'
import { Amount } from '#core/ids.ts'
import { testReceipt } from '#core/receipt/test-receipt.ts'
import { refuse, planned, type Planned } from '#core/ledger/refusal.ts'
import {
  asPutIn,
  enqueue,
  enqueueReprint,
  findPrintJob,
  unansweredDoubts,
  type PrintJob,
} from '#main/devices/printing/print-job.ts'
import type { Counter } from './counter.ts'
import { frame } from './receipts.ts'

export const jobView = (job: PrintJob): PrintJobView => ({
  id: job.id,
  place: job.place,
  event: job.eventId,
  copy: job.copy,
  state: job.state,
  error: job.error,
  at: job.createdAt,
})

/** Prints an event's receipt again (this counter's last one when none is named), marked REPRINT, with the same claim. */
export async function reprint(counter: Counter, event: string | null): Promise<Planned<PrintJobView>> {
  const eventId = event ?? (await lastPrinted(counter))
  const id = uuidv7()
  const at = counter.moment().now
  const queued =
    eventId !== null && (await counter.db.transaction().execute((trx) => enqueueReprint(trx, { id, eventId, at })))
  if (!queued) return refuse({ code: 'saleUnknown' })
  return planned(await kicked(counter, id))
}

async function lastPrinted(counter: Counter): Promise<string | null> {
  const row = await counter.db
    .selectFrom('print_job')
    .select('event_id')
    .where('kind', '=', 'receipt')
    .where('copy', '=', 0)
    .orderBy(asPutIn, 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.event_id ?? null
}

export async function doubts(counter: Counter): Promise<DoubtView[]> {
  const jobs = await unansweredDoubts(counter.db)
  return jobs.map(({ id, createdAt, receipt: { receiptNumber, total } }) => ({
    job: id,
    at: createdAt,
    receiptNumber,
    total: Amount.parse(total),
  }))
}

/** A page that shows what this printer makes of both scripts. */
export async function testPrint(counter: Counter): Promise<PrintJobView> {
  const { now, today } = counter.moment()
  const id = uuidv7()
  const receipt = testReceipt({ ...frame(counter, now), businessDate: today })
  await enqueue(counter.db, { id, eventId: id, receipt, at: now })
  return kicked(counter, id)
}

async function kicked(counter: Counter, id: string): Promise<PrintJobView> {
  const job = await findPrintJob(counter.db, id)
  if (!job) throw new Error('the print job was not kept')
  counter.print()
  return jobView(job)
}
