/** The server, put together from its parts: for the command line, for tests, and for the simulator alike. */
import '#storage/require-node.ts'
import { join } from 'node:path'
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { pino, type Logger } from 'pino'
import { rpcError, syncRoutes } from './http/sync-routes.ts'
import { createMetrics, type Metrics } from './http/metrics.ts'
import { expireClaims } from './jobs/expire-claims.ts'
import { expireLots } from './jobs/expire-lots.ts'
import { ensureCursor } from './ledger/cursor.ts'
import { openServerDatabase, type ServerDatabase } from './ledger/database.ts'
import { mint } from './ledger/mint.ts'
import { localNudge, postgresNudge } from './ledger/nudge.ts'
import { todayAt } from './ledger/shop.ts'
import { createLedger, NoShopError, type Ledger } from './ledger/unit-of-work.ts'
import { demoSignIn } from './line/demo-sign-in.ts'
import { lineIdTokens } from './line/id-token.ts'
import { lineSide } from './line/line-side.ts'
import { enqueueNotices } from './line/outbox.ts'
import { lineSettings, type LineSettings } from './line/settings.ts'
import { rateLimit } from './member/rate-limit.ts'
import { memberRoutes } from './member/routes.ts'
import type { SignInBy } from './member/rpc.ts'
import { officeKey, outboxPath } from './office/outbox-page.ts'
import { PROTOCOLS, type Protocols } from '#core/contract/sync.ts'
import { isRestoring } from './restore/restored.ts'
import { createInbox, type Inbox } from './sync/inbox.ts'
import { mergeSamePhones } from './sync/merge.ts'
import { readAgain } from './sync/read-again.ts'
import { settleWaiting } from './sync/waiting.ts'

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

const LINE_TIMEOUT_MS = 10_000
/** What is under way has this long to finish. */
const CLOSE_WITHIN_MS = 3_000
const SWEEP_MS = 50
const JOBS_EVERY_MS = 10 * 60_000

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

  const loggerInstance: FastifyBaseLogger = logger
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: 'loopback',
    forceCloseConnections: 'idle',
  })
  watchRequests(app, metrics)
  app.setErrorHandler(answerError)
  observability(app, database, metrics)
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
  let settledDay = ''
  const byHand = options.rounds === 'byHand'
  const settleDay = async () => {
    await settleWaiting(database.db, ledger)
    await expireClaims(database, ledger, clock())
    const shop = await ledger.readShop(database.db)
    const today = shop ? todayAt(shop, null, clock()) : ''
    if (today === settledDay || (await isRestoring(database.db))) return
    await mergeSamePhones(database.db, ledger, null)
    await expireLots(database, ledger, clock())
    await readAgain(database.db, ledger)
    settledDay = today
  }
  const jobs = byHand ? null : everySoOften(settleDay, logger)

  const url = await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 })
  if (!byHand) {
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
      await jobs?.stop()
      await lineWork.stop()
      await inbox.stop()
      await nudge.close()
      await database.close()
    },
  }
}

function signInBy({ login, baseUrl }: LineSettings): SignInBy {
  if (!login) return { by: 'demo', demo: demoSignIn() }
  return {
    by: 'line',
    liffId: login.liffId,
    tokens: lineIdTokens({ baseUrl, channelId: login.channelId, timeoutMs: LINE_TIMEOUT_MS }),
  }
}

/** Logs and measures each request by its route: no address, no header, no body. */
function watchRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    const path = route.endsWith('/rpc/*') ? (request.url.split('?', 1)[0] ?? route) : route
    metrics.observe('request_seconds', reply.elapsedTime / 1_000, {
      route: reply.statusCode === 404 ? 'none' : path,
      status: String(reply.statusCode),
    })
    request.log.info(
      { method: request.method, route: path, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    )
    done()
  })
}

type Failure = Error & { statusCode?: number; code?: string }

function answerError(
  error: Failure,
  request: { log: { error(about: object, text: string): void } },
  reply: { code(status: number): { send(body: object): unknown } },
) {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return reply.code(413).send(rpcError(413, 'PAYLOAD_TOO_LARGE'))
  if (error instanceof NoShopError) return reply.code(503).send(rpcError(503, 'NO_SHOP'))
  const status = error.statusCode ?? 500
  if (status >= 500) request.log.error({ err: error }, 'a request failed')
  return reply.code(status).send(rpcError(status, status >= 500 ? 'INTERNAL_SERVER_ERROR' : 'BAD_REQUEST'))
}

function observability(app: FastifyInstance, { db }: ServerDatabase, metrics: Metrics): void {
  const count = async (table: 'inbox' | 'outbox' | 'quarantine' | 'waiting', open = sql<boolean>`true`) => {
    const query = db.selectFrom(table).select(({ fn }) => fn.countAll<number>().as('count'))
    return Number((await query.where(open).executeTakeFirstOrThrow()).count)
  }
  app.get('/health', async (_request, reply) => {
    try {
      const cursor = await db.selectFrom('cursor').select('seq').executeTakeFirstOrThrow()
      return { ok: true, upTo: cursor.seq }
    } catch {
      return reply.code(503).send({ ok: false })
    }
  })
  app.get('/metrics', async (_request, reply) => {
    const gauges = {
      inbox: await count('inbox'),
      outbox_pending: await count('outbox', sql`state = 'pending'`),
      quarantine: await count('quarantine', sql`resolved_by is null`),
      waiting: await count('waiting'),
    }
    return reply.type('text/plain; version=0.0.4').send(metrics.text(gauges))
  })
}

/** Runs a job now and every ten minutes; one run at a time. */
function everySoOften(job: () => Promise<void>, logger: Logger): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve()
  const run = () => {
    running = running.then(job).catch((error: unknown) => logger.error({ err: error }, 'a job failed'))
  }
  run()
  const timer = setInterval(run, JOBS_EVERY_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      await running
    },
  }
}
