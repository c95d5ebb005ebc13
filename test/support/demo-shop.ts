/** The demo shop, whole and real, in one process: its server, and counters with pages for a browser. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { startHost } from '#main/host.ts'
import { composeTerminal } from '#main/compose.ts'
import { fileKeyStore } from '#main/keys/key-store.ts'
import { composeServer } from '#server/compose.ts'
import type { Db } from '#server/ledger/database.ts'
import { seedDemoShop } from '#server/demo/seed.ts'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { builtPage } from './shared.ts'
import { makeTempDir, removeDir } from './temp.ts'

export type DemoCounter = {
  url: string
  /** Stops answering the screen; what was done is kept. */
  stopAnswering(): Promise<void>
  /** Answers at the same address again. */
  answerAgain(): Promise<void>
}

export type DemoShop = {
  /** The server's. */
  db: Db
  /** A new counter that has joined the shop. */
  openCounter(name: string): Promise<DemoCounter>
  /** Takes the server away, as a cut cable does. */
  goOffline(): Promise<void>
  close(): Promise<void>
}

/** Starts the shop; `clock` is what time it is there. The caller closes it. */
export async function openDemoShop(clock = Date.now): Promise<DemoShop> {
  const dir = makeTempDir()
  const pageDir = await builtPage('counter')
  const server = await composeServer({
    database: join(dir, 'server.db'),
    clock,
    beforeListening: async ({ database, ledger }) => void (await seedDemoShop(database, ledger, clock)),
  })
  const closers: (() => Promise<unknown>)[] = []
  let offline = false

  async function goOffline(): Promise<void> {
    if (!offline) await server.close()
    offline = true
  }
  async function openCounter(name: string): Promise<DemoCounter> {
    const dataDir = join(dir, randomUUID())
    const keyStore = fileKeyStore(join(dataDir, 'terminal.key'))
    const terminal = await composeTerminal({ dataDir, keyStore, demo: true, now: clock })
    const code = await makeEnrolCode(server.database.db, 's1', clock())
    const joined = await terminal.enrol({ serverUrl: server.url, code, counter: name })
    if (!joined.ok) throw new Error(`the counter could not join: ${joined.reason}`)
    const answer = (port: number) => startHost({ router: terminal.router, pageDir, port, onError: () => undefined })
    let host = await answer(0)
    const { url } = host
    closers.push(async () => {
      await host.close()
      await terminal.close()
    })
    return {
      url,
      stopAnswering: () => host.close(),
      answerAgain: async () => void (host = await answer(Number(new URL(url).port))),
    }
  }
  return {
    db: server.database.db,
    openCounter,
    goOffline,
    async close() {
      for (const close of closers) await close()
      await goOffline()
      removeDir(dir)
    },
  }
}
