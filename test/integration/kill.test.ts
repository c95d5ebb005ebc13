/**
 * Counter and server killed at any moment, under load, with a printer at work (invariants 3 and 10): what a cashier was told
 * is done is there, once, everywhere; and no paper comes twice.
 */
import { randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ORPCError } from '@orpc/client'
import { expect, it } from 'vitest'
import type { CheckoutInput } from '#core/contract/terminal.ts'
import type { Done } from '#core/contract/views.ts'
import { Identity } from '#main/counter/meta.ts'
import { COUNTER_FILE } from '#main/restore/put-in-place.ts'
import { proveBalances, verifyChains } from '#storage/prove.ts'
import { openDatabase, openSqlite } from '#storage/open.ts'
import type { CounterTables, LedgerName, ServerTables } from '#storage/schema.ts'
import { faultsOf } from '#server/ledger/prove.ts'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { basket, card, cash, memberWith, points, value } from '#test/support/at-the-counter.ts'
import { startCounterProcess, type CounterProcess } from '#test/support/counter-process.ts'
import { FULL } from '#test/support/full.ts'
import { startPrinter, type FakePrinter } from '#test/support/printer.ts'
import { startServerProcess, type ServerProcess } from '#test/support/server-process.ts'
import { PINS, staff, type Screen } from '#test/support/counter-at-work.ts'
import { makeTempDir } from '#test/support/temp.ts'

/** Once through is each of them, alone and together, and a counter that was just starting. */
const VICTIMS = ['both', 'counter', 'starting', 'server', 'both'] as const
const KILLS = VICTIMS.length * (FULL ? 40 : 1)
const AT_ONCE = 4

type Sale = { checkout: CheckoutInput; told: Done | null }

it(`killed ${KILLS} times under load, nothing that was told is lost, doubled or printed twice`, async () => {
  const shop = await openShop()
  const sales: Sale[] = []
  let counter = await shop.openCounter(sales)
  for (let kill = 0; kill < KILLS; kill += 1) {
    const victim = VICTIMS[kill % VICTIMS.length] ?? 'counter'
    if (victim === 'starting') {
      await killed(counter.process)
      const starting = shop.startCounter()
      await pause(randomInt(100, 900))
      await killed(starting)
    } else {
      const load = sellWhile(counter.screen, shop.next, sales)
      await pause(randomInt(20, 250))
      const victims = [victim === 'server' ? [] : [counter.process], victim === 'counter' ? [] : [shop.server()]].flat()
      await Promise.all(victims.map(killed))
      load.stop()
      await load.ended
    }
    if (victim !== 'counter' && victim !== 'starting') await shop.restartServer()
    if (victim === 'server') continue
    await expectKept(shop.dataDir, sales)
    counter = await shop.openCounter(sales)
  }
  expect(sales.length).toBeGreaterThan(KILLS)

  for (const sale of sales) {
    const again = await counter.screen.checkout.pay(sale.checkout)
    if (sale.told) expect({ ...again, member: null }).toEqual({ ...sale.told, member: null })
  }
  await expect.poll(async () => (await counter.screen.status.get()).unsynced, { timeout: 60_000 }).toBe(0)
  await expect.poll(() => unprinted(shop.dataDir), { timeout: 60_000 }).toBe(0)
  counter.process.process.kill('SIGTERM')
  expect(await counter.process.ended).toMatchObject({ code: 0 })
  await expectArrived(shop.serverFile, sales)
  expectPrintedOnce(shop.printer, await jobStates(shop.dataDir))
}, 1_800_000)

type Running = { process: CounterProcess; screen: Screen }
type Killable = Pick<ServerProcess, 'process'> & { ended: Promise<unknown> }

async function killed({ process, ended }: Killable): Promise<void> {
  process.kill('SIGKILL')
  await ended
}

/** A server and a counter, each a process, and a printer; the counter is not running yet. */
async function openShop() {
  const dir = makeTempDir()
  const [dataDir, serverDir] = [join(dir, 'counter'), join(dir, 'server')]
  mkdirSync(serverDir)
  let server = startServerProcess({ DATA_DIR: serverDir, PORT: '0' }, ['--demo'])
  const url = await server.ready
  const serverFile = join(serverDir, 'server.sqlite')
  const { db, close } = openDatabase<ServerTables>(serverFile)
  const code = await makeEnrolCode(db, 's1', Date.now())
  const next = baskets(await memberWith({ server: { database: { db } } }, 'value:TWD', 1_000))
  await close()

  const printer = await startPrinter()
  const invitation = { COUNTERFOIL_SERVER: url, COUNTERFOIL_CODE: code, COUNTERFOIL_COUNTER: 'Counter 1' }
  const first = startCounterProcess(dataDir, invitation)
  const { screen } = await first.ready
  await screen.session.signIn({ staff: staff('mei'), pin: PINS.mei })
  const settings = await screen.settings.get()
  await screen.settings.update({ ...settings, printer: { host: '127.0.0.1', port: printer.port, paper: '80mm' } })
  await killed(first)

  const startCounter = () => startCounterProcess(dataDir)
  return {
    dataDir,
    serverFile,
    printer,
    next,
    startCounter,
    server: () => server,
    async restartServer() {
      server = startServerProcess({ DATA_DIR: serverDir, PORT: new URL(url).port })
      await server.ready
    },
    /** Starts the counter, and asks once more what it did not get to say before it was killed. */
    async openCounter(sales: Sale[]): Promise<Running> {
      const process = startCounter()
      const { screen } = await process.ready
      await screen.session.signIn({ staff: staff('mei'), pin: PINS.mei })
      for (const sale of sales.filter(({ told }) => told === null)) await sell(screen, sale, sales)
      return { process, screen }
    },
  }
}

