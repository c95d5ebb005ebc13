import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { v7 as uuid } from 'uuid'
import type { Receipt } from '#core/receipt/receipt.ts'
import { migrate } from '#storage/migrate.ts'
import { openSqlite } from '#storage/open.ts'
import type { CounterTables } from '#storage/schema.ts'
import { startPrinter } from '#test/support/printer.ts'
import { claimSale, memberSale } from '#test/support/receipts.ts'
import { tempDir } from '#test/support/temp.ts'
import { enqueue, enqueueReprint, type PrintJob, recentPrintJobs } from './print-job.ts'
import { previewPng } from './preview.ts'
import { PRINTER_PROFILES } from './profile.ts'
import { createSpool } from './spool.ts'
import { type PrinterTransport, tcpTransport } from './transport.ts'

const HOST = '127.0.0.1'
const profile = PRINTER_PROFILES[0]!

async function openTerminal(file = join(tempDir(), 'counter.db')) {
  const { db, close } = openSqlite<CounterTables>(file)
  onTestFinished(close)
  await migrate(db, 'counter', 'sqlite')
  return { db, file, close }
}
type Db = Awaited<ReturnType<typeof openTerminal>>['db']

/** A spool and its changes, as the terminal sees them. */
function watchedSpool(db: Db, transport: PrinterTransport | null, now = Date.now) {
  const changes: string[] = []
  const jobs = new Map<string, PrintJob>()
  const errors: unknown[] = []
  let look = () => {}
  const spool = createSpool({
    db,
    printer: { profile, transport },
    now,
    onChange: (job) => {
      changes.push(`${job.copy}:${job.state}${job.error ? `:${job.error}` : ''}`)
      jobs.set(job.id, job)
      look()
    },
    onError: (error) => errors.push(error),
  })
  onTestFinished(() => spool.stop())
  const until = async (change: string, times = 1) => {
    while (changes.filter((seen) => seen === change).length < times) await new Promise<void>((r) => (look = r))
  }
  return { spool, changes, errors, until, jobs }
}

async function sell(db: Db, receipt: Receipt = memberSale, at = Date.now()) {
  const job = { id: uuid(), eventId: uuid(), receipt, at }
  await db.transaction().execute((trx) => enqueue(trx, job))
  return job
}

async function reprint(db: Db, eventId: string) {
  return db.transaction().execute((trx) => enqueueReprint(trx, { id: uuid(), eventId, at: Date.now() }))
}

const stateOf = async (db: Db, id: string) => (await recentPrintJobs(db, 100)).find((job) => job.id === id)?.state

