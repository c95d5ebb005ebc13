/** The clients' process of Counterfoil: real counters on their own folders, which sync when they are asked to. */
import '#storage/require-node.ts'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import { StaffId } from '#core/ids.ts'
import { composeTerminal, type Terminal } from '#main/compose.ts'
import { pay } from '#main/counter/sales.ts'
import type { Engine } from '#main/engine.ts'
import { fileKeyStore } from '#main/keys/key-store.ts'
import { keptKey } from '#main/keys/keys.ts'
import { syncClient } from '#main/sync/client.ts'
import { handBack } from '#main/sync/hand-back.ts'
import { pushAll } from '#main/sync/push.ts'
import { random } from '#bench/support/random.ts'
import { nextSale } from '#bench/support/sales.ts'
import { answerParent } from './process.ts'
import { pause } from './system.ts'

type Open = { terminal: Terminal; engine: Engine; dir: string }

const LOOK_AGAIN_MS = 2
const TURN_EVERY = 50
/** How soon a counter whose server is gone tries again. */
const RETRY_MS = 200

const counters: Open[] = []
const keyStore = (dir: string) => fileKeyStore(join(dir, 'terminal.key'))

function at(n: unknown): Open {
  const counter = counters[Number(n)]
  if (!counter) throw new Error('there is no such counter')
  return counter
}

async function open(dir: string, serverUrl?: string, joining?: { code: string; counter: string }): Promise<void> {
  const terminal = await composeTerminal({
    dataDir: dir,
    keyStore: keyStore(dir),
    serverUrl: joining ? undefined : serverUrl,
    rounds: 'byHand',
  })
  if (joining) await terminal.enrol({ serverUrl: serverUrl ?? '', ...joining })
  const engine = terminal.engine()
  if (!engine) throw new Error('the counter did not get its snapshot')
  counters.push({ terminal, engine, dir })
}

/** A day's sales with no server, and what was earned on its way home. What matters here is not how long it takes. */
async function sell({ engine }: Open, sales: number, seed: number, members: number): Promise<number> {
  const { counter } = engine
  await sql`pragma synchronous = off`.execute(counter.db)
  const atWork: typeof counter = {
    ...counter,
    staff: () => ({ id: StaffId.parse('mei'), name: '陳小梅', role: 'staff' }),
    print: () => undefined,
  }
  const draw = random(seed)
  for (let made = 0; made < sales; made += 1) {
    const done = await pay(atWork, await nextSale(atWork, draw, members))
    if (!done.ok) throw new Error(`a sale was refused: ${done.refusal.code}`)
    // Checkpoints are made on a timer, between sales; a log without any grows, and slows what reads through it.
    if (made % TURN_EVERY === 0) await nextTurn()
  }
  await handBack(atWork, () => false)
  await counter.db.updateTable('print_job').set({ state: 'printed' }).execute()
  return counter.ledger.head()
}

/** The events as documents for others to carry, one a line. */
async function writeDocs({ engine }: Open, file: string): Promise<void> {
  const { db, ledger } = engine.counter
  const own = db.selectFrom('event').select(['id', 'text']).where('epoch', '=', ledger.holder.epoch)
  writeFileSync(file, '')
  const lines: string[] = []
  const flush = () => writeFileSync(file, lines.splice(0).join(''), { flag: 'a' })
  for (const row of await own.orderBy('seq').execute()) {
    lines.push(`${JSON.stringify(row)}\n`)
    if (lines.length === 10_000) flush()
  }
  flush()
}

/** Syncs until the server has acknowledged all there is; the rest of that round goes on. */
async function push({ engine }: Open): Promise<void> {
  for (;;) {
    const round = engine.sync.once()
    let over = false
    void round.finally(() => (over = true))
    while (!over && engine.unsynced() > 0) await pause(LOOK_AGAIN_MS)
    if (engine.unsynced() === 0) return
    await pause(RETRY_MS)
  }
}

/** Sends the whole chain once more, as one who has forgotten that it was sent. */
async function pushAgain({ engine, dir }: Open): Promise<void> {
  const { counter } = engine
  const { sign } = await keptKey(keyStore(dir))
  const client = syncClient(counter.identity.serverUrl, { terminal: counter.identity.terminal, sign }, Date.now)
  const forgetful: typeof counter = { ...counter, ack: () => 0, storedUpTo: () => 0 }
  await pushAll(forgetful, { client, onServerTime: () => undefined, signal: new AbortController().signal })
}

async function pull({ engine }: Open): Promise<void> {
  if (!(await engine.sync.once())) throw new Error('the round did not get through')
}

answerParent({
  open: ({ url, dir }) => open(String(dir), String(url)),
  join: ({ url, dir, code, name }) =>
    open(String(dir), String(url), { code: String(code), counter: String(name ?? 'Counter') }),
  sell: ({ counter, sales, seed, members }) => sell(at(counter), Number(sales), Number(seed), Number(members)),
  writeDocs: ({ counter, file }) => writeDocs(at(counter), String(file)),
  push: ({ counter }) => push(at(counter)),
  pushAll: () => Promise.all(counters.map(push)),
  pushAgain: ({ counter }) => pushAgain(at(counter)),
  pull: ({ counter }) => pull(at(counter)),
  rss: async () => process.resourceUsage().maxRSS / 1_024,
  close: () => Promise.all(counters.map(({ terminal }) => terminal.close())),
})
