/**
 * Once per run. PostgreSQL starts when the first test asks for it: the tests' processes ask over loopback, so that all
 * of them share one server, and a run that needs none starts none.
 */
import { createServer } from 'node:http'
import type { TestProject } from 'vitest/node'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers GET with the URL of the run's PostgreSQL, which it starts at the first request. */
    postgresBroker: string
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let started: Promise<PostgresServer> | undefined
  const broker = createServer((_request, response) => {
    started ??= startPostgres()
    started.then(
      (server) => response.end(server.url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve))
  const address = broker.address()
  if (address === null || typeof address === 'string') throw new Error('The broker has no port.')
  project.provide('postgresBroker', `http://127.0.0.1:${address.port}/`)
  return async () => {
    broker.closeAllConnections()
    broker.close()
    await started?.then(
      (server) => server.stop(),
      () => undefined,
    )
  }
}
