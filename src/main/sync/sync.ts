/**
 * Keeps this counter and the server in step, from durable state alone: pull what changed, take in grants, hand back what
 * is not needed here, push own events. A timer drives it; the server's stream only makes it sooner.
 */
import { safe } from '@orpc/client'
import { v7 as uuidv7 } from 'uuid'
import { PROTOCOL, type Cursor } from '#core/contract/sync.ts'
import { isOutdated, outdatedBy, WITHHELD } from '#core/contract/withheld.ts'
import { GrantId, type MemberId } from '#core/ids.ts'
import { planned, refuse, type Planned } from '#core/ledger/refusal.ts'
import { accept } from '#main/counter/commands.ts'
import type { Acquired, Counter, Rights } from '#main/counter/counter.ts'
import { meta, type SyncPoint } from '#main/counter/meta.ts'
import { mutex } from '#main/mutex.ts'
import { storageFault } from '#storage/fault.ts'
import { applyPage, caughtUp } from './apply-rows.ts'
import type { SyncClient } from './client.ts'
import { createConnection, type Connection, type ConnectionOptions } from './connection.ts'
import { crossOff, earlierEnds } from './earlier.ts'
import { handBack } from './hand-back.ts'
import { homeShare } from './home-share.ts'
import { ForkedError, isOwnHead } from './forked.ts'
import { pushAll, sendAgain } from './push.ts'
import { takenBefore } from './taken.ts'

/** The timed round; with jitter, so that a shop's counters do not come all at once. */
const ROUND_MS = 10_000
const RETRY_MS = { first: 1_000, longest: 15_000 }

type Page = Awaited<ReturnType<SyncClient['pull']>>
/** Frozen, with the reason; or else the server does not know our cursor any more. */
type Withheld = { frozen: string | null }

type Wanted = Parameters<Rights['acquire']>[0]

export type Sync = Omit<Rights, 'acquire'> & {
  /** As `Rights` has it, given up when the signal fires. */
  acquire(request: Wanted, signal: AbortSignal): ReturnType<Rights['acquire']>
  connection(): Connection
  start(): void
  stop(): Promise<void>
  /** Whoever has asked the server in vain says so: the counter is offline until a round gets through. */
  unreachable(error: unknown): void
  /** One whole round, now; says whether it got through. */
  once(): Promise<boolean>
}

export type SyncOptions = Omit<ConnectionOptions, 'db'> & {
  client: SyncClient
  counter: Counter
  point: { get(): SyncPoint; set(point: SyncPoint): void }
  /** Takes the server's whole state anew: for when it no longer knows our cursor. */
  takeSnapshot(): Promise<void>
  /** Rows have come in and are on disk. */
  onRows(): Promise<void>
  /** What the server said of its clock, Unix ms. */
  onServerTime(serverTime: number): void
  onError(error: unknown): void
  /** `byHand`: no timers and no stream; only `once` runs rounds. */
  rounds?: 'timed' | 'byHand'
  eventsAPush?: number | undefined
}

