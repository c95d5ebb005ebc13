/**
 * The browser host: the same terminal for a browser on this machine, over HTTP on loopback. It answers only requests that
 * name it by a loopback host, and writes only for pages it served itself, so that no web page can reach the counter.
 */
import { isIP } from 'node:net'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { onError } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fastify'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { contentSecurityPolicy } from './content-security-policy.ts'
import type { TerminalRouter } from './rpc/router.ts'

export type HostOptions = {
  router: TerminalRouter
  /** Where the counter's built page is. */
  pageDir: string
  /** 0 takes any free port. */
  port: number
  onError(error: unknown): void
}

export type Host = { url: string; close(): Promise<void> }

const LOOPBACK = '127.0.0.1'
const BODY_LIMIT = 1_000_000

/** Starts to listen on loopback. Throws when the port is taken. */
export async function startHost(options: HostOptions): Promise<Host> {
  const app = Fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: true })
  app.addHook('onRequest', refuseStrangers)
  app.addHook('onSend', async (_request, reply, payload) => {
    for (const [name, value] of Object.entries(HEADERS)) reply.header(name, value)
    return payload
  })
  app.setErrorHandler(answerError(options.onError))
  mountRpc(app, options)
  await app.register(fastifyStatic, { root: join(options.pageDir), immutable: true, maxAge: '1y', index: false })
  app.setNotFoundHandler(page)
  app.get('/', page)
  await app.listen({ host: LOOPBACK, port: options.port })
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('the host has no port')
  return { url: `http://${LOOPBACK}:${address.port}/`, close: () => app.close() }
}

const HEADERS = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** The page routes by itself: every path that is no file is the page. */
async function page(request: FastifyRequest, reply: FastifyReply) {
  if (request.method !== 'GET' || request.url.startsWith('/assets/')) return reply.code(404).send({ code: 'notFound' })
  return reply.header('cache-control', 'no-cache').sendFile('index.html', { immutable: false, maxAge: 0 })
}

/** A name that resolves here is not enough (DNS rebinding), and another site's page may not call (CSRF). */
async function refuseStrangers(request: FastifyRequest, reply: FastifyReply) {
  const host = request.headers.host ?? ''
  const { origin } = request.headers
  const ownOrigin = origin === undefined || origin === `http://${host}`
  if (!isLoopback(host) || !ownOrigin) return reply.code(403).send({ code: 'forbidden' })
  const site = request.headers['sec-fetch-site']
  const foreign = site !== undefined && site !== 'same-origin' && site !== 'none'
  if (foreign && request.url.startsWith('/rpc')) return reply.code(403).send({ code: 'forbidden' })
}

/** A body that is torn, no JSON or too large never reaches a procedure. */
const answerError =
  (report: HostOptions['onError']) =>
  (error: { statusCode?: number }, _request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const status = error.statusCode ?? 500
    if (status >= 500) report(error)
    return reply.code(status).send({ code: status === 413 ? 'tooLarge' : status < 500 ? 'badRequest' : 'failed' })
  }

function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}

function mountRpc(app: FastifyInstance, { router, onError: report }: HostOptions) {
  const handler = new RPCHandler(router, { interceptors: [onError(report)] })
  app.register(async (scope) => {
    scope.all('/rpc/*', async (request, reply) => {
      if (request.body === null) return reply.code(400).send({ code: 'badRequest' })
      const { matched } = await handler.handle(request, reply, { prefix: '/rpc' })
      if (!matched) await reply.code(404).send({ code: 'notFound' })
    })
  })
}
