/** RxDB's replication over HTTP, in memory on both sides. The server answers by RxDB's own handler of the protocol. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { createRxDatabase, rxStorageInstanceToReplicationHandler, type RxCollection } from 'rxdb/plugins/core'
import { replicateRxCollection } from 'rxdb/plugins/replication'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import { batches, portOf, RETRY_MS, type Doc, type Peer } from './peer.ts'

const BATCH = 1_000

const schema = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: { id: { type: 'string', maxLength: 100 }, text: { type: 'string' } },
  required: ['id', 'text'],
} as const

async function openEvents(): Promise<RxCollection<Doc>> {
  const name = `events-${process.pid}-${Math.random()}`
  const db = await createRxDatabase({ name, storage: getRxStorageMemory(), multiInstance: false })
  return (await db.addCollections({ events: { schema } })).events
}

async function keep(events: RxCollection<Doc>, docs: readonly Doc[]): Promise<void> {
  for (const part of batches(docs, 5_000)) await events.bulkInsert(part)
}

async function post(url: string, value: unknown) {
  return (await fetch(url, { method: 'POST', body: JSON.stringify(value) })).json()
}

export const rxdb: Peer = {
  async serve(_dir, port) {
    const events = await openEvents()
    const { storageInstance, conflictHandler, database } = events
    const handler = rxStorageInstanceToReplicationHandler(storageInstance, conflictHandler, database.token)
    const answer = async (request: IncomingMessage): Promise<unknown> => {
      const asked = JSON.parse(await text(request))
      if (request.url === '/push') return handler.masterWrite(asked)
      return handler.masterChangesSince(asked.checkpoint, asked.limit)
    }
    const server = createServer((request, response) => {
      void answer(request).then((value) => response.end(JSON.stringify(value)))
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return {
      url: `http://127.0.0.1:${portOf(server.address())}`,
      fill: (docs) => keep(events, docs),
      count: () => events.count().exec(),
      versions: async () => new Map((await events.find().exec()).map((doc) => [doc.id, doc.revision])),
    }
  },

  async connect(url) {
    const events = await openEvents()
    const common = { collection: events, live: false, retryTime: RETRY_MS }
    return {
      make: (docs) => keep(events, docs),
      ready: async () => undefined,
      async push() {
        const replication = replicateRxCollection<Doc, unknown>({
          ...common,
          replicationIdentifier: 'push',
          push: { batchSize: BATCH, handler: (rows) => post(`${url}/push`, rows) },
        })
        await replication.awaitInitialReplication()
      },
      async pull() {
        const replication = replicateRxCollection<Doc, unknown>({
          ...common,
          replicationIdentifier: 'pull',
          pull: { batchSize: BATCH, handler: (checkpoint, limit) => post(`${url}/pull`, { checkpoint, limit }) },
        })
        await replication.awaitInitialReplication()
      },
      count: () => events.count().exec(),
    }
  },
}
