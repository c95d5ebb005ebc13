/**
 * Once per run: what is dear to make and shared by all. Each thing is made when the first test asks for it; the tests'
 * processes ask over loopback, and a run that needs none of them makes none.
 */
import { createServer } from 'node:http'
import type { TestProject } from 'vitest/node'
import { builtPages } from '#main/demo/build-pages.ts'
import { findBrowser } from './browser-program.ts'
import { buildPrograms } from './build-programs.ts'
import { startPostgres } from './postgres-server.ts'
import { makeTemplate } from './postgres-template.ts'
import { listenOnLoopback } from './loopback.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where {@link shared} asks. */
    shared: string
  }
}

/** What a test asks for by name; `value` is what it is told, `stop` ends it with the run. */
type Thing = { value: string; stop(): Promise<void> | void }

/** What it is made of may be another shared thing. */
type Maker = (valueOf: (name: string) => Promise<string>) => Promise<Thing>

const makers: Record<string, Maker> = {
  '/postgres': () => startPostgres(),
  '/postgres/server': async (valueOf) => makeTemplate(await valueOf('/postgres'), 'server'),
  '/postgres/counter': async (valueOf) => makeTemplate(await valueOf('/postgres'), 'counter'),
  '/browser': findBrowser,
  '/pages': async () => ({ value: await builtPages(), stop: () => undefined }),
  '/programs': buildPrograms,
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const made = new Map<string, Promise<Thing>>()
  async function valueOf(name: string): Promise<string> {
    const maker = makers[name]
    if (!maker) throw new Error(`nothing is shared as ${name}`)
    const thing = made.get(name) ?? maker(valueOf)
    made.set(name, thing)
    return (await thing).value
  }
  const server = createServer((request, response) => {
    valueOf(request.url ?? '').then(
      (value) => response.end(value),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  project.provide('shared', `http://127.0.0.1:${await listenOnLoopback(server)}`)
  return async () => {
    server.closeAllConnections()
    server.close()
    for (const thing of await Promise.allSettled(made.values()))
      if (thing.status === 'fulfilled') await thing.value.stop()
  }
}
