/**
 * Keeps this counter and the server in step, from durable state alone. A timer drives it; the server's stream only makes it
 * sooner.
 */
import type { Planned } from '#core/ledger/refusal.ts'
import type { Acquired, Rights } from '#main/counter/counter.ts'
import { createAcquire, type Wanted } from './acquire.ts'
import { createConnection, type Connection, type ConnectionOptions } from './connection.ts'
import { createExchange, type ExchangeOptions } from './exchange.ts'
import { follow } from './follow.ts'
import { createInUse } from './in-use.ts'
import { createRounds } from './rounds.ts'

export type Sync = Omit<Rights, 'acquire' | 'accept'> & {
  /** As `Rights` has it, given up when the signal fires. */
  acquire(request: Wanted, signal: AbortSignal): Promise<Planned<Acquired> | null>
  connection(): Connection
  start(): void
  stop(): Promise<void>
  /** Whoever has asked the server in vain says so: the counter is offline until a round gets through. */
  unreachable(error: unknown): void
  /** One whole round, now; says whether it got through. */
  once(): Promise<boolean>
}

export type SyncOptions = Omit<ConnectionOptions, 'db'> &
  Omit<ExchangeOptions, 'signal' | 'inUse' | 'heard'> & {
    onError(error: unknown): void
    /** `byHand`: no timers and no stream; only `once` runs rounds. */
    rounds?: 'timed' | 'byHand'
  }

export function createSync(options: SyncOptions): Sync {
  const { client, counter, point, onError } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const inUse = createInUse()
  const connection = createConnection({ ...options, db: counter.db })
  const { heard, lost } = connection
  const { round, push } = createExchange({ ...options, signal, inUse: inUse.has, heard })
  const rounds = createRounds({
    round,
    follow: (nudge) =>
      follow({ client, holder: counter.ledger.holder, signal, onError }, (upTo) => {
        if (upTo > point.get().cursor.seq) nudge()
      }),
    onLost: lost,
    onError,
    byHand: options.rounds === 'byHand',
    signal,
  })

  /** A cashier has waited for it in vain: nobody else is to wait as well. */
  function unreachable(error: unknown): void {
    onError(error)
    lost()
    rounds.now()
  }

  return {
    connection: connection.get,
    online: connection.isOpen,
    mayLend: connection.mayLend,
    mayUseKept: connection.mayUseKept,
    acquire: createAcquire({ client, counter, point, push, onWithheld: heard, onUnreachable: unreachable }),
    unreachable,
    hold: inUse.hold,
    nudge: rounds.nudge,
    once: rounds.once,
    start: rounds.now,
    async stop() {
      stopping.abort()
      await rounds.ended()
    },
  }
}
