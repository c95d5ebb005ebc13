/** Own events on their way to the server, in order, until it has said that they are stored. */
import { safe } from '@orpc/client'
import type { Personal } from '#core/contract/sync.ts'
import { PROTOCOL, Profile, PUSH_LIMIT, type WireEvent } from '#core/contract/sync.ts'
import { MemberId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import { Hash } from '#core/ledger/event.ts'
import type { CounterTables } from '#storage/schema.ts'
import type { Counter } from '#main/counter/counter.ts'
import { meta } from '#main/counter/meta.ts'
import type { SyncClient } from './client.ts'

/** The most text one push carries, as bytes on the wire: a slow line sees progress, and the server takes no more than half as much again. */
const PUSH_BYTES = 1_000_000

type Load = { events: WireEvent[]; personal: Personal[] }

/**
 * Pushes all that waits; says whether there was anything. While one load is on its way the next is made ready. Throws when
 * the server cannot be reached or refuses.
 */
export async function pushAll(
  counter: Counter,
  client: SyncClient,
  onServerTime: (time: number) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const { holder } = counter.ledger
  let load = await readyLoad(counter, counter.ack() + 1)
  let any = false
  while (load) {
    const { events, personal } = load
    const [first, last] = [events[0]?.seq ?? 0, events.at(-1)?.seq ?? 0]
    const sending = safe(client.push({ protocol: PROTOCOL, ...holder, events, personal }, { signal }))
    const following = await readyLoad(counter, last + 1)
    const { error, data, isDefined } = await sending
    if (error) {
      if (!isDefined || error.code !== 'GAP' || error.data.expected >= first) throw error
      load = await readyLoad(counter, error.data.expected)
      continue
    }
    onServerTime(data.serverTime)
    await markPersonalSent(counter.db, personal)
    counter.stored(data.stored)
    any = true
    load = data.stored === last ? following : await readyLoad(counter, data.stored + 1)
  }
  return any
}

/** The next events and the personal data that goes with them, marked as sent; null when there is nothing to send. */
async function readyLoad({ db, ledger }: Counter, from: number): Promise<Load | null> {
  const events = await nextEvents(db, ledger.holder, from)
  const last = events.at(-1)
  if (!last) return null
  const personal = await personalOf(db, ledger.holder, last.seq)
  await markSent(db, last.seq)
  return { events, personal }
}

async function nextEvents(db: Counter['db'], holder: Holder, from: number): Promise<WireEvent[]> {
  const rows = await db
    .selectFrom('event')
    .select(['seq', 'hash', 'text'])
    .where('terminal', '=', holder.terminal)
    .where('epoch', '=', holder.epoch)
    .where('seq', '>=', from)
    .orderBy('seq')
    .limit(PUSH_LIMIT)
    .execute()
  const events: WireEvent[] = []
  let size = 0
  for (const row of rows) {
    size += Buffer.byteLength(JSON.stringify(row.text))
    if (events.length > 0 && size > PUSH_BYTES) break
    events.push({ seq: row.seq, hash: Hash.parse(row.hash), text: row.text })
  }
  return events
}

/** Durable before the first byte leaves: from here on, only the server can undo these (R5). */
async function markSent(db: Counter['db'], seq: number): Promise<void> {
  const before = (await meta.sent.read(db)) ?? 0
  if (seq > before) await meta.sent.write(db, seq)
}

/** Of members whose enrolment is sent by now: the server has no place for what comes before its event. */
async function personalOf(db: Counter['db'], { terminal, epoch }: Holder, upTo: number): Promise<Personal[]> {
  const rows = await db
    .selectFrom('personal')
    .innerJoin('event', 'event.member', 'personal.member')
    .selectAll('personal')
    .where('personal.sent', '=', 0)
    .where('event.kind', '=', 'member.enrolled')
    .where('event.terminal', '=', terminal)
    .where('event.epoch', '=', epoch)
    .where('event.seq', '<=', upTo)
    .orderBy('personal.member')
    .limit(PUSH_LIMIT)
    .execute()
  return rows.map(({ member, salt, profile }) => ({
    member: MemberId.parse(member),
    salt,
    profile: Profile.parse(JSON.parse(profile)),
  }))
}

async function markPersonalSent(db: Counter['db'], sent: readonly Personal[]): Promise<void> {
  if (sent.length === 0) return
  const members: CounterTables['personal']['member'][] = sent.map((one) => one.member)
  await db.updateTable('personal').set({ sent: 1 }).where('member', 'in', members).execute()
}
