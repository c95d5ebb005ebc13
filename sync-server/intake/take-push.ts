/** All that one push brings about: its events, what had waited for them, and members who turn out to be one. */
import type { Metrics } from '#server/http/metrics.ts'
import type { ServerDatabase } from '#server/ledger/database.ts'
import type { Ledger } from '#server/ledger/unit-of-work.ts'
import { noteRestored } from '#server/restore/restored.ts'
import { closeEarlier } from '#server/rights/close-epoch.ts'
import { mergeSamePhones } from './merge.ts'
import { receivePush, type Push, type Pushed } from './push.ts'
import { settleWaiting } from './waiting.ts'

export type PushDeps = { database: ServerDatabase; ledger: Ledger; metrics: Metrics }

/** `acknowledged`: the last own seq this server has said it has, as the counter remembers (R12). */
export async function takePush(
  { database, ledger, metrics }: PushDeps,
  push: Push,
  acknowledged: number,
): Promise<Pushed> {
  await closeEarlier({ database, ledger }, push.holder, push.events)
  const pushed = await receivePush(ledger, push)
  metrics.add('pushes_total', 1, { result: pushed.kind })
  if (pushed.kind === 'gap' && acknowledged >= pushed.expected) await noteRestored(ledger, push.holder)
  if (pushed.kind !== 'stored') return pushed
  metrics.add('events_stored_total', pushed.fresh)
  metrics.add('events_quarantined_total', pushed.quarantined)
  if (pushed.fresh > 0) await settleWaiting(database.db, ledger)
  const named = push.personal.map(({ member }) => member)
  if (named.length > 0) await mergeSamePhones(database.db, ledger, named)
  return pushed
}
