/** How this counter stands with the server: whether it is reached, and why it holds its data back, if it does. */
import type { Kysely } from 'kysely'
import { isOutdated, isOver, outdatedBy } from '#core/contract/withheld.ts'
import type { CounterTables } from '#storage/schema.ts'
import { meta } from '#main/counter/meta.ts'

export type Connection = { online: boolean; since: number; frozen: string | null }

export type ConnectionOptions = {
  db: Kysely<CounterTables>
  /** Why the server held its data back when this counter last heard it. */
  withheld: string | null
  now: () => number
  onConnection(connection: Connection): void
}

type Answer =
  | { code: 'FROZEN'; data: { reason: string } }
  | { code: 'UPDATE_FIRST'; data: { protocol: number } }
  | { code: 'UNAUTHORISED' | 'CURSOR_UNKNOWN' | 'SHORT' }

/** Why the server gives this counter nothing, where its answer says so. */
export function withheldBy(answer: Answer): string | null {
  if (answer.code === 'FROZEN') return answer.data.reason
  return answer.code === 'UPDATE_FIRST' ? outdatedBy(answer.data.protocol) : null
}

export function createConnection({ db, withheld, now, onConnection }: ConnectionOptions) {
  // What is in doubt about this counter stays so, through a restart too, until a round gets through.
  let doubt = withheld
  let connection: Connection = { online: false, since: now(), frozen: doubt }

  function become(online: boolean, frozen: string | null) {
    if (online === connection.online && frozen === connection.frozen) return
    connection = { online, frozen, since: online === connection.online ? connection.since : now() }
    onConnection(connection)
  }

  return {
    get: () => connection,
    /** Whether the server gives what it is asked for. */
    isOpen: () => connection.online && connection.frozen === null,
    /** Where the server is out of reach, or the two do not understand each other; not where it doubts this counter. */
    mayLend: () => doubt === null && (!connection.online || connection.frozen !== null),
    /** Unless its epoch is over, which it has been told (R11). */
    mayUseKept: () => !isOver(doubt),
    /** The server has answered: that this counter gets all it should (null), or why it does not. */
    async heard(frozen: string | null): Promise<void> {
      if (frozen !== doubt && (frozen === null || !isOutdated(frozen))) {
        await meta.withheld.write(db, frozen)
        doubt = frozen
      }
      become(true, frozen)
    },
    lost: () => become(false, connection.frozen),
  }
}
