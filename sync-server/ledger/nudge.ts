/** "Up to N": tells live streams, in this process and (PostgreSQL) in others, that there is something to pull. */
import { EventEmitter } from 'node:events'
import pg from 'pg'

const CHANNEL = 'counterfoil_cursor'
const RECONNECT_MS = 2_000

export type Nudge = {
  announce(seq: number): void
  /** Calls back with each commit's place; returns how to stop. */
  listen(callback: (seq: number) => void): () => void
  close(): Promise<void>
}

/** Within one process; all that SQLite needs. */
export function localNudge(): Nudge {
  const emitter = new EventEmitter().setMaxListeners(0)
  return {
    announce: (seq) => void emitter.emit('seq', seq),
    listen: (callback) => {
      emitter.on('seq', callback)
      return () => emitter.off('seq', callback)
    },
    close: async () => void emitter.removeAllListeners(),
  }
}

/** Between processes on one PostgreSQL, by LISTEN and NOTIFY. A lost connection is made again; the timed pull covers it. */
export function postgresNudge(url: string): Nudge {
  const local = localNudge()
  let client: pg.Client | null = null
  let closed = false
  let timer: NodeJS.Timeout | undefined

  const connect = () => {
    const next = new pg.Client({ connectionString: url })
    const again = () => {
      if (client === next) client = null
      if (!closed) timer = setTimeout(connect, RECONNECT_MS)
    }
    next.once('error', again)
    next.on('notification', ({ payload }) => local.announce(Number(payload)))
    next
      .connect()
      .then(
        () => {
          client = next
          return next.query(`listen ${CHANNEL}`)
        },
        () => undefined,
      )
      .catch(() => undefined)
  }
  connect()

  return {
    announce: (seq) => {
      if (client) client.query('select pg_notify($1, $2)', [CHANNEL, String(seq)]).catch(() => local.announce(seq))
      else local.announce(seq)
    },
    listen: local.listen,
    close: async () => {
      closed = true
      clearTimeout(timer)
      await client?.end()
      await local.close()
    },
  }
}
