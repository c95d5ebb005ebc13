/**
 * Coming back from a day offline: sales made by the real counter, pushed by the real sync code to a real server process.
 * Beside it, the same rows put into a copy of the server's database by bare batched inserts.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Counter } from '#main/counter/counter.ts'
import { pay } from '#main/counter/sales.ts'
import { keyToJoinWith } from '#main/keys/keys.ts'
import { fileKeyStore } from '#main/keys/key-store.ts'
import { syncClient } from '#main/sync/client.ts'
import { handBack } from '#main/sync/hand-back.ts'
import { pushAll } from '#main/sync/push.ts'
import { bareDrain } from './support/bare-drain.ts'
import { workedOut } from './support/inbox.ts'
import { nobody, openCounter } from './support/counter.ts'
import { timed } from './support/figures.ts'
import { copyOf, workFolder, type Ground } from './support/ground.ts'
import { random } from './support/random.ts'
import { nextSale } from './support/sales.ts'
import { enrolCode, startServer } from './support/server.ts'

/** `seconds`: to the last acknowledgement; `workedOutSeconds`: until the server's state contains all of it. */
export type Drain = {
  events: number
  seconds: number
  workedOutSeconds: number
  eventsPerSecond: number
  bareEventsPerSecond: number
}

export async function measureDrain(ground: Ground, sales: number): Promise<Drain> {
  const file = copyOf(ground, 'server', 'drain-server')
  const code = await enrolCode(file)
  const server = await startServer(file)
  try {
    const key = await keyToJoinWith(fileKeyStore(join(workFolder(ground), 'drain.key')))
    const joining = { code, name: 'Counter 1', publicKey: key.publicKey, epoch: nobody.epoch }
    const { terminal, store } = await syncClient(server.url, null, Date.now).enrol(joining)
    const identity = { ...nobody, terminal, store, serverUrl: server.url }
    const { counter, storage } = await openCounter(copyOf(ground, 'counter', 'drain-counter'), identity)
    const client = syncClient(server.url, { terminal, sign: key.sign }, Date.now)
    const pushing = { client, onServerTime: () => undefined, signal: new AbortController().signal }
    // The day began with a server.
    await pushAll(counter, pushing)
    const before = counter.ledger.head()
    await sellOffline(counter, ground, sales)
    const events = counter.ledger.head() - before

    const seconds = (await timed(() => pushAll(counter, pushing))) / 1_000
    const workedOutSeconds = seconds + (await timed(() => workedOut(file))) / 1_000
    await storage.close()
    await server.stop()
    const bareSeconds = bareDrain(file, copyOf(ground, 'server', 'drain-bare'), terminal)
    const eventsPerSecond = events / seconds
    return { events, seconds, workedOutSeconds, eventsPerSecond, bareEventsPerSecond: events / bareSeconds }
  } finally {
    await server.stop()
  }
}

/** A day's sales, and what the round before the push adds: what was earned goes home. */
async function sellOffline(counter: Counter, ground: Ground, sales: number): Promise<void> {
  const draw = random(3)
  for (let made = 0; made < sales; made += 1) {
    const done = await pay(counter, await nextSale(counter, draw, ground.members))
    if (!done.ok) throw new Error(`a sale was refused: ${done.refusal.code}`)
  }
  await handBack(counter, () => false)
  // Sales without a pause leave no turn to the counter's timers: the checkpoint that has come due meanwhile is the sales'.
  await pause(1)
}
