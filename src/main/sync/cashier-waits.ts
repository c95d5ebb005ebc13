/** What a cashier waits for the server for, and how long: 1.5 seconds at most, then what is here must do. */
import type { Holder } from '#core/ledger/account.ts'
import type { Counter } from '#main/counter/counter.ts'
import type { Moment } from '#main/counter/ledger.ts'
import { acceptAcquired } from './accept.ts'
import type { SyncClient } from './client.ts'
import { askElsewhere } from './elsewhere.ts'
import type { Sync } from './sync.ts'

const CASHIER_WAITS_MS = 1_500

/** Gives what ends the waiting for an answer. */
type Patience = () => AbortSignal

export const forEachQuestion: Patience = () => AbortSignal.timeout(CASHIER_WAITS_MS)

/** One time for all that a command asks, from its first question on. */
export function forAll(): Patience {
  let signal: AbortSignal | undefined
  return () => (signal ??= forEachQuestion())
}

type Server = { client: SyncClient; holder: Holder; moment: () => Moment; sync: () => Sync }

/** A counter's ways to the server. */
export const waysTo = (
  { client, holder, moment, sync }: Server,
  patience: Patience,
): Pick<Counter, 'rights' | 'elsewhere'> => ({
  rights: {
    online: () => sync().online(),
    mayLend: () => sync().mayLend(),
    mayUseKept: () => sync().mayUseKept(),
    acquire: (request) => sync().acquire(request, patience()),
    accept: (unit, acquired) => acceptAcquired(unit, acquired, moment),
    hold: (member) => sync().hold(member),
    nudge: () => sync().nudge(),
  },
  elsewhere: async (wanted) =>
    sync().online() ? askElsewhere(client, holder, wanted, patience(), sync().unreachable) : null,
})
