/** Asks the server for a transaction of another counter, and for what became of an own one, or of a command, since. */
import { safe } from '@orpc/client'
import { PROTOCOL, type TransactionWanted } from '#core/contract/sync.ts'
import type { Holder } from '#core/ledger/account.ts'
import { readEvent } from '#core/ledger/event.ts'
import type { Elsewhere } from '#main/counter/counter.ts'
import type { SyncClient } from './client.ts'

/** Null when the server does not answer in time (and then `onUnreachable` hears of it), or not this counter. */
export async function askElsewhere(
  client: SyncClient,
  holder: Holder,
  wanted: TransactionWanted,
  signal: AbortSignal,
  onUnreachable: (error: unknown) => void,
): Promise<Elsewhere | null> {
  const { data, error, isDefined } = await safe(
    client.transaction({ protocol: PROTOCOL, ...holder, wanted }, { signal }),
  )
  if (error && !isDefined) onUnreachable(error)
  if (!data) return null
  const read = data.text === null ? null : readEvent(data.text)
  return { event: read?.ok ? read.event : null, reversed: data.reversed, known: data.text === null ? data.known : true }
}