export function createSync(options: SyncOptions): Sync {
  const { client, counter, point, now } = options
  const byHand = options.rounds === 'byHand'
  const { holder } = counter.ledger
  const held = new Map<MemberId, number>()
  const oneRound = mutex()
  const onePush = mutex()
  const stopping = new AbortController()
  const connection = createConnection({ ...options, db: counter.db })
  let timer: NodeJS.Timeout | undefined
  let failures = 0
  let nudged = false
  let following = false

  const { onServerTime, eventsAPush } = options
  const pushing = { client, onServerTime, signal: stopping.signal, limit: eventsAPush }
  const askForShare = homeShare({ client, counter, now, signal: stopping.signal })

  /** Pulls to the end, page by page; each page is one transaction. Gives why the server holds its data back, or null. */
  async function pull(): Promise<Withheld | null> {
    const earlier = await earlierEnds(counter)
    const ask = (cursor: Cursor) => {
      const asked = { protocol: PROTOCOL, ...holder, cursor, head: counter.ledger.head(), earlier }
      return safe(client.pull(asked, { signal: stopping.signal }))
    }
    for (let answer = ask(point.get().cursor); ;) {
      const { error, data: page, isDefined } = await answer
      if (isDefined && error.code === 'FROZEN') return { frozen: error.data.reason }
      if (isDefined && error.code === 'UPDATE_FIRST') return { frozen: outdatedBy(error.data.protocol) }
      if (isDefined && error.code === 'CURSOR_UNKNOWN') return { frozen: null }
      if (isDefined && error.code === 'UNAUTHORISED' && error.data.reason === WITHHELD.unknownTerminal)
        return { frozen: error.data.reason }
      if (error) throw error
      options.onServerTime(page.serverTime)
      if (page.ack && !(await isOwnHead(counter, page.ack))) return { frozen: WITHHELD.forked }
      // The server looks up the next page while this one is being written.
      if (page.more) answer = ask(page.cursor)
      await take(page, { cursor: page.cursor, ack: page.ack?.seq ?? point.get().ack, whole: !page.more })
      if (!page.more) return null
    }
  }

  async function take(page: Page, next: SyncPoint): Promise<void> {
    const { cursor, ack, whole } = point.get()
    const news = page.rows.length + page.packed.length + page.grants.length > 0
    const moved = next.ack !== ack || next.whole !== whole || next.cursor.seq !== cursor.seq
    if (!news && !moved && page.earlier.length === 0) return
    const before = point.get()
    try {
      await counter.ledger.write(async (unit) => {
        await applyPage(unit.trx, page)
        await accept(counter, unit, { grants: page.grants, rows: [], ack: 0 })
        if (next.whole) await caughtUp(unit.trx, next.ack)
        await meta.syncPoint.write(unit.trx, next)
        await crossOff(unit.trx, page.earlier)
        // While no one else can read: whoever reads next sees these rows and this point together.
        point.set(next)
      })
    } catch (error) {
      point.set(before)
      throw error
    }
    if (news) await options.onRows()
  }

  /** Sends what is waiting; says whether anything was. */
  const push = (): Promise<boolean> => onePush(() => pushAll(counter, pushing))

  /** One round; a disk that turns out to have a twin is as good as frozen until it is put right (R11). */
  async function round(): Promise<void> {
    try {
      await exchange()
    } catch (error) {
      if (!(error instanceof ForkedError)) throw error
      await connection.heard(WITHHELD.forked)
    }
  }

  async function exchange(): Promise<void> {
    const withheld = await pull()
    const frozen = withheld?.frozen ?? null
    if (withheld && frozen === null) {
      await onePush(() => sendAgain(counter, pushing))
      await options.takeSnapshot()
    }
    await connection.heard(frozen)
    if (frozen === WITHHELD.unknownTerminal) return
    // One that is only outdated is trusted still: what was earned here goes home (R4).
    if (frozen === null || isOutdated(frozen)) await handBack(counter, (member) => held.has(member))
    if (frozen !== null) return void (await push())
    if (await push()) await pull()
    if (!(await askForShare())) return
    await pull()
    await push()
  }

  function once(): Promise<boolean> {
    return oneRound(async () => {
      nudged = false
      try {
        await round()
        failures = 0
        follow()
        return true
      } catch (error) {
        failures += 1
        // A fault of this counter's own disk says nothing of the server.
        if (!storageFault(error)) connection.lost()
        options.onError(error)
        return false
      }
    })
  }

  /** The next round: soon after a nudge, on the timer otherwise, later and later while the server is away. */
  function schedule(delay: number) {
    clearTimeout(timer)
    if (stopping.signal.aborted || byHand) return
    timer = setTimeout(() => void once().finally(() => schedule(nextDelay())), delay)
  }

  function nextDelay(): number {
    if (nudged && failures === 0) return 0
    const base = failures === 0 ? ROUND_MS : Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** (failures - 1))
    return jittered(base)
  }

  function nudge() {
    if (nudged) return
    nudged = true
    if (failures === 0) schedule(50)
  }

  /** Listens for "there is something to pull" until the line breaks; the timed round starts it again. */
  function follow() {
    if (following || stopping.signal.aborted || byHand) return
    following = true
    void (async () => {
      try {
        const stream = await client.stream(holder, { signal: stopping.signal })
        for await (const { upTo } of stream) if (upTo > point.get().cursor.seq) nudge()
      } catch (error) {
        if (!stopping.signal.aborted) options.onError(error)
      } finally {
        following = false
        // A broken line is the first sign of a server that is gone: look, and say so.
        schedule(jittered(RETRY_MS.first))
      }
    })()
  }

  /** The first to hear of it may be a sale. */
  async function frozenBy(reason: string) {
    await connection.heard(reason)
    return refuse({ code: 'frozen', reason })
  }

  /** A cashier has waited for it in vain: nobody else is to wait as well. */
  function unreachable(error: unknown): void {
    options.onError(error)
    connection.lost()
    schedule(0)
  }

  async function acquire(request: Wanted, signal: AbortSignal): Promise<Planned<Acquired> | null> {
    try {
      await abandonedBy(signal, push())
      const stored = counter.storedUpTo()
      const ask = (more: { grant?: GrantId; taken?: GrantId[] }) =>
        safe(
          client.acquire(
            { protocol: PROTOCOL, ...holder, cursor: point.get().cursor, ...request, ...more },
            { signal },
          ),
        )
      let answer = await ask({})
      const taken = await takenBefore(counter, answer.data?.pending ?? [], stored)
      // What the server counted on is not to come: it is here, or was.
      if (taken.length > 0) answer = await ask({ grant: GrantId.parse(uuidv7()), taken })
      const { error, data, isDefined } = answer
      if (data) {
        const { granted, pending, rows, ack } = data
        return planned({ grants: granted ? [...pending, granted] : pending, rows, ack })
      }
      if (isDefined && error.code === 'SHORT') return refuse(error.data)
      if (isDefined && error.code === 'FROZEN') return await frozenBy(error.data.reason)
      if (isDefined && error.code === 'UPDATE_FIRST') return await frozenBy(outdatedBy(error.data.protocol))
      throw error
    } catch (error) {
      if (storageFault(error)) throw error
      if (error instanceof ForkedError) return frozenBy(WITHHELD.forked)
      unreachable(error)
      return null
    }
  }

  return {
    connection: connection.get,
    online: connection.isOpen,
    mayLend: connection.mayLend,
    mayUseKept: connection.mayUseKept,
    acquire,
    unreachable,
    hold(member) {
      held.set(member, (held.get(member) ?? 0) + 1)
      return () => {
        const left = (held.get(member) ?? 1) - 1
        if (left > 0) held.set(member, left)
        else held.delete(member)
      }
    },
    nudge,
    once,
    start: () => schedule(0),
    async stop() {
      clearTimeout(timer)
      stopping.abort()
      await oneRound(async () => undefined)
    },
  }
}

const jittered = (ms: number): number => ms * (0.75 + Math.random() / 2)

/** Rejects when the signal fires first, or has fired; the work goes on by itself. */
function abandonedBy<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work.then(resolve, reject)
  })
}
