/** Killed at any moment (invariant 3): what a cashier was told is done is there after the restart, once, with its paper. */
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { CheckoutInput } from '#core/contract/terminal.ts'
import type { Done } from '#core/contract/views.ts'
import { Identity } from '#main/counter/meta.ts'
import { proveBalances, verifyChains } from '#storage/prove.ts'
import { openSqlite } from '#storage/open.ts'
import type { CounterTables, LedgerName } from '#storage/schema.ts'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { basket, card, cash, memberWith, points, value } from '#test/support/at-the-counter.ts'
import { startCounterProcess } from '#test/support/counter-process.ts'
import { PINS, staff, startShop, type Screen, type Shop } from '#test/support/shop.ts'

const KILLS = 15
const AT_ONCE = 4

type Sale = { checkout: CheckoutInput; told: Done | null }

it(`a counter killed ${KILLS} times under load keeps every sale it has told of`, { timeout: 240_000 }, async () => {
  const shop = await startShop({ counters: 0 })
  const dataDir = join(shop.dir, 'killed')
  const code = await makeEnrolCode(shop.server.database.db, 's1', Date.now())
  const invitation = { COUNTERFOIL_SERVER: shop.server.url, COUNTERFOIL_CODE: code, COUNTERFOIL_COUNTER: 'Counter 1' }
  const next = await baskets(shop)
  const sales: Sale[] = []

  const first = startCounterProcess(dataDir, invitation)
  await printerThatIsOff((await first.ready).screen)
  first.process.kill('SIGTERM')
  expect(await first.ended).toMatchObject({ code: 0 })
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const counter = startCounterProcess(dataDir)
    if (kill % 3 === 0) {
      // In the middle of its start.
      await pause(randomInt(100, 700))
      counter.process.kill('SIGKILL')
      await counter.ended
      continue
    }
    const { screen } = await counter.ready
    await screen.session.signIn({ staff: staff('mei'), pin: PINS.mei })
    const doubtful = sales.filter(({ told }) => told === null)
    for (const sale of doubtful) sale.told = await screen.checkout.pay(sale.checkout)
    const load = Array.from({ length: AT_ONCE }, () => sellUntilKilled(screen, next, sales))
    await pause(randomInt(20, 120))
    counter.process.kill('SIGKILL')
    await Promise.all([...load, counter.ended])
    await expectKept(dataDir, sales)
  }
  expect(sales.length).toBeGreaterThan(KILLS)

  const last = startCounterProcess(dataDir)
  const { screen } = await last.ready
  await screen.session.signIn({ staff: staff('mei'), pin: PINS.mei })
  for (const sale of sales) {
    const again = await screen.checkout.pay(sale.checkout)
    if (sale.told) expect({ ...again, member: null }).toEqual({ ...sale.told, member: null })
  }
  await expect.poll(async () => (await screen.status.get()).unsynced, { timeout: 60_000 }).toBe(0)
  const { db } = shop.server.database
  const arrived = await db.selectFrom('event').select('id').where('kind', '=', 'sale.completed').orderBy('id').execute()
  expect(arrived.map(({ id }) => id)).toEqual(sales.map(({ checkout }) => checkout.id as string).toSorted())
  expect(await db.selectFrom('quarantine').select('reason').execute()).toEqual([])
  last.process.kill('SIGTERM')
  expect(await last.ended).toMatchObject({ code: 0 })
})

/** Sales of every kind, some of a member who can pay for few of them. */
async function baskets(shop: Shop): Promise<() => CheckoutInput> {
  const member = await memberWith(shop, 'value:TWD', 1_000)
  const kinds = [
    () => basket(150),
    () => basket(320, { member, pay: [cash(500)] }),
    () => basket(95, { member, pay: [value(60), card(35)] }),
    () => basket(40, { member, pay: [points(2), cash(38)] }),
  ]
  let nth = 0
  return () => kinds[(nth += 1) % kinds.length]!()
}

async function sellUntilKilled(screen: Screen, next: () => CheckoutInput, sales: Sale[]): Promise<void> {
  for (;;) {
    const sale: Sale = { checkout: next(), told: null }
    sales.push(sale)
    try {
      sale.told = await screen.checkout.pay(sale.checkout)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      return
    }
  }
}

async function printerThatIsOff(screen: Screen): Promise<void> {
  await screen.session.signIn({ staff: staff('mei'), pin: PINS.mei })
  const settings = await screen.settings.get()
  await screen.settings.update({ ...settings, printer: { host: '127.0.0.1', port: 9, paper: '80mm' } })
}

/** Looks into the killed counter's file. */
async function expectKept(dataDir: string, sales: readonly Sale[]): Promise<void> {
  const opened = openSqlite<CounterTables>(join(dataDir, 'counter.db'))
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
      .select(['event.id', 'event.receipt', 'print_job.id as job', 'print_job.state'])
      .where('event.kind', '=', 'sale.completed')
      .execute()
    const kept = new Map(rows.map((row) => [row.id, row]))
    expect(kept.size).toBe(rows.length)
    for (const { told } of sales) {
      if (told) expect(kept.get(told.event)).toMatchObject({ receipt: told.receipt?.code, job: told.printJob })
    }
    for (const { state } of rows) expect(['queued', 'sending', 'doubtful']).toContain(state)
  } finally {
    await opened.close()
  }
}
