/** The floor under a sale: its very rows, in a bare SQLite transaction with the same settings and no product around it. */
import Database from 'better-sqlite3'
import { z } from 'zod'

const Row = z.record(z.string(), z.union([z.string(), z.number(), z.null()]))
type Row = z.infer<typeof Row>

/** The tables a sale writes, and how its rows are found by the event's id. */
const ROWS = {
  event: 'select * from event where id = ?',
  transfer: 'select * from transfer where event_id = ?',
  lot: `select * from lot where id >= ? || '.' and id < ? || '/'`,
  print_job: 'select * from print_job where event_id = ?',
}
type Table = keyof typeof ROWS
/** Those that are tables; a sale's transfers are in its event, and move balances. */
const TABLES = ['event', 'lot', 'print_job'] as const

const UPSERT = `insert into balance (account, asset, amount) values (?, ?, ?)
  on conflict (account, asset) do update set amount = amount + excluded.amount`
const LOWER = 'update balance set amount = amount - ? where account = ? and asset = ?'

/** Reads sales' rows from the real counter's file and writes them to a file of its own. */
export function bareWriter(real: Database.Database, file: string) {
  const raw = new Database(file)
  raw.pragma('journal_mode = WAL')
  raw.pragma('synchronous = FULL')
  raw.pragma('wal_autocheckpoint = 0')
  raw.pragma('cache_size = -65536')
  const insert = new Map(TABLES.map((table) => [table, raw.prepare(insertion(raw, table))]))
  const upsert = raw.prepare(UPSERT)
  const lower = raw.prepare(LOWER)
  const begin = raw.prepare('begin')
  const commit = raw.prepare('commit')
  const own = (account: unknown) => typeof account === 'string' && /^(lot:.*@|drawer:)/.test(account)

  return {
    /** Gathers an event's rows; what it gives back writes them. */
    prepare(event: string): () => void {
      const read = (table: Table): Row[] => {
        const query = real.prepare(ROWS[table])
        return z.array(Row).parse(table === 'lot' ? query.all(event, event) : query.all(event))
      }
      const rows = TABLES.map((table) => ({ table, records: read(table) }))
      const transfers = read('transfer')
      return () => {
        begin.run()
        for (const { table, records } of rows) for (const record of records) insert.get(table)?.run(record)
        for (const { asset, from_account: from, to_account: to, amount } of transfers) {
          if (own(to)) upsert.run(to, asset, amount)
          if (own(from)) lower.run(amount, from, asset)
        }
        commit.run()
      }
    },
    raw,
    close: () => void raw.close(),
  }
}

function insertion(raw: Database.Database, table: string): string {
  const columns = z.array(z.object({ name: z.string() })).parse(raw.pragma(`table_info(${table})`))
  const names = columns.map(({ name }) => name)
  return `insert into ${table} (${names.join(', ')}) values (${names.map((name) => `@${name}`).join(', ')})`
}
