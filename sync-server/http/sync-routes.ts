/** The sync API over HTTP. A request's signature is checked over the raw bytes before anything of them is read. */
import { createHash } from 'node:crypto'
import { onError } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ANSWER_DIGEST } from '#core/contract/request-signature.ts'
import { PUSH_TYPE } from '#core/contract/push.ts'
import { SNAPSHOT_PATH } from '#core/contract/snapshot.ts'
import { SYNC_PREFIX } from '#core/contract/sync.ts'
import { EpochId, TerminalId } from '#core/ids.ts'
import { rateLimit } from './rate-limit.ts'
import { syncRouter, type SyncDeps } from '#server/sync/router.ts'
import { snapshotLines } from '#server/sync/snapshot.ts'
import { whyWithheld } from '#server/sync/withheld.ts'
import { rpcError } from './app.ts'
import { logFault } from './log-fault.ts'
import { sendSnapshot } from './send-snapshot.ts'
import { whoAsks } from './signature.ts'

/** The fullest push, with room. */
const PUSH_BYTES_MAX = 5_000_000
/** Codes are far too long to guess; this spares the database from who tries. */
const ENROL_LIMIT = { burst: 50, perMinute: 20 }
const ENROL = `${SYNC_PREFIX}/enrol`

export async function syncRoutes(app: FastifyInstance, deps: SyncDeps): Promise<void> {
  const { database, clock } = deps
  const handler = new RPCHandler(syncRouter(deps), { interceptors: [onError(logFault(app.log))] })
  const enrolLimit = rateLimit(ENROL_LIMIT, clock)

  await app.register(async (sync) => {
    sync.removeAllContentTypeParsers()
    sync.addContentTypeParser(
      ['application/json', PUSH_TYPE],
      { parseAs: 'buffer', bodyLimit: PUSH_BYTES_MAX },
      (_request, body, done) => done(null, body),
    )

    sync.addHook('onSend', (_request, reply, payload, done) => {
      if (typeof payload === 'string') reply.header(ANSWER_DIGEST, createHash('sha256').update(payload).digest('hex'))
      done()
    })

    sync.post(`${SYNC_PREFIX}/*`, { bodyLimit: PUSH_BYTES_MAX }, async (request, reply) => {
      const enrolling = request.url === ENROL
      if (enrolling && !enrolLimit.allows(request.ip)) return reply.code(429).send(rpcError(429, 'TOO_MANY_REQUESTS'))
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const signed = enrolling ? null : await whoAsks(database.db, asked(request, body), clock())
      if (enrolling || signed?.ok) {
        const parsed = request.headers['content-type'] === PUSH_TYPE ? asItIs(body) : parse(body)
        if (!parsed.ok) return reply.code(400).send(rpcError(400, 'BAD_REQUEST', { reason: 'unreadable' }))
        request.body = parsed.value
      } else {
        request.body = { json: {}, meta: [] }
      }
      const { matched } = await handler.handle(request, reply, { prefix: SYNC_PREFIX, context: { signed } })
      return matched ? reply : reply.code(404).send(rpcError(404, 'NOT_FOUND'))
    })

    sync.get(SNAPSHOT_PATH, async (request, reply) => {
      const signed = await whoAsks(database.db, asked(request, Buffer.alloc(0)), clock())
      if (!signed.ok)
        return reply.code(401).send(rpcError(401, 'UNAUTHORISED', { reason: signed.reason, serverTime: clock() }))
      const { terminal } = signed
      const epoch = EpochId.safeParse(new URL(request.url, 'http://here').searchParams.get('epoch') ?? terminal.epoch)
      if (!epoch.success) return reply.code(400).send(rpcError(400, 'BAD_REQUEST', { reason: 'epoch' }))
      const reason = await whyWithheld(database.db, terminal, epoch.data)
      if (reason !== null) return reply.code(403).send(rpcError(403, 'FROZEN', { reason }))
      const holder = { terminal: TerminalId.parse(terminal.id), epoch: epoch.data }
      reply.hijack()
      await database.atOneMomentAside((trx) =>
        sendSnapshot(request.raw, reply.raw, snapshotLines(trx, database.dialect, holder, clock()), (error) =>
          request.log.warn({ err: error }, 'a snapshot was cut off'),
        ),
      )
      return reply
    })
  })
}

const asked = (request: FastifyRequest, body: Buffer) => ({
  method: request.method,
  path: request.raw.url ?? '',
  headers: request.headers,
  body,
})

type Parsed = { ok: true; value: unknown } | { ok: false }

/** Bytes, as the whole of a call's input. */
const asItIs = (body: Buffer): Parsed => ({ ok: true, value: { json: body } })

function parse(body: Buffer): Parsed {
  try {
    return { ok: true, value: JSON.parse(body.toString('utf8')) }
  } catch {
    return { ok: false }
  }
}
