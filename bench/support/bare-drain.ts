/** The floor under a drain: the very rows that the pushed events became, in bare multi-row inserts, 500 events a commit. */
import Database from 'better-sqlite3'
import { z } from 'zod'

const Row = z.array(z.union([z.string(), z.number(), z.null()]))
const Moved = z.tuple([z.string(), z.string(), z.number()])
type Row = z.infer<typeof Row>

const PART = 'event.terminal = ? and event.seq > ? and event.seq <= ?'
const ROWS = {
  event: `select event.* from event where ${PART} order by seq`,
  lot: `select lot.* from event join lot on lot.id > event.id || '.' and lot.id < event.id || '/' where ${PART}`,
  claim: `select claim.* from event join claim on claim.id = event.id where ${PART}`,
}
const MEMBERS = 'select id, tier, spent, recent, seq from member where seq > ?'
const MOVE_MEMBER = 'update member set tier = ?, spent = ?, recent = ?, seq = ? where id = ?'
const MOVED = `select account, asset, sum(amount) from (
  select to_account as account, asset, amount from event join transfer on event_id = id where ${PART}
  union all
  select from_account, asset, -amount from event join transfer on event_id = id where ${PART}
) where account not like 'lot:%' group by account, asset having sum(amount) <> 0`

/** A counter's own way: what raises a balance may make its row, what lowers one finds it there. */
const RAISE = 'on conflict do update set amount = amount + excluded.amount'
const LOWER = 'update balance set amount = amount + ? where account = ? and asset = ?'

const EVENTS_A_COMMIT = 500
const ROWS_A_STATEMENT = 64

/** Writes a terminal's events, all after seq `known`, to a copy of the database as it was before them; gives the seconds it took. */
export function bareDrain(pushed: string, before: string, terminal: string, known = 0): number {
  const from = new Database(pushed, { readonly: true })
  const to = new Database(before)
  to.pragma('journal_mode = WAL')
  to.pragma('synchronous = FULL')
  to.pragma('wal_autocheckpoint = 0')
  to.pragma('cache_size = -262144')
  const lower = to.prepare(LOWER)
  let ms = 0
  for (let seq = known; ; seq += EVENTS_A_COMMIT) {
    const part = [terminal, seq, seq + EVENTS_A_COMMIT]
    const read = (query: string, ...bound: unknown[]) =>
      z.array(Row).parse(
        from
          .prepare(query)
          .raw()
          .all(...bound),
      )
    const events = read(ROWS.event, ...part)
    if (events.length === 0) break
    const lots = read(ROWS.lot, ...part)
    const claims = read(ROWS.claim, ...part)
    const moved = z.array(Moved).parse(read(MOVED, ...part, ...part))
    const isLowered = ([account, , amount]: (typeof moved)[number]) => amount < 0 && account.startsWith('lot:')
    const start = performance.now()
    to.exec('begin immediate')
    insertAll(to, 'event', events)
    insertAll(to, 'lot', lots)
    insertAll(to, 'claim', claims)
    insertAll(
      to,
      'balance',
      moved.filter((row) => !isLowered(row)),
      RAISE,
    )
    for (const [account, asset, amount] of moved.filter(isLowered)) lower.run(amount, account, asset)
    to.exec('commit')
    ms += performance.now() - start
  }
  ms += moveMembers(from, to)
  from.close()
  to.close()
  return ms / 1_000
}

/** The members whom the events have moved on, each once. */
function moveMembers(from: Database.Database, to: Database.Database): number {
  const { before } = z.object({ before: z.int() }).parse(to.prepare('select max(seq) as before from member').get())
  const members = z.array(Row).parse(from.prepare(MEMBERS).raw().all(before))
  const move = to.prepare(MOVE_MEMBER)
  const start = performance.now()
  to.exec('begin immediate')
  for (const [id, ...state] of members) move.run(...state, id)
  to.exec('commit')
  return performance.now() - start
}

const prepared = new WeakMap<Database.Database, Map<string, Database.Statement>>()

/** Puts rows, each with a value for every column, into a table. */
export function insertAll(db: Database.Database, table: string, rows: readonly Row[], end = ''): void {
  const statements = prepared.get(db) ?? new Map<string, Database.Statement>()
  prepared.set(db, statements)
  for (let start = 0; start < rows.length; start += ROWS_A_STATEMENT) {
    const part = rows.slice(start, start + ROWS_A_STATEMENT)
    const key = `${table} ${part.length}`
    let statement = statements.get(key)
    if (!statement) {
      const places = `(${part[0]?.map(() => '?').join(', ')})`
      statement = db.prepare(`insert into ${table} values ${part.map(() => places).join(', ')} ${end}`)
      statements.set(key, statement)
    }
    statement.run(part.flat())
  }
}
