/** The members' side of the server over HTTP: the API under its prefix, and the page at `/` and `/c/<token>`. */
import { existsSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import { onError } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fastify'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { MEMBER_PREFIX } from '#core/contract/member.ts'
import { logFault } from '#server/http/log-fault.ts'
import { memberRouter, type MemberDeps } from './rpc.ts'

const BODY_MAX = 32 * 1024

/** Mounts the API and, where the page has been built (`pages` is its folder), the page. */
export async function memberRoutes(app: FastifyInstance, deps: MemberDeps & { pages: string }): Promise<void> {
  const handler = new RPCHandler(memberRouter(deps), { interceptors: [onError(logFault(app.log))] })
  app.post(`${MEMBER_PREFIX}/*`, { bodyLimit: BODY_MAX }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const { matched } = await handler.handle(request, reply, { prefix: MEMBER_PREFIX, context: { caller: request.ip } })
    return matched ? reply : reply.code(404).send({ error: 'notFound' })
  })

  if (!existsSync(`${deps.pages}/index.html`)) return
  await app.register(fastifyStatic, {
    root: `${deps.pages}/assets`,
    prefix: '/assets/',
    index: false,
    immutable: true,
    maxAge: '365d',
    setHeaders: (reply) => void reply.header('x-content-type-options', 'nosniff'),
  })
  const headers = pageHeaders(deps.signIn.by === 'line')
  const page = (reply: FastifyReply) =>
    reply.headers(headers).type('text/html; charset=utf-8').sendFile('index.html', deps.pages)
  app.get('/', (_request, reply) => page(reply))
  // A token is longer than the router lets a parameter be.
  app.get('/c/*', (_request, reply) => page(reply))
}

/** The page loads nothing but its own files; LINE's SDK and what it talks to only where LINE Login is set up. */
function pageHeaders(withLine: boolean): Record<string, string> {
  const line = (origins: string) => (withLine ? ` ${origins}` : '')
  const policy = [
    "default-src 'none'",
    `script-src 'self'${line('https://*.line-scdn.net')}`,
    `connect-src 'self'${line('https://*.line.me https://*.line-scdn.net')}`,
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return {
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-cache',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  }
}
