/** The sync API over HTTP. A request's signature is checked over the raw bytes before anything of them is read. */
import { createHash } from 'node:crypto'
import { createGzip, createZstdCompress, constants } from 'node:zlib'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { onError } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ANSWER_DIGEST } from '#core/contract/request-signature.ts'
import { PUSH_TYPE } from '#core/contract/push.ts'
import { SNAPSHOT_PATH } from '#core/contract/snapshot.ts'
import { SYNC_PREFIX } from '#core/contract/sync.ts'
import { EpochId, TerminalId } from '#core/ids.ts'
import { rateLimit } from '#server/member/rate-limit.ts'
import { syncRouter, type SyncDeps } from '#server/sync/router.ts'
import { snapshotLines } from '#server/sync/snapshot.ts'
import { logFault } from './log-fault.ts'
import { whoAsks } from './signature.ts'

/** A full push of 500 events, with room; anything larger is cut smaller by the counter. */
const PUSH_BYTES_MAX = 1_500_000
/** Codes are far too long to guess; this spares the database from who tries. */
const ENROL_LIMIT = { burst: 50, perMinute: 20 }
const ENROL = `${SYNC_PREFIX}/enrol`

/** An error in oRPC's own shape, so that clients read it like every answer. */
export const rpcError = (status: number, code: string, data: Record<string, unknown> = {}) => ({
  json: { defined: false, code, status, message: code, data },
  meta: [],
})

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
      if (terminal.status !== 'active')
        return reply.code(403).send(rpcError(403, 'FROZEN', { reason: terminal.frozen_reason ?? '' }))
      const epoch = EpochId.safeParse(new URL(request.url, 'http://here').searchParams.get('epoch') ?? terminal.epoch)
      if (!epoch.success) return reply.code(400).send(rpcError(400, 'BAD_REQUEST', { reason: 'epoch' }))
      const holder = { terminal: TerminalId.parse(terminal.id), epoch: epoch.data }
      reply.hijack()
      await database.atOneMomentAside((trx) =>
        sendSnapshot(request, reply, snapshotLines(trx, database.dialect, holder, clock())),
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

const ZSTD = 'application/zstd'
const LINES = 'application/x-ndjson; charset=utf-8'

/**
 * Streams lines, compressed lightly: as a file of its own for who asks for that, else as the transport's encoding. What
 * fails midway cuts the connection, and the counter counts its rows.
 */
async function sendSnapshot(
  request: FastifyRequest,
  reply: FastifyReply,
  lines: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const zstd = String(request.headers['accept-encoding'] ?? '').includes('zstd')
  const file = zstd && String(request.headers.accept ?? '').includes(ZSTD)
  reply.raw.writeHead(200, {
    ...(file ? { 'content-type': ZSTD } : { 'content-type': LINES, 'content-encoding': zstd ? 'zstd' : 'gzip' }),
    'cache-control': 'no-store',
  })
  const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag } = constants
  const compress = zstd
    ? createZstdCompress({ params: { [ZSTD_c_compressionLevel]: 1, [ZSTD_c_checksumFlag]: 1 } })
    : createGzip({ level: 1 })
  try {
    await pipeline(Readable.from(lines), compress, reply.raw)
  } catch (error) {
    request.log.warn({ err: error }, 'a snapshot was cut off')
    reply.raw.destroy()
  }
}
