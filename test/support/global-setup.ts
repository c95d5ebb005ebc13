/**
 * Once per run: what is dear to make and shared by all. Each thing is made when the first test asks for it; the tests'
 * processes ask over loopback, and a run that needs none of them makes none.
 */
import { createServer } from 'node:http'
import type { TestProject } from 'vitest/node'
import { buildPage } from './build-page.ts'
import { startPostgres } from './postgres-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where {@link shared} asks. */
    shared: string
  }
}

/** What a test asks for by name; `value` is what it is told, `stop` ends it with the run. */
type Thing = { value: string; stop(): Promise<void> | void }

const makers: Record<string, () => Promise<Thing>> = {
  '/postgres': startPostgres,
  '/page/counter': () => buildPage('counter'),
  '/page/member': () => buildPage('member'),
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const made = new Map<string, Promise<Thing>>()
  const server = createServer((request, response) => {
    const name = request.url ?? ''
    const thing = made.get(name) ?? makers[name]?.()
    if (thing === undefined) {
      response.writeHead(404).end()
      return
    }
    made.set(name, thing)
    thing.then(
      ({ value }) => response.end(value),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  project.provide('shared', `http://127.0.0.1:${address.port}`)
  return async () => {
    server.closeAllConnections()
    server.close()
    for (const thing of await Promise.allSettled(made.values()))
      if (thing.status === 'fulfilled') await thing.value.stop()
  }
}
