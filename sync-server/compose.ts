/** The server, put together from its parts: for the command line, for tests, and for the simulator alike. */
import '#storage/require-node.ts'
import { join } from 'node:path'
import { pino, type Logger } from 'pino'
import { PROTOCOLS, type Protocols } from '#core/contract/sync.ts'
import { createApp } from './http/app.ts'
import { healthRoutes } from './http/health.ts'
import { createMetrics, type Metrics } from './http/metrics.ts'
import { syncRoutes } from './http/sync-routes.ts'
import { dailyJobs } from './jobs/daily.ts'
import { ensureCursor } from './ledger/cursor.ts'
import { openServerDatabase, type ServerDatabase } from './ledger/database.ts'
import { mint } from './ledger/mint.ts'
import { localNudge, postgresNudge } from './ledger/nudge.ts'
import { createLedger, type Ledger } from './ledger/unit-of-work.ts'
import { lineSide } from './line/line-side.ts'
import { enqueueNotices } from './line/outbox.ts'
import { lineSettings, type LineSettings } from './line/settings.ts'
import { signInBy } from './line/sign-in.ts'
import { rateLimit } from '#server/http/rate-limit.ts'
import { memberRoutes } from './member/routes.ts'
import { officeKey, outboxPath } from './office/outbox-page.ts'
import { createInbox, type Inbox } from './sync/inbox.ts'

export type ServerOptions = {
  /** A SQLite file's path, or a PostgreSQL URL. */
  database: string
  host?: string
  /** 0 for any free one. */
  port?: number
  line?: LineSettings
  /** Where the members' pages have been built. */
  pages?: string
  clock?: () => number
  logger?: Logger
  /** What counters it can answer; what this program can, unless told. */
  protocols?: Protocols
  /** The newest events it understands; those this program knows, unless told. */
  eventVersion?: number
  recallWaitMs?: number
  /** `byHand`: nothing is done but answering; whoever holds the server runs its jobs and its outbox. */
  rounds?: 'timed' | 'byHand'
  /** Runs once the database is open and before anyone is answered. */
  beforeListening?: (parts: { database: ServerDatabase; ledger: Ledger }) => Promise<void>
}

export type Server = {
  url: string
  database: ServerDatabase
  ledger: Ledger
  metrics: Metrics
  inbox: Inbox
  /** What whoever started it should be told. */
  notes: Record<string, string>
  /** Stops taking requests, ends streams, finishes what is under way, closes the database. */
  close(): Promise<void>
}

/** What is under way has this long to finish. */
const CLOSE_WITHIN_MS = 3_000
const SWEEP_MS = 50

export async function composeServer(options: ServerOptions): Promise<Server> {
  const { clock = Date.now, logger = pino({ level: 'silent' }), line = lineSettings({}) } = options
  const database = await openServerDatabase(options.database)
  await ensureCursor(database.db)
  const nudge = database.dialect === 'postgres' ? postgresNudge(options.database) : localNudge()
  const { eventVersion } = options
  const ledger = createLedger({
    database,
    clock,
    mint,
    afterEvents: enqueueNotices,
    announce: nudge.announce,
    eventVersion,
  })
  const metrics = createMetrics()
  const stopping = new AbortController()

  const app = createApp(logger, metrics)
  healthRoutes(app, database.db, metrics)
  const { protocols = PROTOCOLS, recallWaitMs } = options
  const onError = (error: unknown) => logger.error({ err: error }, 'what is kept of a counter could not be worked out')
  const inbox = createInbox({ database, ledger, metrics, onError })
  await syncRoutes(app, {
    database,
    ledger,
    inbox,
    nudge,
    metrics,
    clock,
    protocols,
    recallWaitMs,
    stopping: stopping.signal,
  })
  await memberRoutes(app, {
    db: database.db,
    ledger,
    clock,
    signIn: signInBy(line),
    limit: rateLimit({ burst: 60, perMinute: 240 }, clock),
    pages: options.pages ?? join(import.meta.dirname, '../out/member'),
  })

  const lineWork = await lineSide(app, {
    database,
    ledger,
    clock,
    settings: line,
    onError: (error, about) => logger.error({ err: error }, about),
  })
  await options.beforeListening?.({ database, ledger })
  const jobs = dailyJobs({
    database,
    ledger,
    clock,
    onError: (error) => logger.error({ err: error }, 'a job failed'),
  })

  const url = await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 })
  if (options.rounds !== 'byHand') {
    jobs.start()
    lineWork.start()
    inbox.start()
  }
  return {
    url,
    database,
    ledger,
    metrics,
    inbox,
    notes: { [line.messaging ? 'messages' : 'outbox']: `${url}${outboxPath(await officeKey(database.db))}` },
    close: async () => {
      stopping.abort()
      // Streams and requests leave their connections idle only as they end; one that never asked for anything is not idle
      // to Node at all, which would wait a minute for it.
      const sweeping = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS)
      const patience = setTimeout(() => app.server.closeAllConnections(), CLOSE_WITHIN_MS)
      await app.close()
      clearInterval(sweeping)
      clearTimeout(patience)
      await jobs.stop()
      await lineWork.stop()
      await inbox.stop()
      await nudge.close()
      await database.close()
    },
  }
}