/** Sales of every kind, some of a member who can pay for few of them. */
function baskets(member: Awaited<ReturnType<typeof memberWith>>): () => CheckoutInput {
  const kinds = [
    () => basket(150),
    () => basket(320, { member, pay: [cash(500)] }),
    () => basket(95, { member, pay: [value(1), card(94)] }),
    () => basket(40, { member, pay: [points(1), cash(39)] }),
  ]
  let nth = 0
  return () => kinds[(nth += 1) % kinds.length]!()
}

/** Cashiers who sell until they are told to stop or the counter is gone. */
function sellWhile(screen: Screen, next: () => CheckoutInput, sales: Sale[]) {
  let selling = true
  async function cashier(): Promise<void> {
    while (selling) {
      const sale: Sale = { checkout: next(), told: null }
      sales.push(sale)
      try {
        await sell(screen, sale, sales)
      } catch (error) {
        if (!(error instanceof TypeError)) throw error
        return
      }
    }
  }
  return { stop: () => (selling = false), ended: Promise.all(Array.from({ length: AT_ONCE }, cashier)) }
}

/** Asks for a sale; one that is refused was never made. */
async function sell(screen: Screen, sale: Sale, sales: Sale[]): Promise<void> {
  try {
    sale.told = await screen.checkout.pay(sale.checkout)
  } catch (error) {
    if (!(error instanceof ORPCError)) throw error
    expect(error).toMatchObject({ code: 'REFUSED' })
    sales.splice(sales.indexOf(sale), 1)
  }
}

/** Looks into the killed counter's file. */
async function expectKept(dataDir: string, sales: readonly Sale[]): Promise<void> {
  const opened = openSqlite<CounterTables>(join(dataDir, COUNTER_FILE))
  try {
    const { db } = opened
    const ledger = db.$pickTables<LedgerName>()
    const { value: known } = await db
      .selectFrom('meta')
      .select('value')
      .where('key', '=', 'identity')
      .executeTakeFirstOrThrow()
    const { terminal, epoch } = Identity.parse(JSON.parse(known))
    expect(await verifyChains(ledger)).toEqual([])
    expect(await proveBalances(ledger, { like: [`lot:%@${terminal}.${epoch}`, `drawer:${terminal}`] })).toEqual([])
    const rows = await db
      .selectFrom('event')
      .leftJoin('print_job', 'print_job.event_id', 'event.id')
      .select(['event.id', 'event.receipt', 'print_job.id as job'])
      .where('event.kind', '=', 'sale.completed')
      .execute()
    const kept = new Map(rows.map((row) => [row.id, row]))
    expect(kept.size).toBe(rows.length)
    expect(new Set(rows.map(({ receipt }) => receipt)).size).toBe(rows.length)
    for (const { told } of sales) {
      if (told) expect(kept.get(told.event)).toMatchObject({ receipt: told.receipt?.code, job: told.printJob })
    }
  } finally {
    await opened.close()
  }
}

async function expectArrived(serverFile: string, sales: readonly Sale[]): Promise<void> {
  const { db, close } = openDatabase<ServerTables>(serverFile)
  const sold = db.selectFrom('event').select('id').where('kind', '=', 'sale.completed').orderBy('id')
  expect((await sold.execute()).map(({ id }) => id)).toEqual(
    sales.map(({ checkout }) => checkout.id as string).toSorted(),
  )
  expect(await db.selectFrom('quarantine').select('reason').execute()).toEqual([])
  expect(await faultsOf(db)).toEqual([])
  await close()
}

async function jobStates(dataDir: string): Promise<string[]> {
  const { db, close } = openSqlite<CounterTables>(join(dataDir, COUNTER_FILE))
  const rows = await db.selectFrom('print_job').select('state').execute()
  await close()
  return rows.map(({ state }) => state)
}

const unprinted = async (dataDir: string): Promise<number> =>
  (await jobStates(dataDir)).filter((state) => state === 'queued' || state === 'sending').length

const CUT = Buffer.from([0x1d, 0x56])

/** Each receipt has a number of its own, so that no two papers are alike unless one is printed twice without saying so. */
function expectPrintedOnce({ jobs }: FakePrinter, states: readonly string[]): void {
  const papers = jobs.filter((bytes) => bytes.subarray(-8).includes(CUT)).map((bytes) => bytes.toString('base64'))
  expect(new Set(papers).size).toBe(papers.length)
  const printed = states.filter((state) => state === 'printed').length
  expect(printed).toBeGreaterThan(0)
  expect(papers.length).toBeGreaterThanOrEqual(printed)
  expect(states.every((state) => state === 'printed' || state === 'doubtful')).toBe(true)
}
