/** PouchDB, and CouchDB's protocol over HTTP by express-pouchdb; LevelDB files on both sides. */
import { once } from 'node:events'
import express from 'express'
import expressPouchDB from 'express-pouchdb'
import PouchDB from 'pouchdb'
import { batches, pause, portOf, RETRY_MS, type Doc, type Peer } from './peer.ts'

type Text = { text: string }

const BATCH = { batch_size: 1_000, batches_limit: 4 }
const stored = ({ id, text }: Doc) => ({ _id: id, text })

async function keep(db: PouchDB.Database<Text>, docs: readonly Doc[]): Promise<void> {
  for (const part of batches(docs, 2_000)) await db.bulkDocs(part.map(stored))
}

export const pouchdb: Peer = {
  async serve(dir, port) {
    const Store = PouchDB.defaults({ prefix: `${dir}/` })
    const db = new Store<Text>('events')
    const app = express()
    app.use('/', expressPouchDB(Store, { mode: 'minimumForPouchDB', logPath: `${dir}/log.txt` }))
    const server = app.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return {
      url: `http://127.0.0.1:${portOf(server.address())}`,
      fill: (docs) => keep(db, docs),
      count: async () => (await db.info()).doc_count,
      versions: async () => new Map((await db.allDocs()).rows.map(({ id, value }) => [id, value.rev])),
    }
  },

  async connect(url, dir) {
    const local = new PouchDB<Text>(`${dir}/client`)
    const remote = new PouchDB<Text>(`${url}/events`)
    return {
      make: (docs) => keep(local, docs),
      ready: async () => undefined,
      async push() {
        for (;;) {
          try {
            await local.replicate.to(remote, BATCH)
            return
          } catch {
            await pause(RETRY_MS)
          }
        }
      },
      async pull(until) {
        while ((await local.info()).doc_count < until) await local.replicate.from(remote, BATCH)
      },
      count: async () => (await local.info()).doc_count,
    }
  },
}
