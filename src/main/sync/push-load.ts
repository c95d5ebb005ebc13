/** What is ready to be sent next: own events by their places, and the personal data that goes with enrolments among them. */
import { sql, type SelectQueryBuilder } from 'kysely'
import { KnownMember, PROTOCOL, PUSH_LIMIT, type Personal } from '#core/contract/sync.ts'
import { MEMBER_UNKNOWN, Profile } from '#core/contract/sync-rows.ts'
import { MemberId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import type { CounterTables } from '#storage/schema.ts'
import { eventsOf } from '#main/counter/chain.ts'
import type { Counter } from '#main/counter/counter.ts'
import { meta } from '#main/counter/meta.ts'
import { pushBody, type Texted } from './push-body.ts'
import { FIRST_PUSH } from './push-size.ts'

/** How many events one push carries, whatever the line takes. */
export type Limit = { limit?: number | undefined }
/** `more`: there are others after these. */
type Next = { events: Texted[]; more: boolean }
/** What is ready to be sent: events from `first` to `last`, and the personal data that goes with them. */
type Load = { first: number; last: number; personal: Personal[]; body: Uint8Array<ArrayBuffer> }

/** The next events and the personal data that goes with them, marked as sent; null when there is nothing to send. */
export async function readyLoad(
  counter: Counter,
  holder: Holder,
  from: number,
  options: Limit,
  size = FIRST_PUSH,
): Promise<Load | null> {
  const { db, ledger } = counter
  const { events, more } = await nextEvents(db, holder, from, options, size)
  const [first, last] = [events[0]?.seq, events.at(-1)?.seq]
  if (first === undefined || last === undefined) return null
  const personal = await personalOf(db, holder, { first, last })
  const isOwn = holder.epoch === ledger.holder.epoch
  if (isOwn) await markSent(db, last)
  const acknowledged = isOwn ? counter.ack() : 0
  const body = pushBody({ protocol: PROTOCOL, ...holder, personal, acknowledged, more }, events)
  return { first, last, personal, body }
}

export async function nextEvents(
  db: Counter['db'],
  holder: Holder,
  from: number,
  { limit }: Limit,
  { events: usual, bytes } = FIRST_PUSH,
): Promise<Next> {
  const most = limit ?? usual
  const rows = await eventsOf(db, holder)
    .select(['seq', 'hash', sql<Uint8Array>`cast(text as blob)`.as('text')])
    .where('seq', '>=', from)
    .orderBy('seq')
    .limit(most + 1)
    .execute()
  const events: Texted[] = []
  let size = 0
  for (const row of rows.slice(0, most)) {
    size += row.text.byteLength
    if (events.length > 0 && size > bytes) break
    events.push(row)
  }
  return { events, more: events.length < rows.length }
}

/** Durable before the first byte leaves: from here on, only the server can undo these (R5). */
async function markSent(db: Counter['db'], seq: number): Promise<void> {
  const before = (await meta.sent.read(db)) ?? 0
  if (seq > before) await meta.sent.write(db, seq)
}

/**
 * What goes with the enrolments from `first` to `last`, each time that these are sent; and what is left of those before. The
 * server has no place for what comes before its event.
 */
export async function personalOf(
  db: Counter['db'],
  { terminal, epoch }: Holder,
  { first, last }: { first: number; last: number },
): Promise<Personal[]> {
  // SQLite keeps to the order of a cross join, and by the plus to the member's index: from the few that are left, each
  // enrolment at once, never through all events up to here.
  const left = enrolments(db.selectFrom('personal').crossJoin('event'))
    .where(isLeft)
    .where(sql<string>`+event.terminal`, '=', terminal)
    .where(sql<string>`+event.epoch`, '=', epoch)
    .where(sql<number>`+event.seq`, '<=', last)
  const among = enrolments(db.selectFrom('event').crossJoin('personal'))
    .where('event.terminal', '=', terminal)
    .where('event.epoch', '=', epoch)
    .where('event.seq', '>=', first)
    .where('event.seq', '<=', last)
  const rows = await left.union(among).orderBy('seq', 'desc').limit(PUSH_LIMIT).execute()
  return rows.map(({ member, salt, profile }) => ({
    member: MemberId.parse(member),
    salt,
    profile: Profile.parse(JSON.parse(profile)),
  }))
}

/** Written out rather than bound, so that SQLite sees that the index on them answers it. */
const isLeft = sql<boolean>`personal.sent = 0`
const isWaiting = sql<boolean>`outcome.status = 'waiting'`

const enrolments = (joined: SelectQueryBuilder<CounterTables, 'personal' | 'event', object>) =>
  joined
    .select(['personal.member', 'personal.salt', 'personal.profile', 'event.seq'])
    .whereRef('event.member', '=', 'personal.member')
    .where('event.kind', '=', 'member.enrolled')

export async function markPersonalSent(db: Counter['db'], sent: readonly Personal[]): Promise<void> {
  if (sent.length === 0) return
  const members: CounterTables['personal']['member'][] = sent.map((one) => one.member)
  await db.updateTable('personal').set({ sent: 1 }).where('member', 'in', members).execute()
}

/** The members that own events wait for at the server, and that are known here. */
export async function awaitedMembers(db: Counter['db']): Promise<KnownMember[]> {
  const rows = await db
    .selectFrom('outcome')
    .innerJoin('event', 'event.id', 'outcome.event_id')
    .innerJoin('member', 'member.id', 'event.member')
    .select(['member.id', 'card', 'name', 'phone', 'birthday', 'email', 'address', 'joined_on as joinedOn'])
    .distinct()
    .where(isWaiting)
    .where('outcome.reason', '=', MEMBER_UNKNOWN)
    .limit(PUSH_LIMIT)
    .execute()
  return rows.map((row) => KnownMember.parse(row))
}
