/**
 * The transactional outbox: what a member is to be told is written in the very transaction that makes it true, so that no
 * notice is lost and none is told of what did not happen. A worker sends it later.
 */
import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { POINTS } from '#core/ledger/asset.ts'
import { heldTotal, somethingLeft } from '#storage/ledger.repository.ts'
import { happenedAt, type LedgerEvent } from '#core/ledger/event.ts'
import { reversesOf } from '#core/ledger/event-about.ts'
import type { Programme } from '#core/loyalty/programme.ts'
import { chunks } from '#storage/bulk.ts'
import type { StoreTable } from '#storage/schema.ts'
import type { OutboxTable } from '#storage/server-tables.ts'
import type { Db } from '#server/ledger/database.ts'
import { peopleOf, type People } from '#server/ledger/people.ts'
import { isRestoring, lastRestoredAt } from '#server/restore/restored.ts'
import { noticeMessage } from './flex.ts'
import { LineMessages } from './message.ts'
import { NOTICE_KINDS, noticeOf, wordNotice, type NoticeKind, type Told } from './notices.ts'

/**
 * Writes the notices of these events, in as many statements however many events there are. Call it inside the transaction
 * that stores them, after their transfers are posted. An event met again writes nothing.
 */
export async function enqueueNotices(
  trx: Db,
  events: readonly LedgerEvent[],
  context: { programme: Programme; now: number },
): Promise<void> {
  if (await isRestoring(trx)) return
  const off = await switchedOff(trx)
  const told = newsAmong(standing(events), await lastRestoredAt(trx, context.now))
    .map((event) => noticeOf(event, (kind) => !off.has(kind)))
    .filter((one) => one !== null)
  if (told.length === 0) return
  const people = await peopleOf(
    trx,
    told.map((one) => one.member),
  )
  const lineUsers = await reachable(trx, people)
  const sendable = told.filter((one) => lineUsers.has(one.member))
  if (sendable.length === 0) return

  const stores = await storesById(trx)
  const balances = await balancesOfPeople(trx, people)
  const word = (one: Told) => {
    const store = stores.get(one.event.store)
    return wordNotice(one, {
      shop: store?.shop ?? '',
      store: store?.name ?? '',
      zone: store?.zone ?? 'Asia/Taipei',
      programme: context.programme,
      balance: (asset) => balances.get(`${people.get(one.member) ?? one.member} ${asset}`) ?? 0,
    })
  }
  const rows = sendable.map((one): OutboxTable => ({
    id: uuidv7(),
    event_id: one.event.id,
    kind: one.kind,
    member: one.member,
    line_user: lineUsers.get(one.member) ?? '',
    messages: JSON.stringify(LineMessages.parse([noticeMessage(word(one))])),
    retry_key: randomUUID(),
    state: 'pending',
    attempts: 0,
    next_at: context.now,
    first_sent_at: null,
    error: null,
    created_at: context.now,
    settled_at: null,
  }))
  for (const part of chunks(rows, 14)) {
    await trx
      .insertInto('outbox')
      .values(part)
      .onConflict((conflict) => conflict.columns(['event_id', 'kind']).doNothing())
      .execute()
  }
}

/** Those that none of the others undoes: a sale that was undone before it was sent is nobody's news. */
function standing(events: readonly LedgerEvent[]): readonly LedgerEvent[] {
  const undone = new Set<string | null>(events.map(reversesOf))
  return events.filter(({ id }) => !undone.has(id))
}

/**
 * What happened before the server was put back from a backup may have been told before it was (R12), whenever its counter
 * comes with it again; and so may what follows from it. Twice is worse than never.
 */
function newsAmong(events: readonly LedgerEvent[], restoredAt: number | null): readonly LedgerEvent[] {
  if (restoredAt === null) return events
  const old = new Set(events.filter((event) => happenedAt(event) <= restoredAt).map(({ id }) => id))
  const causeOf = ({ body }: LedgerEvent) => ('cause' in body ? body.cause : null)
  return events.filter((event) => !old.has(event.id) && !old.has(causeOf(event) ?? event.id))
}

async function switchedOff(trx: Db): Promise<Set<string>> {
  const rows = await trx
    .selectFrom('setting')
    .select('key')
    .where('key', 'in', NOTICE_KINDS.map(noticeSetting))
    .where('value', '=', 'off')
    .execute()
  return new Set(rows.map((row) => row.key.slice('notice.'.length)))
}

const noticeSetting = (kind: NoticeKind): string => `notice.${kind}`

/**
 * The LINE user for each of these members: their own, or of whoever else of the same person is bound to LINE and has not
 * blocked the shop.
 */
async function reachable(trx: Db, people: People): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const byPerson = new Map<string, string>()
  for (const part of chunks([...people.keys()], 1)) {
    const rows = await trx
      .selectFrom('personal')
      .innerJoin('member', 'member.id', 'personal.member')
      .select(['personal.member', 'personal.line_user'])
      .where('personal.member', 'in', part)
      .where('personal.line_user', 'is not', null)
      .where('member.blocked', '=', 0)
      .orderBy('personal.member', 'desc')
      .execute()
    for (const row of rows) {
      if (!row.line_user) continue
      found.set(row.member, row.line_user)
      byPerson.set(people.get(row.member) ?? row.member, row.line_user)
    }
  }
  for (const [member, root] of people) {
    const user = found.get(member) ?? byPerson.get(root)
    if (user) found.set(member, user)
  }
  return found
}

async function storesById(trx: Db): Promise<Map<string, StoreTable>> {
  const rows = await trx.selectFrom('store').selectAll().execute()
  return new Map(rows.map((row) => [row.id, row]))
}

/** What people have of points and stored value, by `<root> <asset>`: the free part and what counters hold of it. */
async function balancesOfPeople(trx: Db, people: People): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const part of chunks([...people.keys()], 1)) {
    const rows = await trx
      .selectFrom('lot')
      .select(['member', 'asset', 'free', 'held'])
      .where('member', 'in', part)
      .where((eb) => eb.or([eb('asset', '=', POINTS), eb('asset', 'like', 'value:%')]))
      .where(somethingLeft)
      .execute()
    for (const { member, asset, free, held } of rows) {
      const key = `${people.get(member) ?? member} ${asset}`
      found.set(key, (found.get(key) ?? 0) + free + heldTotal(held))
    }
  }
  return found
}