describe('the spool', () => {
  it('prints what was queued, in order, by the very bytes the preview shows', async () => {
    const { db } = await openTerminal()
    const printer = await startPrinter()
    await sell(db)
    await sell(db, claimSale)
    const { spool, changes, until, jobs } = watchedSpool(db, tcpTransport({ host: HOST, port: printer.port }))
    spool.start()
    await until('0:printed', 2)
    await printer.received(2)
    expect(changes).toEqual(['0:sending', '0:printed', '0:sending', '0:printed'])
    expect(printer.jobs.map((bytes) => bytes.length)).toEqual([...jobs.values()].map((j) => spool.bytesOf(j).length))
    expect([...jobs.values()].every((job, index) => spool.bytesOf(job).equals(printer.jobs[index]!))).toBe(true)
    for (const job of jobs.values()) expect(spool.previewOf(job)).toEqual(previewPng(spool.bytesOf(job), 576))
    expect(await spool.printerState()).toBe('ready')
  })

  it('prints nothing of a sale that was rolled back', async () => {
    const { db } = await openTerminal()
    const undone = db.transaction().execute(async (trx) => {
      await enqueue(trx, { id: uuid(), eventId: uuid(), receipt: memberSale, at: 1 })
      throw new Error('the sale failed')
    })
    await expect(undone).rejects.toThrow('the sale failed')
    expect(await recentPrintJobs(db, 10)).toEqual([])
  })

  it('only shows when there is no printer', async () => {
    const { db } = await openTerminal()
    const { spool, changes, until } = watchedSpool(db, null)
    spool.start()
    await sell(db)
    spool.kick()
    await until('0:shown')
    expect(changes).toEqual(['0:shown'])
    expect(await spool.printerState()).toBe('none')
  })

  it('waits for a printer that is off, and prints once when it is on', async () => {
    const { db } = await openTerminal()
    const off = await startPrinter()
    await off.close()
    const job = await sell(db)
    const { spool, until, jobs } = watchedSpool(db, tcpTransport({ host: HOST, port: off.port }))
    spool.start()
    await until('0:queued:printerUnreachable')
    expect(await spool.printerState()).toBe('offline')
    const on = await startPrinter(undefined, off.port)
    spool.kick()
    await until('0:printed')
    await on.received(1)
    expect(on.jobs).toHaveLength(1)
    expect(jobs.get(job.id)).toMatchObject({ attempts: 2, error: null })
    expect(await spool.printerState()).toBe('ready')
  })

  it('tries again by itself', async () => {
    const { db } = await openTerminal()
    await sell(db)
    let calls = 0
    const flaky: PrinterTransport = {
      send: async () =>
        ++calls === 1 ? { ok: false, code: 'printerTimeout', sentBytes: 0, fate: 'notPrinted' } : { ok: true },
    }
    const { spool, until } = watchedSpool(db, flaky)
    spool.start()
    await until('0:printed')
    expect(calls).toBe(2)
  })

  it('has committed "sending" before the first byte leaves', async () => {
    const { db } = await openTerminal()
    const job = await sell(db)
    const seen: (string | undefined)[] = []
    const looking: PrinterTransport = {
      send: async () => {
        seen.push(await stateOf(db, job.id))
        return { ok: true }
      },
    }
    const { spool, until } = watchedSpool(db, looking)
    spool.start()
    await until('0:printed')
    expect(seen).toEqual(['sending'])
  })

  it('asks about a print that was cut off, and never repeats it by itself', async () => {
    const { db } = await openTerminal()
    const printer = await startPrinter((socket) => socket.resetAndDestroy())
    const job = await sell(db)
    const { spool, changes, until } = watchedSpool(db, tcpTransport({ host: HOST, port: printer.port }))
    spool.start()
    await until('0:doubtful:printerClosed')
    await spool.stop()
    await printer.received(1)
    expect(changes).toEqual(['0:sending', '0:doubtful:printerClosed'])
    expect(printer.jobs).toHaveLength(1)
    expect(await spool.printerState()).toBe('doubtful')

    const again = watchedSpool(db, null)
    again.spool.start()
    await again.spool.stop()
    expect(again.changes).toEqual([])
    expect(await stateOf(db, job.id)).toBe('doubtful')
  })

  it('finds what a crash left half sent, and calls it doubtful', async () => {
    const { db, file, close } = await openTerminal()
    const job = await sell(db)
    let left = () => {}
    const leaving = new Promise<void>((resolve) => (left = resolve))
    const dying: PrinterTransport = {
      send: () => {
        left()
        return new Promise(() => {})
      },
    }
    createSpool({ db, printer: { profile, transport: dying }, now: Date.now, onChange() {}, onError() {} }).start()
    await leaving
    await close()

    const reopened = await openTerminal(file)
    const printer = await startPrinter()
    const { spool, changes, until } = watchedSpool(reopened.db, tcpTransport({ host: HOST, port: printer.port }))
    spool.start()
    await until('0:doubtful:interrupted')
    await sell(reopened.db)
    spool.kick()
    await until('0:printed')
    expect(changes).toEqual(['0:doubtful:interrupted', '0:sending', '0:printed'])
    expect(await stateOf(reopened.db, job.id)).toBe('doubtful')
  })

  it('takes a reprint as the answer to a doubt, marked as one, with the same claim and no drawer', async () => {
    const { db } = await openTerminal()
    const failing = await startPrinter((socket) => socket.resetAndDestroy())
    const { eventId } = await sell(db, claimSale)
    const { spool, until, jobs } = watchedSpool(db, tcpTransport({ host: HOST, port: failing.port }))
    spool.start()
    await until('0:doubtful:printerClosed')
    const printer = await startPrinter()
    spool.setPrinter({ profile, transport: tcpTransport({ host: HOST, port: printer.port }) })
    expect(await reprint(db, eventId)).toBe(true)
    expect(await reprint(db, eventId)).toBe(true)
    spool.kick()
    await until('2:printed')
    await printer.received(2)
    const copies = [...jobs.values()].filter(({ copy }) => copy > 0)
    expect(copies.map(({ copy, receipt }) => [copy, receipt.reprint, receipt.claim])).toEqual([
      [1, true, claimSale.claim],
      [2, true, claimSale.claim],
    ])
    expect(printer.jobs).toHaveLength(2)
    for (const bytes of printer.jobs) expect(bytes.indexOf(Buffer.from([0x1b, 0x70]))).toBe(-1)
    expect(await spool.printerState()).toBe('ready')
  })

  it('takes a person’s answer to a doubt, once, and prints again what did not come out', async () => {
    const { db } = await openTerminal()
    let hangsUp = 2
    const printer = await startPrinter((socket) => (hangsUp-- > 0 ? socket.resetAndDestroy() : socket.end()))
    const [first, second] = [await sell(db), await sell(db)]
    const { spool, until } = watchedSpool(db, tcpTransport({ host: HOST, port: printer.port }))
    spool.start()
    await until('0:doubtful:printerClosed', 2)
    expect(await spool.settle(first.id, 'printed')).toBe(true)
    expect(await spool.settle(first.id, 'notPrinted')).toBe(false)
    expect(await spool.settle(second.id, 'notPrinted')).toBe(true)
    expect([await stateOf(db, first.id), await stateOf(db, second.id)]).toEqual(['printed', 'failed'])
    await until('1:printed')
    expect(await spool.printerState()).toBe('ready')
  })

  it('has nothing to reprint for an event it does not know', async () => {
    const { db } = await openTerminal()
    expect(await reprint(db, uuid())).toBe(false)
  })

  it('refuses a second original of one event', async () => {
    const { db } = await openTerminal()
    const job = await sell(db)
    await expect(enqueue(db, { ...job, id: uuid() })).rejects.toThrow(/UNIQUE/)
  })

  it('sets aside what cannot be printed, and prints the next', async () => {
    const { db } = await openTerminal()
    const endless = randomBytes(3000).toString('hex')
    const bad = await sell(db, { ...claimSale, claim: { ...claimSale.claim!, url: endless } })
    const { spool, changes, errors, until } = watchedSpool(db, { send: async () => ({ ok: true }) })
    const good = await sell(db)
    spool.start()
    await until('0:printed')
    expect(changes).toEqual(['0:failed:unprintable', '0:sending', '0:printed'])
    expect(errors).toHaveLength(1)
    expect([await stateOf(db, bad.id), await stateOf(db, good.id)]).toEqual(['failed', 'printed'])
  })

  it('opens no drawer for receipts that come when their customers have gone, and opens it for the one who waits', async () => {
    const { db } = await openTerminal()
    const off = await startPrinter()
    await off.close()
    let time = Date.now()
    const { spool, until, jobs } = watchedSpool(db, tcpTransport({ host: HOST, port: off.port }), () => time)
    spool.start()
    for (let waiting = 1; waiting <= 5; waiting++) await sell(db, memberSale, time)
    time += 20 * 3_600_000
    await sell(db, memberSale, time)
    for (let attempt = 1; attempt <= 7; attempt++) {
      spool.kick()
      await until('0:queued:printerUnreachable', attempt)
    }
    const on = await startPrinter(undefined, off.port)
    spool.kick()
    await until('0:printed', 6)
    await on.received(6)
    const opens = (bytes: Buffer) => bytes.indexOf(Buffer.from([0x1b, 0x70])) >= 0
    expect(on.jobs.map(opens)).toEqual([false, false, false, false, false, true])
    time += 3_600_000
    expect([...jobs.values()].map((job) => spool.bytesOf(job))).toEqual(on.jobs)
  })

  it('opens no drawer for a sale of nobody knows when, as the clock was set back since', async () => {
    const { db } = await openTerminal()
    const sent: Buffer[] = []
    const printer: PrinterTransport = { send: async (bytes) => (sent.push(Buffer.from(bytes)), { ok: true }) }
    const { spool, until } = watchedSpool(db, printer)
    await sell(db, memberSale, Date.now() + 1_800_000)
    spool.start()
    await until('0:printed')
    expect(sent.map((bytes) => bytes.indexOf(Buffer.from([0x1b, 0x70])))).toEqual([-1])
  })

  it('opens the drawer while the customer waits, however often the printer was tried', async () => {
    const { db } = await openTerminal()
    await sell(db)
    const sent: Uint8Array[] = []
    const flaky: PrinterTransport = {
      send: async (bytes) =>
        sent.push(bytes) <= 7 ? { ok: false, code: 'printerTimeout', sentBytes: 0, fate: 'notPrinted' } : { ok: true },
    }
    const { spool, until } = watchedSpool(db, flaky)
    spool.start()
    for (let attempt = 1; attempt <= 7; attempt++) {
      await until('0:queued:printerTimeout', attempt)
      spool.kick()
    }
    await until('0:printed')
    expect(Buffer.from(sent.at(-1) ?? []).indexOf(Buffer.from([0x1b, 0x70]))).toBeGreaterThan(0)
  })

  it('prints in the order of the sales, though the clock was set back in between', async () => {
    const { db } = await openTerminal()
    const now = Date.now()
    const sold = [await sell(db, memberSale, now + 3_600_000), await sell(db, memberSale, now)]
    const { spool, until, jobs } = watchedSpool(db, { send: async () => ({ ok: true }) })
    spool.start()
    await until('0:printed', 2)
    expect([...jobs.keys()]).toEqual(sold.map(({ id }) => id))
  })

  it('finishes the job in hand before it stops', async () => {
    const { db } = await openTerminal()
    const { id } = await sell(db)
    await sell(db)
    let stopped: Promise<void> | undefined
    const stopping: PrinterTransport = {
      send: async () => {
        stopped = watched.spool.stop()
        return { ok: true }
      },
    }
    const watched = watchedSpool(db, stopping)
    watched.spool.start()
    await watched.until('0:printed')
    await stopped
    expect(watched.changes).toEqual(['0:sending', '0:printed'])
    expect(await stateOf(db, id)).toBe('printed')
  })
})
