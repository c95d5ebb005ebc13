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

  const again = () => {
    client = null
    clearTimeout(timer)
    if (!closed) timer = setTimeout(() => void (connecting = connect()), RECONNECT_MS)
  }
  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url })
    // A broken connection also ends, and `end` is what is acted upon.
    next.on('error', () => undefined)
    next.on('notification', ({ payload }) => local.announce(Number(payload)))
    try {
      await next.connect()
      await next.query(`listen ${CHANNEL}`)
      next.once('end', again)
      client = next
    } catch {
      await next.end().catch(() => undefined)
      again()
    }
  }
  let connecting = connect()

  return {
    announce: (seq) => {
      if (client) client.query('select pg_notify($1, $2)', [CHANNEL, String(seq)]).catch(() => local.announce(seq))
      else local.announce(seq)
    },
    listen: local.listen,
    close: async () => {
      closed = true
      clearTimeout(timer)
      await connecting
      await client?.end()
      await local.close()
    },
  }
}
