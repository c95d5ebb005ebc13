import { ORPCError } from '@orpc/server'
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { listenOnLoopback } from '#test/support/loopback.ts'
import { isFault } from './is-fault.ts'

/** What a fetch of a server fails with that does so to each request; `undefined` is nobody there. */
async function failureOf(answer: Parameters<typeof createServer>[1] | undefined): Promise<unknown> {
  const server = createServer(answer)
  const port = await listenOnLoopback(server)
  if (!answer) server.close()
  const asked = fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(500) })
  const failure: unknown = await asked
    .then((response) => response.text())
    .then(
      () => null,
      (error: unknown) => error,
    )
  server.closeAllConnections()
  server.close()
  return failure
}

describe('what is worth a line in the log', () => {
  it('is not a server out of reach, however that shows', async () => {
    const failures = await Promise.all([
      failureOf(undefined),
      failureOf((request) => void request.socket.destroy()),
      failureOf(() => undefined),
      failureOf((request, response) => {
        response.writeHead(200).write('half')
        setTimeout(() => request.socket.destroy(), 50)
      }),
    ])
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(Error)
      expect(isFault(failure)).toBe(false)
    }
  })

  it('is not an answer, but what nobody thought of', () => {
    expect(isFault(new ORPCError('BAD_REQUEST'))).toBe(false)
    expect(isFault(new ORPCError('REFUSED', { defined: true }))).toBe(false)
    expect(isFault(new ORPCError('INTERNAL_SERVER_ERROR'))).toBe(true)
    expect(isFault(new TypeError('x is not a function'))).toBe(true)
    expect(isFault(new Error('disk I/O error'))).toBe(true)
    expect(isFault('thrown')).toBe(true)
  })
})
