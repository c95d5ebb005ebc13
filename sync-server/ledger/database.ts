/** The server's database: one that writes, one that reads consistent pages beside it, and one a snapshot. */
import { sql, type Kysely, type SelectQueryBuilder, type Transaction } from 'kysely'
import { migrate } from '#storage/migrate.ts'
import { openDatabase, type Dialect, type Opened } from '#storage/open.ts'
import type { LedgerName, ServerTables } from '#storage/schema.ts'

export type Db = Kysely<ServerTables>
export type Trx = Transaction<ServerTables>

export type ServerDatabase = {
  db: Db
  dialect: Dialect
  /** Runs reads that see one moment of the database, beside writers. */
  atOneMoment<T>(read: (trx: Trx) => Promise<T>): Promise<T>
  /** The same over a connection of its own, for reads that take as long as whoever reads; only so many run at once. */
  atOneMomentAside<T>(read: (trx: Trx) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Reads of their own that PostgreSQL runs beside the rest. Further ones wait in line, for as long as it takes. */
const ASIDE = 4

/** A long chain goes to lots and members all over a file: so much of it is kept at hand for whoever writes. */
const CACHE_MB = 256

/** The same handle, for what the counter's and the server's storage share. */
export const ledgerOf = (db: Db) => db.$pickTables<LedgerName>()

/** Has a query lock the rows it finds; SQLite has one writer, and no such words. */
export const locking = <T extends keyof ServerTables, R>(
  dialect: Dialect,
  query: SelectQueryBuilder<ServerTables, T, R>,
): SelectQueryBuilder<ServerTables, T, R> => (dialect === 'postgres' ? query.forUpdate() : query)

/** Opens a SQLite file or a PostgreSQL URL and brings it to the present version. */
export async function openServerDatabase(urlOrFile: string): Promise<ServerDatabase> {
  const main = openDatabase<ServerTables>(urlOrFile, { cacheMb: CACHE_MB })
  try {
    await migrate(main.db, 'server', main.dialect)
  } catch (error) {
    await main.close()
    throw error
  }
  // SQLite has one connection an opened file: a reader of its own keeps pages from waiting for writers.
  const reader = main.dialect === 'sqlite' ? openDatabase<ServerTables>(urlOrFile, { reading: true }) : main
  // Slow readers may hold all of these, and none of those that the shop's work needs.
  const aside =
    main.dialect === 'postgres' ? openDatabase<ServerTables>(urlOrFile, { connections: ASIDE, waitMs: 0 }) : null
  return {
    db: main.db,
    dialect: main.dialect,
    atOneMoment: (read) => snapshotRead(reader, read),
    atOneMomentAside: async (read) => {
      if (aside) return snapshotRead(aside, read)
      const own = openDatabase<ServerTables>(urlOrFile, { reading: true })
      try {
        // It meets each page once, and so has nothing to keep: memory that is new to the process costs as much as the reading.
        await sql`pragma cache_size = -2000`.execute(own.db)
        return await snapshotRead(own, read)
      } finally {
        await own.close()
      }
    },
    close: async () => {
      await aside?.close()
      if (reader !== main) await reader.close()
      await main.close()
    },
  }
}

function snapshotRead<T>({ db, dialect }: Opened<ServerTables>, read: (trx: Trx) => Promise<T>): Promise<T> {
  const transaction = db.transaction()
  if (dialect === 'sqlite') return transaction.execute(read)
  return transaction.setIsolationLevel('repeatable read').setAccessMode('read only').execute(read)
}
