/** A counter's file in trouble: said in plain words, nothing recorded halfway, nothing touched that should not be. */
import { createHash } from 'node:crypto'
import { closeSync, copyFileSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { expectAgreement, expectProved } from '#test/support/agreement.ts'
import { KeyMissingError } from '#main/keys/keys.ts'
import { COUNTER_FILE } from '#main/restore/put-in-place.ts'
import { basket, cash, errorData, memberWith, value } from '#test/support/at-the-counter.ts'
import { startCounterProcess } from '#test/support/counter-process.ts'
import type { CounterAtWork } from '#test/support/counter-at-work.ts'
import type { Ended } from '#test/support/forked.ts'
import { startShop } from '#test/support/shop.ts'
import { tempDir } from '#test/support/temp.ts'

const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')

/** Tries to start a counter on this folder, and expects it to leave its file as it was. */
async function refusesToStart(dataDir: string): Promise<Ended> {
  const file = join(dataDir, COUNTER_FILE)
  const before = digest(file)
  const ended = await startCounterProcess(dataDir).refused()
  expect(digest(file)).toBe(before)
  return ended
}

const PAGE = 4096

/** Writes noise over these pages of a database that no one has open; the first is 1. */
function spoil(file: string, pages: readonly number[]): void {
  const handle = openSync(file, 'r+')
  for (const page of pages) writeSync(handle, Buffer.alloc(PAGE, 0xa5), 0, PAGE, (page - 1) * PAGE)
  closeSync(handle)
}

function pagesOf(file: string, ...names: string[]): number[] {
  const db = new Database(file, { readonly: true })
  try {
    const places = names.map(() => '?').join(', ')
    return db
      .prepare(`select pageno from dbstat where name in (${places})`)
      .pluck()
      .all(...names)
      .map(Number)
  } finally {
    db.close()
  }
}

describe('a counter that cannot start', () => {
  it('because it is running already', async () => {
    const { one: counter } = await startShop()
    const second = await startCounterProcess(counter.dataDir).refused()
    expect(second).toMatchObject({ code: 1, said: expect.stringContaining('is running already') })
    expect(await counter.screen.checkout.pay(basket(80))).toMatchObject({ total: 80 })
    await expectProved(counter)
  })

  it('because its file is of a newer version, a server’s, or damaged', async () => {
    const shop = await startShop()
    const counter = shop.one
    const { file } = counter
    await counter.screen.checkout.pay(basket(80))
    await counter.stop()
    const whole = readFileSync(file)
    const restore = () => {
      const handle = openSync(file, 'w')
      writeSync(handle, whole)
      closeSync(handle)
    }

    const newer = new Database(file)
    newer.exec('update schema_version set version = 99')
    newer.close()
    const told = await refusesToStart(counter.dataDir)
    expect(told).toMatchObject({ code: 1, said: expect.stringContaining('newer version') })

    restore()
    spoil(file, [1])
    const headless = await refusesToStart(counter.dataDir)
    expect(headless).toMatchObject({ code: 1, said: expect.stringContaining('damaged') })

    restore()
    spoil(file, pagesOf(file, 'meta', 'schema_version'))
    const torn = await refusesToStart(counter.dataDir)
    expect(torn).toMatchObject({ code: 1, said: expect.stringContaining('damaged') })

    restore()
    spoil(file, pagesOf(file, 'event'))
    const eventless = await refusesToStart(counter.dataDir)
    expect(eventless).toMatchObject({ code: 1, said: expect.stringContaining('damaged') })

    await shop.stopServer()
    const wrong = tempDir()
    copyFileSync(join(shop.dir, 'server.sqlite'), join(wrong, COUNTER_FILE))
    const notOurs = await refusesToStart(wrong)
    expect(notOurs).toMatchObject({ code: 1, said: expect.stringContaining('holds a server') })

    restore()
    await shop.startServer()
    await counter.start()
    await counter.signIn()
    await expectAgreement(shop)
  })
})

describe('while it runs', () => {
  it('a page found damaged is said so, and what does not need it goes on', async () => {
    const shop = await startShop()
    const counter = shop.one
    const { file } = counter
    const member = await memberWith(shop, 'value:TWD', 300)
    await counter.restart()
    await counter.signIn()
    await shop.stopServer()
    await sql`pragma wal_checkpoint(truncate)`.execute(counter.db)
    spoil(file, pagesOf(file, 'lot', 'lot_by_member'))
    await sql`pragma shrink_memory`.execute(counter.db)
    const sale = counter.screen.checkout.pay(basket(100, { member, pay: [value(100)] }))
    expect(await errorData(sale, 'STORAGE')).toEqual({ reason: 'corrupt' })
    expect(await counter.screen.checkout.pay(basket(80))).toMatchObject({ total: 80 })
  })

  it('a full disk refuses the sale and records nothing of it; with room again, all goes on', async () => {
    const shop = await startShop()
    const counter = shop.one
    const member = await memberWith(shop, 'value:TWD', 300)
    const { db } = counter
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db)
    await sql`pragma max_page_count = ${sql.lit(rows[0]!.page_count)}`.execute(db)

    const done: string[] = []
    let refused: unknown
    let last = basket(100, { member })
    while (refused === undefined) {
      last = basket(100, { member, pay: [value(1), cash(99)], name: '咖啡'.repeat(50) })
      try {
        done.push((await counter.screen.checkout.pay(last)).event)
      } catch (error) {
        refused = error
      }
    }
    expect(refused).toMatchObject({ code: 'STORAGE', data: { reason: 'diskFull' } })
    expect(await salesIn(counter)).toEqual(done.toSorted())
    expect(await errorData(counter.screen.checkout.pay(last), 'STORAGE')).toEqual({ reason: 'diskFull' })
    await expectProved(counter)
    expect((await counter.screen.members.get({ member })).name).not.toBe('')

    await sql`pragma max_page_count = 1073741823`.execute(db)
    expect((await counter.screen.checkout.pay(last)).event).toBe(last.id)
    expect(await salesIn(counter)).toEqual([...done, last.id].toSorted())
    await expectAgreement(shop)
  })

  it('a disk that cannot be written is said so', async () => {
    const shop = await startShop()
    const counter = shop.one
    const { db } = counter
    await sql`pragma query_only = on`.execute(db)
    expect(await errorData(counter.screen.checkout.pay(basket(80)), 'STORAGE')).toEqual({ reason: 'readOnly' })
    await sql`pragma query_only = off`.execute(db)
    await counter.screen.checkout.pay(basket(80))
    await expectAgreement(shop)
    expect(await salesIn(counter)).toHaveLength(1)
  })

  it('its key lost: it says so and makes no other, and with the key back nothing is lost', async () => {
    const { one: counter } = await startShop()
    await counter.screen.checkout.pay(basket(80))
    await counter.stop()
    const key = join(counter.dataDir, 'terminal.key')
    const kept = readFileSync(key)
    rmSync(key)
    await expect(counter.start()).rejects.toBeInstanceOf(KeyMissingError)
    expect(existsSync(key)).toBe(false)
    writeFileSync(key, kept)
    await counter.start()
    expect(await salesIn(counter)).toHaveLength(1)
    await expectProved(counter)
  })
})

async function salesIn({ db }: CounterAtWork): Promise<string[]> {
  const rows = await db.selectFrom('event').select('id').where('kind', '=', 'sale.completed').orderBy('id').execute()
  return rows.map(({ id }) => id)
}
