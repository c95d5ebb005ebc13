/** Own events on their way to the server, in order, until it has said that they are stored. */
import { setTimeout as pause } from 'node:timers/promises'
import { safe } from '@orpc/client'
import { PROTOCOL } from '#core/contract/sync.ts'
import type { Holder } from '#core/ledger/account.ts'
import { eventsOf } from '#main/counter/chain.ts'
import type { Counter } from '#main/counter/counter.ts'
import { earlierEpochs, meta } from '#main/counter/meta.ts'
import { isAnswer, type SyncClient } from './client.ts'
import { ForkedError, forgetEnrolled } from './forked.ts'
import { pushBody } from './push-body.ts'
import { awaitedMembers, markPersonalSent, nextEvents, personalOf, readyLoad, type Limit } from './push-load.ts'
import { FIRST_PUSH, sizeAfter } from './push-size.ts'

/** A load has left by then, where the line takes it; reading the next at once would hold it back. */
const LEAVING_MS = 2

export type PushOptions = Limit & {
  client: SyncClient
  onServerTime: (time: number) => void
  signal: AbortSignal
}

/**
 * Pushes all that waits, of earlier epochs first; says whether there was anything. Throws when the server cannot be reached
 * or refuses, and ForkedError.
 */
export async function pushAll(counter: Counter, options: PushOptions): Promise<boolean> {
  const earlier = await pushEarlier(counter, options)
  const { holder } = counter.ledger
  const from = await nextOfOwn(counter, options)
  // Before a twin was found out, what the server said it has need not have been this disk's.
  const shown = (await meta.shown.read(counter.db)) === holder.epoch
  const own = await pushOrShow(counter, holder, { from, first: shown ? counter.ack() + 1 : 1 }, options)
  return earlier || own
}

type TellOptions = Pick<PushOptions, 'client' | 'signal'> & { onError(error: unknown): void }

/**
 * Whom own events wait for at a server that was put back, as they are known here (R12). Throws when the line breaks; an error
 * that the server answers with ends no round.
 */
export async function tellKnown({ db, ledger }: Counter, { client, signal, onError }: TellOptions): Promise<void> {
  const known = await awaitedMembers(db)
  if (known.length === 0) return
  const body = pushBody({ protocol: PROTOCOL, ...ledger.holder, personal: [], known }, [])
  const { error } = await safe(client.push(body, { signal }))
  if (error && !isAnswer(error)) throw error
  if (error) onError(error)
}

/**
 * From where its own chain is to be sent. What the pulled state does not contain yet, the server is asked for; and the last
 * that both have goes too, for a twin may have written it.
 */
async function nextOfOwn(counter: Counter, options: PushOptions): Promise<number> {
  const next = counter.ack() + 1
  if (counter.storedUpTo() < next) return next
  return Math.max(next, Math.min(await storedOf(counter.ledger.holder, options), counter.ledger.head()))
}

/** The rest of the epochs this file was restored from (R11), each until a state pulled shows that the server has all of it. */
async function pushEarlier(counter: Counter, options: PushOptions): Promise<boolean> {
  const left = (await meta.earlier.read(counter.db)) ?? []
  for (const { epoch } of left) {
    const holder = { ...counter.ledger.holder, epoch }
    try {
      await pushRest(counter, holder, options)
    } catch (error) {
      // What the server has of it already is the other disk's; this one's is kept there beside it.
      if (!(error instanceof ForkedError)) throw error
    }
  }
  return left.length > 0
}

/** What the server lacks of an epoch of which this disk does not know how much it has. */
async function pushRest(counter: Counter, holder: Holder, options: PushOptions): Promise<void> {
  const both = Math.min(await storedOf(holder, options), await lastSeq(counter.db, holder))
  await pushOrShow(counter, holder, { from: Math.max(1, both), first: 1 }, options)
}

/**
 * Pushes an epoch's events from this place on. If it turns out that a twin has written there, the server is shown this disk's
 * whole branch, from the `first` that is not known to be the same: throws ForkedError then.
 */
