/** The HTTP server that all routes are mounted on: what it logs and measures of a request, and how it says what failed. */
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { NoShopError } from '#server/ledger/unit-of-work.ts'
import type { Metrics } from './metrics.ts'

export function createApp(loggerInstance: FastifyBaseLogger, metrics: Metrics): FastifyInstance {
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: 'loopback',
    forceCloseConnections: 'idle',
  })
  watchRequests(app, metrics)
  app.setErrorHandler(answerError)
  return app
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

/** An error in oRPC's own shape, so that clients read it like every answer. */
export const rpcError = (status: number, code: string, data: Record<string, unknown> = {}) => ({
  json: { defined: false, code, status, message: code, data },
  meta: [],
})

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
