/** Acquires what a checkout needs of the server (R2), all or nothing. */
import { safe } from '@orpc/client'
import { v7 as uuidv7 } from 'uuid'
import { PROTOCOL } from '#core/contract/sync.ts'
import { WITHHELD } from '#core/contract/withheld.ts'
import { GrantId } from '#core/ids.ts'
import { planned, refuse, type Planned } from '#core/ledger/refusal.ts'
import { storageFault } from '#storage/fault.ts'
import type { Acquired, Counter, Rights } from '#main/counter/counter.ts'
import type { SyncPoint } from '#main/counter/meta.ts'
import type { SyncClient } from './client.ts'
import { withheldBy } from './connection.ts'
import { ForkedError } from './forked.ts'
import { takenBefore } from './taken.ts'

export type Wanted = Parameters<Rights['acquire']>[0]

type AcquireOptions = {
  client: SyncClient
  counter: Counter
  point: { get(): SyncPoint }
  push(): Promise<unknown>
  /** The server says that this counter gets nothing; the first to hear of it may be a sale. */
  onWithheld(reason: string): Promise<void>
  onUnreachable(error: unknown): void
}

export function createAcquire({ client, counter, point, push, onWithheld, onUnreachable }: AcquireOptions) {
  async function frozenBy(reason: string) {
    await onWithheld(reason)
    return refuse({ code: 'frozen', reason })
  }

  return async (request: Wanted, signal: AbortSignal): Promise<Planned<Acquired> | null> => {
    try {
      await abandonedBy(signal, push())
      const stored = counter.storedUpTo()
      const asked = { protocol: PROTOCOL, ...counter.ledger.holder, cursor: point.get().cursor, ...request }
      let answer = await safe(client.acquire(asked, { signal }))
      const taken = await takenBefore(counter, answer.data?.pending ?? [], stored)
      // What the server counted on is not to come: it is here, or was.
      if (taken.length > 0) {
        const anew = { ...asked, cursor: point.get().cursor, grant: GrantId.parse(uuidv7()), taken }
        answer = await safe(client.acquire(anew, { signal }))
      }
      const { error, data, isDefined } = answer
      if (data) {
        const { granted, pending, rows, ack } = data
        return planned({ grants: granted ? [...pending, granted] : pending, rows, ack })
      }
      if (isDefined && error.code === 'SHORT') return refuse(error.data)
      const withheld = isDefined ? withheldBy(error) : null
      if (withheld !== null) return await frozenBy(withheld)
      throw error
    } catch (error) {
      if (storageFault(error)) throw error
      if (error instanceof ForkedError) return frozenBy(WITHHELD.forked)
      onUnreachable(error)
      return null
    }
  }
}

/** Rejects when the signal fires first, or has fired; the work goes on by itself. */
function abandonedBy<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work.then(resolve, reject)
  })
}
