/** One round with the server: pull what changed, take in grants, hand back what is not needed here, push own events. */
import { safe } from '@orpc/client'
import { PROTOCOL, type Cursor } from '#core/contract/sync.ts'
import { isStranger, mayHandBack, WITHHELD } from '#core/contract/withheld.ts'
import type { MemberId } from '#core/ids.ts'
import { meta, type SyncPoint } from '#main/counter/meta.ts'
import type { Counter } from '#main/counter/counter.ts'
import { mutex } from '#main/mutex.ts'
import { acceptGrants } from './accept.ts'
import { applyOwed, applyPage, caughtUp } from './apply-rows.ts'
import type { SyncClient } from './client.ts'
import { withheldBy } from './connection.ts'
import { crossOff, earlierEnds } from './earlier.ts'
import { ForkedError, isOwnHead } from './forked.ts'
import { handBack } from './hand-back.ts'
import { homeShare } from './home-share.ts'
import { pushAll, sendAgain, tellKnown } from './push.ts'

type Page = Awaited<ReturnType<SyncClient['pull']>>
/** Frozen, with the reason; or else the state is to be taken anew: the server does not know our cursor, or it was begun. */
type Withheld = { frozen: string | null }

export type ExchangeOptions = {
  client: SyncClient
  counter: Counter
  point: { get(): SyncPoint; set(point: SyncPoint): void }
  now: () => number
  signal: AbortSignal
  /** Of these members nothing is handed back. */
  inUse(member: MemberId): boolean
  /** Takes the server's whole state anew: for when it no longer knows our cursor. */
  takeSnapshot(): Promise<void>
  /** The server has answered: that this counter gets all it should (null), or why it does not. */
  heard(frozen: string | null): Promise<void>
  /** Rows, or word of what the server has, have come in and are on disk. */
  onRows(): Promise<void>
  /** What went wrong, and does not end the round. */
  onError(error: unknown): void
  /** What the server said of its clock, Unix ms. */
  onServerTime(serverTime: number): void
  eventsAPush?: number | undefined
}

export function createExchange(options: ExchangeOptions) {
  const { client, counter, point, signal, heard, onServerTime } = options
  const { holder } = counter.ledger
  const pushing = { client, onServerTime, signal, limit: options.eventsAPush }
  const onePush = mutex()
  const askForShare = homeShare(options)

  /** Pulls to the end, page by page; each page is one transaction. Gives why the server holds its data back, or null. */
  async function pull(): Promise<Withheld | null> {
    const earlier = await earlierEnds(counter)
    const ask = (cursor: Cursor, knowsOwed: boolean) => {
      const owed = knowsOwed ? ('changed' as const) : ('all' as const)
      const asked = { protocol: PROTOCOL, ...holder, cursor, head: counter.ledger.head(), earlier, owed }
      return safe(client.pull(asked, { signal }))
    }
    for (let answer = ask(point.get().cursor, point.get().owed); ;) {
      const { error, data: page, isDefined } = await answer
      if (isDefined && error.code === 'CURSOR_UNKNOWN') return { frozen: null }
      if (isDefined && error.code === 'UNAUTHORISED' && isStranger(error.data.reason))
        return { frozen: error.data.reason }
      const frozen = isDefined ? withheldBy(error) : null
      if (frozen !== null) return { frozen }
      if (error) throw error
      onServerTime(page.serverTime)
      if (point.get().anew) return { frozen: null }
      if (page.ack && !(await isOwnHead(counter, page.ack))) return { frozen: WITHHELD.forked }
      // The server looks up the next page while this one is being written.
      const owed = page.owed !== null
      if (page.more) answer = ask(page.cursor, owed)
      const ack = page.ack?.seq ?? point.get().ack
      await take(page, { cursor: page.cursor, ack, whole: !page.more, anew: false, owed })
      if (!page.more) return null
    }
  }

  async function take(page: Page, next: SyncPoint): Promise<void> {
    const before = point.get()
    const owed = page.owed?.of.length ?? 0
    const news = page.rows.length + page.packed.length + page.grants.length + owed > 0 || next.owed !== before.owed
    const moved = next.ack !== before.ack || next.whole !== before.whole || next.cursor.seq !== before.cursor.seq
    if (!news && !moved && page.earlier.length === 0) return
    try {
      await counter.ledger.write(async (unit) => {
        await applyPage(unit.trx, page)
        await applyOwed(unit.trx, page.owed)
        await acceptGrants(unit, page.grants, counter.moment)
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
    if (news || page.earlier.length > 0) await options.onRows()
  }

  /** Pulls what has come of this very round; says whether the server still gives what it is asked for. */
  async function pullOn(): Promise<boolean> {
    const withheld = await pull()
    if (withheld !== null && withheld.frozen !== null) await heard(withheld.frozen)
    return withheld === null
  }

  /** Sends what is waiting; says whether anything was. */
  const push = (): Promise<boolean> => onePush(() => pushAll(counter, pushing))

  /** A disk that turns out to have a twin is as good as frozen until it is put right (R11). */
  async function round(): Promise<void> {
    try {
      await exchange()
    } catch (error) {
      if (!(error instanceof ForkedError)) throw error
      await heard(WITHHELD.forked)
    }
  }

  async function exchange(): Promise<void> {
    const withheld = await pull()
    const frozen = withheld?.frozen ?? null
    if (withheld && frozen === null) {
      await onePush(() => sendAgain(counter, pushing))
      await options.takeSnapshot()
    }
    await heard(frozen)
    if (isStranger(frozen)) return
    // One that is only outdated is trusted still: what was earned here goes home (R4).
    if (mayHandBack(frozen)) await handBack(counter, options.inUse)
    const pushed = await push()
    // Not in `push`: a cashier who acquires waits for that.
    await tellKnown(counter, options)
    if (frozen !== null) return
    if (pushed && !(await pullOn())) return
    if (!(await askForShare()) || !(await pullOn())) return
    await push()
  }

  return { round, push }
}
