/** Opens a ledger's database: a SQLite file for a counter or a small server, PostgreSQL for a larger one. */
import Database from 'better-sqlite3'
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely'
import { defineFunctions } from './functions.ts'

export type Dialect = 'sqlite' | 'postgres'

export type Opened<T> = { db: Kysely<T>; dialect: Dialect; close(): Promise<void> }

export type SqliteOpened<T> = Opened<T> & { raw: Database.Database }

/** What is said of a SQLite file, and means nothing to PostgreSQL. */
type Filing = {
  /** Its transactions only read, and so wait for nobody who writes to the same file. */
  reading?: boolean
  /** The most memory for pages it has read. */
  cacheMb?: number
}

/** How often the WAL is written back to the file: between transactions, never inside one. */
const CHECKPOINT_EVERY_MS = 5_000

/**
 * Opens (or makes) a SQLite file in WAL with `synchronous=FULL`: what was committed survives the power. Checkpoints run on
 * a timer, off the sale's path. A transaction waits its turn to write before it reads anything, as one that has read can no
 * longer write once somebody else has; `reading` is for those that write nothing. Throws when the file is no database or its
 * pages are damaged.
 */
export function openSqlite<T>(file: string, { reading = false, cacheMb = 64 }: Filing = {}): SqliteOpened<T> {
  const raw = new Database(file)
  raw.pragma('journal_mode = WAL')
  raw.pragma('synchronous = FULL')
  raw.pragma('foreign_keys = ON')
  raw.pragma('wal_autocheckpoint = 0')
  raw.pragma('busy_timeout = 5000')
  raw.pragma(`cache_size = -${cacheMb * 1_024}`)
  if (raw.pragma('synchronous', { simple: true }) !== 2) throw new Error('SQLite does not keep synchronous=FULL')
  defineFunctions(raw)

  const checkpoint = setInterval(() => {
    // Refused inside a transaction that waits for something else, such as a snapshot for its reader: the next time will do.
    if (raw.inTransaction) return
    try {
      raw.pragma('wal_checkpoint(PASSIVE)')
    } catch {
      // A full disk, say. What was committed is safe in the log, and whoever writes next is told.
    }
  }, CHECKPOINT_EVERY_MS)
  checkpoint.unref()
  const close = () => {
    clearInterval(checkpoint)
    if (raw.open) raw.close()
  }
  const database = withStatementCache(raw, reading ? 'begin' : 'begin immediate', close)
  const db = new Kysely<T>({ dialect: new SqliteDialect({ database }) })
  // Kysely opens its driver with the first query, and closes only what it opened.
  return { db, raw, dialect: 'sqlite', close: () => db.destroy().then(close) }
}

/** Kysely prepares every statement anew; the counter runs the same few dozen all day. */
function withStatementCache(raw: Database.Database, beginning: string, close: () => void) {
  const prepared = new Map<string, Database.Statement<unknown[]>>()
  return {
    close: () => {
      prepared.clear()
      close()
    },
    prepare: (asked: string) => {
      const text = asked === 'begin' ? beginning : asked
      let statement = prepared.get(text)
      if (!statement) {
        if (prepared.size >= 500) prepared.clear()
        statement = raw.prepare<unknown[]>(text)
        prepared.set(text, statement)
      }
      return statement
    },
  }
}

/** How long a statement waits for one of PostgreSQL's connections before it fails: what hangs for ever tells nobody. */
const CONNECTION_WAIT_MS = 30_000

export type Connecting = Filing & {
  /** At most so many at once on PostgreSQL; a SQLite file has one. */
  connections?: number
  /** 0 for as long as it takes. */
  waitMs?: number
}

const INT8 = 20
const NUMERIC = 1700

/** PostgreSQL by URL. Sums and counts come back as numbers; one past 2^53 throws rather than lose a unit. */
function openPostgres<T>(url: string, { connections = 10, waitMs = CONNECTION_WAIT_MS }: Connecting): Opened<T> {
  const pool = async () => {
    // A counter has no use for it, and starts without.
    const { default: pg } = await import('pg')
    const types = new pg.TypeOverrides()
    types.setTypeParser(INT8, safeInteger)
    types.setTypeParser(NUMERIC, safeInteger)
    const opened = new pg.Pool({ connectionString: url, max: connections, connectionTimeoutMillis: waitMs, types })
    // A connection that breaks is replaced, and whoever was using it is told by the query that fails; without a listener of
    // their own, the pool's idle connections and those in use would end the process.
    opened.on('error', () => undefined)
    opened.on('connect', (client) => void client.on('error', () => undefined))
    return opened
  }
  const db = new Kysely<T>({ dialect: new PostgresDialect({ pool }) })
  return { db, dialect: 'postgres', close: () => db.destroy() }
}

function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`not a safe integer: ${text}`)
  return value
}

export const isPostgresUrl = (urlOrFile: string): boolean => /^postgres(ql)?:/.test(urlOrFile)

/** `postgres://…` opens PostgreSQL; anything else is the path of a SQLite file. */
export function openDatabase<T>(urlOrFile: string, connecting: Connecting = {}): Opened<T> {
  return isPostgresUrl(urlOrFile) ? openPostgres<T>(urlOrFile, connecting) : openSqlite<T>(urlOrFile, connecting)
}
