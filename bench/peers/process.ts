/**
 * `node process.ts server|client PEER`, forked by the bench: one side of a peer, doing what it is asked over the channel to
 * its parent. Each request has a number, and so has its answer.
 */
import { readFileSync } from 'node:fs'
import type { Client, Doc, Peer, Server } from './peer.ts'
import { pouchdb } from './pouchdb.ts'
import { rxdb } from './rxdb.ts'
import { tinybase } from './tinybase.ts'

type Asked = { n: number; ask: string; [argument: string]: unknown }
type Side = Record<string, (asked: Asked) => Promise<unknown>>

const PEERS: Record<string, Peer> = { pouchdb, tinybase, rxdb }

/** One document a line. */
const docsIn = (file: unknown): Doc[] =>
  readFileSync(String(file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

function serverSide({ serve }: Peer): Side {
  let opening: Promise<Server> = Promise.reject(new Error('the server is not open'))
  opening.catch(() => undefined)
  let before = new Map<string, string>()
  return {
    async open({ dir, port }) {
      opening = serve(String(dir), Number(port))
      return (await opening).url
    },
    fill: async ({ file }) => (await opening).fill(docsIn(file)),
    count: async () => (await opening).count(),
    async remember() {
      before = await (await opening).versions()
    },
    /** How many documents are new, or written anew, since then. */
    async changed() {
      const now = await (await opening).versions()
      return [...now].filter(([id, version]) => before.get(id) !== version).length
    },
  }
}

function clientSide({ connect }: Peer): Side {
  const clients: Client[] = []
  const all = (work: (client: Client) => Promise<void>) => Promise.all(clients.map(work))
  const at = (n: unknown): Client => {
    const client = clients[Number(n)]
    if (!client) throw new Error('there is no such client')
    return client
  }
  return {
    async open({ url, dir }) {
      clients.push(await connect(String(url), String(dir)))
    },
    make: ({ client, file }) => at(client).make(docsIn(file)),
    ready: async () => void (await all((client) => client.ready())),
    push: ({ client }) => at(client).push(),
    pushAll: async () => void (await all((client) => client.push())),
    pull: ({ client, until }) => at(client).pull(Number(until)),
    count: ({ client }) => at(client).count(),
    rss: async () => process.resourceUsage().maxRSS / 1_024,
  }
}

const [, , which, name = ''] = process.argv
const peer = PEERS[name]
if (!peer) throw new Error(`there is no peer "${name}"`)
const side = which === 'server' ? serverSide(peer) : clientSide(peer)

process.on('message', (asked: Asked) => {
  void (async () => {
    try {
      process.send?.({ n: asked.n, value: (await side[asked.ask]?.(asked)) ?? null })
    } catch (error) {
      process.send?.({ n: asked.n, error: error instanceof Error ? error.message : String(error) })
    }
  })()
})
process.on('disconnect', () => process.exit(0))
