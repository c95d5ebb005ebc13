/**
 * Pushes that are stored and not yet worked out. A counter that comes back with a long chain is answered as soon as its
 * events are on disk; what they come to is worked out right after, piece by piece, in their order. Until then they are to
 * everyone else as if they were still on their way.
 */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { WireEvent } from '#core/contract/sync.ts'
import type { Holder } from '#core/ledger/account.ts'
import { loop } from '#server/jobs/loop.ts'
import type { Trx } from '#server/ledger/database.ts'
import { withRetries } from '#server/ledger/retry.ts'
import { isRestoring } from '#server/restore/restored.ts'
import { lockKnownChain } from './chain.ts'
import { chainsIn, dropTaken, keepRows, keptHashes, lastKeptOf, nextKept } from './inbox-rows.ts'
import type { Push, Pushed } from './push.ts'
import { takePush, type PushDeps } from './take-push.ts'

/** What a counter has said will follow is let by first: the next so long, all of it no longer than that. */
const NEXT_MS = 1_000
const PATIENCE_MS = 5_000
const LOOK_MS = 20
/** What another process has left behind is found by looking. */
const LOOK_EVERY_MS = 5_000

export type Arriving = Push & { acknowledged: number; more: boolean }

export type Inbox = {
  /** Takes a push: now, or by keeping it for later where that cannot change what its counter is told. */
  receive(push: Arriving): Promise<Pushed>
  /** Works out all that is kept. */
  workOff(): Promise<void>
  start(): void
  stop(): Promise<void>
}

export type InboxDeps = PushDeps & { onError: (error: unknown) => void }

export function createInbox(deps: InboxDeps): Inbox {
  const { database, onError } = deps
  const stopping = new AbortController()
  /** By when the next push of a terminal should have come. */
  const nextDue = new Map<string, number>()

  async function workOff(): Promise<void> {
    for (const chain of await chainsIn(database.db)) {
      await workOffChain(deps, chain, stopping.signal).catch(onError)
    }
  }

  /** More is on its way of whoever is waited for; but all of it together is not waited for long. */
  async function untilThere(): Promise<void> {
    const since = performance.now()
    const isDue = (by: number) => by > performance.now()
    while ([...nextDue.values()].some(isDue) && performance.now() < since + PATIENCE_MS && !stopping.signal.aborted)
      await pause(LOOK_MS)
  }

  const working = loop(() => untilThere().then(workOff), LOOK_EVERY_MS, onError)
  return {
    receive: async ({ more, acknowledged, ...push }) => {
      const kept = await lastKeptOf(database.db, push.holder)
      const asksOnly = push.events.length + push.personal.length === 0
      if (asksOnly && kept > 0) return stored(kept)
      if ((more || kept > 0) && (await keep(deps, push, more))) {
        nextDue.set(push.holder.terminal, more ? performance.now() + NEXT_MS : 0)
        working.wake()
        return stored(push.events.at(-1)?.seq ?? 0)
      }
      await workOffTerminal(deps, push.holder, stopping.signal)
      return takePush(deps, push, acknowledged)
    },
    workOff,
    start: working.start,
    stop: () => {
      stopping.abort()
      return working.stop()
    },
  }
}

const stored = (seq: number): Pushed => ({ kind: 'stored', stored: seq, fresh: 0, quarantined: 0, forgotten: 0 })

/**
 * Keeps a push that goes straight on from what is here of its open chain, when others are kept before it or come after it.
 * Everything else is for the ledger to say.
 */
function keep({ database }: InboxDeps, { holder, events, personal }: Push, more: boolean): Promise<boolean> {
  return withRetries(() =>
    database.db.transaction().execute(async (trx) => {
      const head = await lockKnownChain({ trx, dialect: database.dialect }, holder)
      // An epoch's first event may close the one before.
      const isOpen = head && head.seq > 0 && !head.closed && !head.forked
      if (!isOpen || (await isRestoring(trx))) return false
      const kept = await lastKeptOf(trx, holder)
      const fresh = await beyond(trx, holder, events, Math.max(head.seq, kept))
      if (!fresh || !(more || kept > head.seq) || !fresh.every(isPlain)) return false
      if (fresh.length === 0) return personal.length === 0
      await keepRows(trx, holder, { events: fresh, personal })
      return true
    }),
  )
}

/** What comes after `end`, where all before it is kept with the same hashes; else null. */
async function beyond(
  trx: Trx,
  holder: Holder,
  events: readonly WireEvent[],
  end: number,
): Promise<readonly WireEvent[] | null> {
  const first = events[0]
  if (!first || !events.every(({ seq }, n) => seq === first.seq + n)) return null
  const known = events.filter(({ seq }) => seq <= end)
  if (known.length === 0) return first.seq === end + 1 ? events : null
  const hashes = await keptHashes(trx, holder, first.seq)
  return known.every(({ seq, hash }) => hashes.get(seq) === hash) ? events.slice(known.length) : null
}

/** Whether both databases can hold a text as it is. */
const isPlain = ({ text }: WireEvent): boolean => text.isWellFormed() && !text.includes('\0')

/** An epoch's end is known, and an epoch opened, only after all that came before. */
async function workOffTerminal(deps: PushDeps, { terminal }: Holder, signal: AbortSignal): Promise<void> {
  for (const chain of await chainsIn(deps.database.db, terminal)) await workOffChain(deps, chain, signal)
}

/** Works out one chain, a piece at a time; others get their turn in between. */
async function workOffChain(deps: PushDeps, holder: Holder, signal: AbortSignal): Promise<void> {
  const { db } = deps.database
  while (!signal.aborted) {
    const kept = await nextKept(db, holder)
    const last = kept.events.at(-1)
    if (!last) return
    const { store } = await db
      .selectFrom('terminal')
      .select('store')
      .where('id', '=', holder.terminal)
      .executeTakeFirstOrThrow()
    const pushed = await takePush(deps, { holder, store, ...kept }, 0)
    if (pushed.kind === 'gap') throw new Error(`what is kept of ${holder.terminal} does not follow on its chain`)
    // Of a fork, and of what is known already, the chain's head stays where it was.
    if (pushed.kind === 'forked' || pushed.fresh === 0) await dropTaken(db, holder, last.seq)
    await nextTurn()
  }
}
