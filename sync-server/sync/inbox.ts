/**
 * Pushes that are stored and not yet worked out. A counter that comes back with a long chain is answered as soon as its
 * events are on disk; what they come to is worked out right after, piece by piece, in their order. Until then they are to
 * everyone else as if they were still on their way.
 */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { Personal } from '#core/contract/sync.ts'
import type { Holder } from '#core/ledger/account.ts'
import { loop } from '#server/jobs/loop.ts'
import type { Trx } from '#server/ledger/database.ts'
import { withRetries } from '#server/ledger/retry.ts'
import { storeOf } from '#server/ledger/shop.ts'
import { isRestoring } from '#server/restore/restored.ts'
import { hashesAt, lockKnownChain } from '#server/intake/chain.ts'
import { chainsIn, dropTaken, keepPush, keptHashes, lastKeptOf } from './inbox-rows.ts'
import { piecesOf } from '#server/intake/pieces.ts'
import { textsApart, withoutFirst, type Texts } from './push-body.ts'
import type { Pushed } from '#server/intake/push.ts'
import { takePush, type PushDeps } from '#server/intake/take-push.ts'

/** What a counter has said will follow is let by first: the next so long, all of it no longer than that. */
const NEXT_MS = 1_000
const PATIENCE_MS = 5_000
const LOOK_MS = 20
/**
 * A piece is as much as can be worked out in so long, by how long the one before took: what is born, spent and handed back
 * within it is written once, but cashiers wait meanwhile.
 */
const PIECE_MS = 700
const FIRST_WEIGHT = 4_000
const MOST_WEIGHT = 100_000
/** What another process has left behind is found by looking. */
const LOOK_EVERY_MS = 5_000

type Arrived = Texts & { holder: Holder; store: string; personal: readonly Personal[] }
export type PushArriving = Arrived & { acknowledged: number; more: boolean }

export type Inbox = {
  /** Takes a push: now, or by keeping it for later where that cannot change what its counter is told. */
  receive(push: PushArriving): Promise<Pushed>
  /** Works out all that is kept. */
  workOff(): Promise<void>
  /** Works out what is kept of one terminal, and begins nothing more after so long; says whether nothing is left. */
  settle(holder: Holder, ms: number): Promise<boolean>
  start(): void
  stop(): Promise<void>
}

export type InboxDeps = PushDeps & { onError: (error: unknown) => void }

export function createInbox(deps: InboxDeps): Inbox {
  const { database, onError } = deps
  let stopping = false
  const isStopping = () => stopping
  /** By when the next push of a terminal should have come. */
  const nextDue = new Map<string, number>()

  async function workOff(): Promise<void> {
    for (const chain of await chainsIn(database.db)) {
      await workOffChain(deps, chain, isStopping).catch(onError)
    }
  }

  /** More is on its way of whoever is waited for; but all of it together is not waited for long. */
  async function untilThere(): Promise<void> {
    const since = performance.now()
    const isDue = (by: number) => by > performance.now()
    while ([...nextDue.values()].some(isDue) && performance.now() < since + PATIENCE_MS && !isStopping())
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
      await workOffTerminal(deps, push.holder, isStopping)
      return takePush(deps, { ...push, events: textsApart(push) }, acknowledged)
    },
    workOff,
    settle: async (holder, ms) => {
      const until = performance.now() + ms
      await workOffTerminal(deps, holder, () => isStopping() || performance.now() >= until)
      return (await chainsIn(database.db, holder.terminal)).length === 0
    },
    start: working.start,
    stop: () => {
      stopping = true
      return working.stop()
    },
  }
}

const stored = (seq: number): Pushed => ({ kind: 'stored', stored: seq, fresh: 0, quarantined: 0 })

/**
 * Keeps a push that goes straight on from what is here of its open chain, when others are kept before it or come after it.
 * Everything else is for the ledger to say.
 */
function keep({ database }: InboxDeps, push: Arrived, more: boolean): Promise<boolean> {
  const { holder, personal } = push
  return withRetries(() =>
    database.db.transaction().execute(async (trx) => {
      const head = await lockKnownChain({ trx, dialect: database.dialect }, holder)
      // An epoch's first event may close the one before.
      const isOpen = head && head.seq > 0 && !head.closed && !head.forked
      if (!isOpen || (await isRestoring(trx))) return false
      const kept = await lastKeptOf(trx, holder)
      const known = await howManyKnown(trx, push, Math.max(head.seq, kept))
      if (known === null || !(more || kept > head.seq)) return false
      const fresh = withoutFirst(push, known)
      if (fresh.events.length === 0) return personal.length === 0
      await keepPush(trx, holder, { ...fresh, personal })
      return true
    }),
  )
}

/** How many of a push's events are here already, all with the same hashes; null where it does not go straight on from `end`. */
async function howManyKnown(trx: Trx, { holder, events }: Arrived, end: number): Promise<number | null> {
  const first = events[0]
  if (!first || first.seq > end + 1 || !events.every(({ seq }, n) => seq === first.seq + n)) return null
  const known = events.filter(({ seq }) => seq <= end)
  if (known.length === 0) return 0
  const hashes = new Map([...(await hashesAt(trx, holder, known)), ...(await keptHashes(trx, holder, first.seq))])
  return known.every(({ seq, hash }) => hashes.get(seq) === hash) ? known.length : null
}

/** An epoch's end is known, and an epoch opened, only after all that came before. */
async function workOffTerminal(deps: PushDeps, { terminal }: Holder, isOver: () => boolean): Promise<void> {
  for (const chain of await chainsIn(deps.database.db, terminal)) await workOffChain(deps, chain, isOver)
}

/** Works out one chain, a piece at a time; others get their turn in between. */
async function workOffChain(deps: PushDeps, holder: Holder, isOver: () => boolean): Promise<void> {
  const { ledger, database } = deps
  const { db } = database
  let wanted = FIRST_WEIGHT
  for await (const { events, personal, weight } of piecesOf(db, holder, () => wanted, ledger.eventVersion)) {
    if (isOver()) return
    const store = await storeOf(db, holder.terminal)
    const since = performance.now()
    const pushed = await takePush(deps, { holder, store, events, personal }, 0)
    if (pushed.kind === 'gap') throw new Error(`what is kept of ${holder.terminal} does not follow on its chain`)
    // Of a fork, and of what is known already, the chain's head stays where it was.
    if (pushed.kind === 'forked' || pushed.fresh === 0) await dropTaken(db, holder, events.at(-1)?.seq ?? 0)
    wanted = Math.min(MOST_WEIGHT, (weight * PIECE_MS) / Math.max(1, performance.now() - since))
    await nextTurn()
  }
}
