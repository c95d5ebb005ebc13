/** The spool: sends one job after the other, and never guesses what became of one. */
import type { Kysely } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import type { PrinterState, PrintJobState } from '#core/contract/views.ts'
import { layout } from '#core/receipt/layout.ts'
import type { CounterTables } from '#storage/schema.ts'
import { encode } from './escpos.ts'
import {
  enqueueReprint,
  oldestQueued,
  type PrintJob,
  type PrintJobRow,
  sendingRows,
  toPrintJob,
  unansweredDoubts,
  updateJob,
} from './print-job.ts'
import { previewPng } from './preview.ts'
import type { PrinterProfile } from './profile.ts'
import type { PrinterTransport } from './transport.ts'

/** With `transport: null` jobs are not sent but shown, in this profile's width. */
export type Printer = { profile: PrinterProfile; transport: PrinterTransport | null }

export type SpoolOptions = {
  db: Kysely<CounterTables>
  printer: Printer
  /** Unix ms, by the clock that events are dated by. */
  now: () => number
  /** After every committed change of a job's state. */
  onChange: (job: PrintJob) => void
  /** The database failed, or a listener did; the spool goes on trying. */
  onError: (error: unknown) => void
}

export type Spool = {
  /** Begins to work. What was being sent when the program last ended becomes doubtful. */
  start(): void
  /** Ends after the job that is being sent. */
  stop(): Promise<void>
  /** There may be work, or the printer may be back: look now. */
  kick(): void
  /** Once there is nothing more to do for now. */
  atRest(): Promise<void>
  setPrinter(printer: Printer): void
  printerState(): Promise<PrinterState>
  /** The very bytes this job is sent as. */
  bytesOf(job: PrintJob): Buffer
  /** The paper those bytes make, as a PNG image. */
  previewOf(job: PrintJob): Buffer
  /** A person's answer about a doubtful job; what did not come out is printed again. False when it is not doubtful. */
  settle(id: string, outcome: 'printed' | 'notPrinted'): Promise<boolean>
}

const RETRY_MS = { first: 1000, most: 30_000 }

/**
 * A customer waits a minute for change, hardly longer. A paper that comes later finds nobody there, and a drawer that it
 * opened would stand unattended.
 */
const DRAWER_WITHIN_MS = 60_000

export function createSpool({ db, printer: initial, now, onChange, onError }: SpoolOptions): Spool {
  let printer = initial
  let running = false
  let working: Promise<void> | undefined
  let kicked = false
  let retry: NodeJS.Timeout | undefined
  let sending = false
  let reachable = true

  async function move(row: PrintJobRow, state: PrintJobState, error: string | null) {
    const moved = await updateJob(db, row.id, { state, error, updated_at: now() })
    report(moved)
    return moved
  }

  async function beginSending({ id, attempts }: PrintJobRow, at: number) {
    const begun = { state: 'sending', error: null, attempts: attempts + 1, sent_at: at, updated_at: at } as const
    const sent = await updateJob(db, id, begun)
    report(sent)
    return sent
  }

  function report(row: PrintJobRow) {
    try {
      onChange(toPrintJob(row))
    } catch (error) {
      onError(error)
    }
  }

  function bytesOf(job: PrintJob): Buffer {
    const commands = layout(job.receipt)
    // Sent before it was made, it was made by a clock that has been set back since: nobody knows how long ago.
    const late = Math.abs((job.sentAt ?? now()) - job.createdAt) > DRAWER_WITHIN_MS
    return encode(late ? commands.filter(({ type }) => type !== 'drawer') : commands, printer.profile)
  }

  function ready(row: PrintJobRow, at: number): Buffer | undefined {
    try {
      return bytesOf(toPrintJob({ ...row, sent_at: at }))
    } catch (error) {
      onError(error)
      return undefined
    }
  }

  /** Answers whether the job is done with, whatever came of it; if not, it is to be tried again later. */
  async function print(row: PrintJobRow): Promise<boolean> {
    const { transport } = printer
    const at = now()
    // Without a printer nothing is drawn until somebody looks.
    const bytes = transport && ready(row, at)
    if (!transport) await move(row, 'shown', null)
    else if (!bytes) await move(row, 'failed', 'unprintable')
    else {
      const sent = await beginSending(row, at)
      sending = true
      const result = await transport.send(bytes).finally(() => (sending = false))
      reachable = result.ok || result.fate === 'unknown'
      if (result.ok) await move(sent, 'printed', null)
      else if (result.fate === 'unknown') await move(sent, 'doubtful', result.code)
      else {
        await move(sent, 'queued', result.code)
        return false
      }
    }
    return true
  }

  async function work() {
    // Nothing is being sent now, so what says it is was cut short.
    for (const row of await sendingRows(db)) await move(row, 'doubtful', 'interrupted')
    for (;;) {
      const row = running ? await oldestQueued(db) : undefined
      if (!row) return
      if (!(await print(row))) {
        retryIn(Math.min(RETRY_MS.first * 2 ** row.attempts, RETRY_MS.most))
        return
      }
    }
  }

  function retryIn(ms: number) {
    clearTimeout(retry)
    if (running) retry = setTimeout(kick, ms)
  }

  function kick() {
    if (!running) return
    if (working) {
      kicked = true
      return
    }
    kicked = false
    clearTimeout(retry)
    working = work()
      .catch((error: unknown) => {
        onError(error)
        retryIn(RETRY_MS.most)
      })
      .finally(() => {
        working = undefined
        if (kicked) kick()
      })
  }

  return {
    bytesOf,
    previewOf: (job) => previewPng(bytesOf(job), printer.profile.widthDots),
    kick,
    async atRest() {
      while (working) await working
    },
    start() {
      running = true
      kick()
    },
    async stop() {
      running = false
      clearTimeout(retry)
      await working
    },
    setPrinter(next) {
      printer = next
      reachable = true
      kick()
    },
    async printerState() {
      if (sending) return 'printing'
      if ((await unansweredDoubts(db)).length > 0) return 'doubtful'
      if (!printer.transport) return 'none'
      return reachable ? 'ready' : 'offline'
    },
    async settle(id, outcome) {
      const at = now()
      // Both or neither: a doubt that was closed without its reprint nobody would be asked about again.
      const settled = await db.transaction().execute(async (trx) => {
        const doubt = (await unansweredDoubts(trx)).find((job) => job.id === id)
        if (!doubt) return undefined
        if (outcome === 'printed') return updateJob(trx, id, { state: 'printed', error: null, updated_at: at })
        await enqueueReprint(trx, { id: uuidv7(), eventId: doubt.eventId, at })
        return updateJob(trx, id, { state: 'failed', error: 'notPrinted', updated_at: at })
      })
      if (!settled) return false
      report(settled)
      kick()
      return true
    },
  }
}
