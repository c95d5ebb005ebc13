/** What a server's and a counter's files say, read beside whoever has them open. */
import Database from 'better-sqlite3'
import { z } from 'zod'
import { SERVER_TERMINAL } from '#core/ledger/event.ts'
import { openServerDatabase } from '#server/ledger/database.ts'
import { faultsOf } from '#server/ledger/prove.ts'
import { keptAt } from '#bench/support/inbox.ts'
import { heldFromText } from '#storage/ledger.repository.ts'

const Count = z.object({ count: z.number() })

function reading<T>(file: string, read: (db: Database.Database) => T): T {
  const db = new Database(file, { readonly: true })
  try {
    return read(db)
  } finally {
    db.close()
  }
}

const count = (db: Database.Database, query: string): number => Count.parse(db.prepare(query).get()).count

/** How many of counters' events a server has. */
export const eventsAt = (server: string): number =>
  reading(server, (db) => count(db, `select count(*) as count from event where terminal <> '${SERVER_TERMINAL}'`)) +
  keptAt(server)

export type Effects = { rows: number; sums: Map<string, number> }

/** What all events have come to: how many rows, what every member has of each asset, and every other account. */
export function effectsAt(server: string): Effects {
  return reading(server, (db) => {
    const sums = new Map<string, number>()
    const add = (key: string, amount: number) => sums.set(key, (sums.get(key) ?? 0) + amount)
    const lots = db.prepare<[], { member: string; asset: string; free: number; held: string }>(
      'select member, asset, free, held from lot',
    )
    for (const { member, asset, free, held } of lots.iterate())
      add(
        `${member} ${asset}`,
        heldFromText(held).reduce((sum, { amount }) => sum + amount, free),
      )
    const balances = db.prepare<[], { account: string; asset: string; amount: number }>('select * from balance')
    for (const { account, asset, amount } of balances.iterate()) add(`${account} ${asset}`, amount)
    const members = db.prepare<[], { id: string; spent: number }>('select id, spent from member')
    for (const { id, spent } of members.iterate()) add(`${id} spent`, spent)
    const rows = ['event', 'lot', 'balance', 'claim', 'consequence', 'outbox', 'quarantine', 'waiting']
    return { rows: rows.reduce((sum, table) => sum + count(db, `select count(*) as count from ${table}`), 0), sums }
  })
}

/** How many sums differ between these. */
export function differences(one: Effects, other: Effects): number {
  const keys = new Set([...one.sums.keys(), ...other.sums.keys()])
  return [...keys].filter((key) => (one.sums.get(key) ?? 0) !== (other.sums.get(key) ?? 0)).length
}

/** Balances, lots and chains that do not prove: those of the bench's own making, which no event has issued, do not. */
export async function faultsAt(server: string): Promise<number> {
  const database = await openServerDatabase(server)
  try {
    return (await faultsOf(database.db)).length
  } finally {
    await database.close()
  }
}

function countBeside(file: string, other: string, query: string): number {
  return reading(file, (db) => {
    db.prepare('attach ? as other').run(other)
    return count(db, query)
  })
}

/** How many of a counter's own events the server does not have as they were written. */
export const missingAt = (server: string, counter: string): number =>
  countBeside(
    counter,
    server,
    `select count(*) as count from main.event as made where not exists (
      select 1 from other.event as kept where kept.id = made.id and kept.hash = made.hash)`,
  )

const STATE = (schema: string) => `
  select * from (select id, free, held from ${schema}.lot where free > 0 or held <> '[]'
  union all select id, spent, tier from ${schema}.member)`

/** In how many members and lots a counter knows otherwise than the server. */
export const disagreements = (server: string, counter: string): number =>
  countBeside(
    counter,
    server,
    `select (select count(*) from (${STATE('main')} except ${STATE('other')}))
      + (select count(*) from (${STATE('other')} except ${STATE('main')})) as count`,
  )
