/**
 * TinyBase and its own WebSocket server, which saves its store to a file some time after each change. A message of more than
 * 16 MiB closes the connection: a client that has more to say says it in pieces, each a transaction, once it is connected.
 */
import { once } from 'node:events'
import { createMergeableStore, type MergeableStore } from 'tinybase'
import { createFilePersister } from 'tinybase/persisters/persister-file'
import { createWsSynchronizer } from 'tinybase/synchronizers/synchronizer-ws-client'
import { createWsServer } from 'tinybase/synchronizers/synchronizer-ws-server'
import { WebSocket, WebSocketServer } from 'ws'
import { batches, pause, portOf, RETRY_MS, type Doc, type Peer } from './peer.ts'

const TABLE = 'events'
const BATCH = 1_000
/** What is safely less than a message may have, with its stamps. */
const ONE_MESSAGE_BYTES = 12_000_000
const LOOK_AGAIN_MS = 5
const REQUEST_TIMEOUT_S = 60
/** The server waits as long for whoever connects first, before it answers anyone. */
const SERVER_TIMEOUT_S = 5
const FRAGMENT_BYTES = 1_000_000
const MAX_PAYLOAD = 2 ** 28

function setRows(store: MergeableStore, docs: readonly Doc[]): void {
  store.transaction(() => {
    for (const { id, text } of docs) store.setRow(TABLE, id, { text })
  })
}

/** Connects once, so that the server's wait for its first client is over; that one goes when another has come. */
async function wake(sockets: WebSocketServer, url: string): Promise<void> {
  const first = new WebSocket(url)
  await once(first, 'open')
  sockets.once('connection', () => first.close())
  await pause(SERVER_TIMEOUT_S * 1_000 + 200)
}

export const tinybase: Peer = {
  async serve(dir, port) {
    const store = createMergeableStore()
    const persister = createFilePersister(store, `${dir}/store.json`)
    await persister.load()
    const sockets = new WebSocketServer({ port, host: '127.0.0.1', maxPayload: MAX_PAYLOAD })
    createWsServer(sockets, () => persister, undefined, SERVER_TIMEOUT_S, FRAGMENT_BYTES)
    await once(sockets, 'listening')
    const url = `ws://127.0.0.1:${portOf(sockets.address())}/shop`
    await wake(sockets, url)
    return {
      url,
      async fill(docs) {
        setRows(store, docs)
        await persister.save()
      },
      count: async () => store.getRowCount(TABLE),
      async versions() {
        const [[tables]] = store.getMergeableContent()
        const rows = Object.entries(tables[TABLE]?.[0] ?? {})
        return new Map(rows.map(([id, [cells]]) => [id, cells['text']?.[1] ?? '']))
      },
    }
  },

  async connect(url) {
    const store = createMergeableStore()
    const later: Doc[] = []
    let isBusy = () => false
    let isConnected = false
    const connect = async () => {
      const opened = new WebSocket(url, { maxPayload: MAX_PAYLOAD })
      isConnected = true
      isBusy = () => opened.readyState !== WebSocket.OPEN || opened.bufferedAmount > 0
      opened.on('error', () => undefined)
      // One that never opened closes too, and is tried again.
      opened.once('close', () => setTimeout(() => void connect().catch(() => undefined), RETRY_MS))
      const callbacks = [undefined, undefined, undefined] as const
      const own = await createWsSynchronizer(store, opened, REQUEST_TIMEOUT_S, ...callbacks, FRAGMENT_BYTES)
      await own.startSync()
    }
    return {
      async make(docs) {
        const bytes = docs.reduce((sum, { text }) => sum + text.length, 0)
        if (bytes > ONE_MESSAGE_BYTES) later.push(...docs)
        else setRows(store, docs)
      },
      async ready() {
        if (store.getRowCount(TABLE) === 0) await connect()
      },
      /** Nothing is acknowledged: this is done when all has left. */
      async push() {
        if (!isConnected) await connect()
        for (const part of batches(later, BATCH)) {
          setRows(store, part)
          do await pause(0)
          while (isBusy())
        }
      },
      async pull(until) {
        if (!isConnected) await connect()
        while (store.getRowCount(TABLE) < until) await pause(LOOK_AGAIN_MS)
      },
      count: async () => store.getRowCount(TABLE),
    }
  },
}