async function pushOrShow(
  counter: Counter,
  holder: Holder,
  { from, first }: { from: number; first: number },
  options: PushOptions,
): Promise<boolean> {
  try {
    return await pushFrom(counter, holder, from, options)
  } catch (error) {
    if (error instanceof ForkedError) await showBranch(counter, holder, first, options)
    throw error
  }
}

/** Sends an epoch's events from this place on, whatever the server says it has of them: what is not the same there is kept beside. */
async function showBranch(counter: Counter, holder: Holder, from: number, options: PushOptions): Promise<void> {
  const { client, signal } = options
  for (let { events } = await nextEvents(counter.db, holder, from, options); events.length > 0;) {
    const body = pushBody({ protocol: PROTOCOL, ...holder, personal: [] }, events)
    const { error, isDefined } = await safe(client.push(body, { signal }))
    if (error && !(isDefined && error.code === 'FORKED')) throw error
    if (error) await forgetEnrolled(counter, holder, error.data.seq)
    events = (await nextEvents(counter.db, holder, (events.at(-1)?.seq ?? 0) + 1, options)).events
  }
  // Of an earlier epoch it is all asked for again, until a pull names it as contained.
  if (holder.epoch === counter.ledger.holder.epoch) await meta.shown.write(counter.db, holder.epoch)
}

async function lastSeq(db: Counter['db'], holder: Holder): Promise<number> {
  return (await eventsOf(db, holder).select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst())?.seq ?? 0
}

/** The last seq of an epoch that the server has. */
async function storedOf(holder: Holder, { client, signal }: PushOptions): Promise<number> {
  const asked = pushBody({ protocol: PROTOCOL, ...holder, personal: [] }, [])
  return (await client.push(asked, { signal })).stored
}

/** Has everything sent again that a restored server lacks, personal data too (R12). */
export async function sendAgain(counter: Counter, options: PushOptions): Promise<void> {
  const { holder } = counter.ledger
  await counter.db.updateTable('personal').set({ sent: 0 }).execute()
  const earlier = await earlierEpochs(counter.db, holder, (await meta.earlier.read(counter.db)) ?? [])
  await meta.earlier.write(counter.db, earlier)
  await pushEarlier(counter, options)
  await pushRest(counter, holder, options)
  for (const { epoch } of [...earlier, holder]) await pushPersonal(counter, { ...holder, epoch }, options)
}

/** Pushes an epoch's events from this place on. While one load is on its way the next is made ready. */
async function pushFrom(counter: Counter, holder: Holder, from: number, options: PushOptions): Promise<boolean> {
  const { client, signal } = options
  const isOwn = holder.epoch === counter.ledger.holder.epoch
  let load = await readyLoad(counter, holder, from, options)
  let any = false
  let size = FIRST_PUSH
  while (load) {
    const { first, last, personal, body } = load
    const since = performance.now()
    const sending = safe(client.push(body, { signal }))
    await pause(LEAVING_MS)
    const following = await readyLoad(counter, holder, last + 1, options, size)
    const { error, data, isDefined } = await sending
    size = sizeAfter(size, performance.now() - since)
    if (error) {
      if (isDefined && error.code === 'FORKED') {
        await forgetEnrolled(counter, holder, error.data.seq)
        throw new ForkedError()
      }
      if (!isDefined || error.code !== 'GAP' || error.data.expected >= first) throw error
      // It has been put back from a copy, and what it has now may be a twin's: the last that both have goes too.
      load = await readyLoad(counter, holder, Math.max(1, error.data.expected - 1), options)
      continue
    }
    options.onServerTime(data.serverTime)
    await markPersonalSent(counter.db, personal)
    // What it has beyond these may be a twin's.
    if (isOwn) counter.stored(last)
    any = true
    load = following
  }
  return any
}

/** After any event. */
const AFTER_ALL = Number.MAX_SAFE_INTEGER

/** Personal data whose enrolment the server has already. */
async function pushPersonal(counter: Counter, holder: Holder, { client, signal }: PushOptions): Promise<void> {
  for (;;) {
    const personal = await personalOf(counter.db, holder, { first: AFTER_ALL, last: AFTER_ALL })
    if (personal.length === 0) return
    await client.push(pushBody({ protocol: PROTOCOL, ...holder, personal }, []), { signal })
    await markPersonalSent(counter.db, personal)
  }
}
