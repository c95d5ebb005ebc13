/** A counter's file that has seen years: real sales' events many times over, put there in bulk, under the real counter. */
import Database from 'better-sqlite3'
import { z } from 'zod'
import { pay } from '#main/counter/sales.ts'
import { checkFile } from '#main/restore/check-file.ts'
import { checkpoint, openCounter, nobody, SALES_A_CHECKPOINT } from '#bench/support/counter.ts'
import { percentile, timed } from '#bench/support/figures.ts'
import { copyOf, prepareCounter } from '#bench/support/ground.ts'
import { random } from '#bench/support/random.ts'
import { nextSale } from '#bench/support/sales.ts'

/** Real sales, which the rest of the events are copies of. */
const PATTERNS = 1_000
const WARM_UP = 200
const SALES = 2_000

export type OldFile = { p50Ms: number; p99Ms: number; checkSeconds: number; openSeconds: number }

export async function measureOldFile(dir: string, members: number, events: number): Promise<OldFile> {
  const ground = { dir, members }
  await prepareCounter(ground)
  const file = copyOf(ground, 'counter', 'old')
  await sell(file, members, Math.min(PATTERNS, Math.floor(events / 2)))
  multiply(file, events)
  // Its chain does not hold, being made of copies: the check finds that only after it has read every page.
  const checkSeconds = (await timed(() => pagesOf(file))) / 1_000
  const { figures, openSeconds } = await sell(file, members, WARM_UP + SALES)
  const counted = figures.slice(WARM_UP)
  return { p50Ms: percentile(counted, 0.5), p99Ms: percentile(counted, 0.99), checkSeconds, openSeconds }
}

function pagesOf(file: string): void {
  try {
    checkFile(file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'damagedFile')) throw error
  }
}

async function sell(file: string, members: number, sales: number) {
  let opened: Awaited<ReturnType<typeof openCounter>> | undefined
  const openSeconds = (await timed(async () => (opened = await openCounter(file, nobody)))) / 1_000
  if (!opened) throw new Error('the counter did not open')
  const { counter, storage } = opened
  const draw = random(sales)
  const figures: number[] = []
  for (let made = 0; made < sales; made += 1) {
    const sale = await nextSale(counter, draw, members)
    figures.push(
      await timed(async () => {
        const done = await pay(counter, sale)
        if (!done.ok) throw new Error(`a sale was refused: ${done.refusal.code}`)
      }),
    )
    if (made % SALES_A_CHECKPOINT === 0) checkpoint(storage.raw)
  }
  await storage.close()
  return { figures, openSeconds }
}

const Named = z.object({ name: z.string(), sql: z.string() })

/**
 * Copies the file's events until there are so many, each under an id, a place in the chain and a member of its own; the
 * newest stay the newest, so that the counter finds its head.
 */
function multiply(file: string, events: number): void {
  const db = new Database(file)
  // Straight into the file: a log of it all would be as large again.
  db.pragma('journal_mode = OFF')
  db.pragma('synchronous = OFF')
  const indexes = z
    .array(Named)
    .parse(
      db.prepare("select name, sql from sqlite_master where type = 'index' and tbl_name = 'event' and sql <> ''").all(),
    )
  const has = z.object({ count: z.number() }).parse(db.prepare('select count(*) as count from event').get()).count
  const rounds = Math.ceil((events - has) / has)
  db.exec('begin')
  for (const { name } of indexes) db.exec(`drop index ${name}`)
  // Their own places in the chain come after all the copies.
  db.prepare('update event set seq = seq + ?').run(1e9)
  db.exec('create temp table pattern as select * from event order by seq')
  db.exec('create temp table person as select row_number() over () - 1 as n, id from member')
  db.exec('create unique index person_by_n on person (n)')
  const people = z.object({ count: z.number() }).parse(db.prepare('select count(*) as count from person').get()).count
  const copy = db.prepare(`insert into event
    (id, terminal, epoch, seq, store, kind, business_date, occurred_at, member, receipt, text, hash)
    select printf('0180%04x-%04x-7000-8000-%012x', @round / 65536, @round % 65536, pattern.rowid), terminal, epoch,
      @round * @has + pattern.rowid, store, kind, business_date, occurred_at - (@rounds - @round) * 1000000,
      case when member is null then null else
        (select id from person where n = (@round * 7919 + pattern.rowid * 104729) % @people) end,
      case when receipt is null then null else receipt || '-' || @round end, text, hash
    from pattern`)
  for (let round = 0; round < rounds; round += 1) copy.run({ round, rounds, has, people })
  for (const { sql } of indexes) db.exec(sql)
  db.prepare('update event set seq = seq - ? + ? where seq > ?').run(1e9, rounds * has, 1e9 - 1)
  db.exec('commit')
  db.close()
}
