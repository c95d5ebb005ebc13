/** Members as the server keeps them: made by their enrolment, moved on by their visits, named by their personal data. */
import { z } from 'zod'
import { VisitView } from '#core/contract/views.ts'
import type { Personal } from '#core/contract/sync.ts'
import type { MemberId } from '#core/ids.ts'
import { rootOf } from '#core/ledger/consequence/facts.ts'
import { happenedAt, type EventOf, type LedgerEvent } from '#core/ledger/event.ts'
import { personalDigest } from '#core/ledger/personal.ts'
import { standingAfter } from '#core/ledger/standing.ts'
import { runOverRows } from '#storage/bulk.ts'
import { digitsOf, phoneTail } from '#core/phone.ts'
import { insertMembers, newMember, upsertMembers } from '#storage/member.repository.ts'
import type { MemberTable } from '#storage/schema.ts'
import { ledgerOf, type Trx } from '#server/ledger/database.ts'
import type { Batch } from './batch.ts'

/** How many visits a member's row remembers. */
export const RECENT = 5
const Visits = z.compile(z.array(VisitView))

/** The latest visits, newest first. */
export const visitsFromText = (text: string): VisitView[] =>
  text === '' || text === '[]' ? [] : Visits.parse(JSON.parse(text))

/** A new member, nameless until the personal data is there; or one that other counters have told of already. */
export function addMember({ unit, members, fresh }: Batch, event: EventOf<'member.enrolled'>): void {
  const { member: id, card, digest } = event.body
  if (!members.has(id)) {
    const tier = unit.programme.tiers[0]?.id ?? ''
    members.set(id, newMember({ id, card, tier, joined_on: event.businessDate }))
    fresh.add(id)
  }
  unit.later((trx) => trx.insertInto('personal').values({ member: id, salt: '', digest, line_user: null }).execute())
}

/** Puts a profile in place when it is the one whose digest the member's enrolment holds. */
export function addPersonal(
  { unit, members, named }: Batch,
  { member: id, salt, profile }: Personal,
  digest: string | undefined,
): boolean {
  const member = members.get(id)
  if (!member || digest !== personalDigest(salt, profile)) return false
  const clean = (text: string) => text.replaceAll('\0', '')
  member.name = clean(profile.name)
  member.phone = digitsOf(profile.phone)
  member.phone_tail = phoneTail(profile.phone)
  member.birthday = profile.birthday === null ? null : clean(profile.birthday)
  member.email = clean(profile.email)
  member.address = clean(profile.address)
  named.add(id)
  unit.later((trx) =>
    trx
      .updateTable('personal')
      .set({ salt: clean(salt) })
      .where('member', '=', id)
      .execute(),
  )
  return true
}

/** Adds an event to its person's visits, spending and tier. */
export function addVisit(batch: Batch, of: MemberId, event: LedgerEvent): void {
  const { unit, members } = batch
  const id = rootOf(unit.facts, of)
  const member = members.get(id)
  if (!member) return
  const { spent, tier } = standingAfter(unit.programme, member, event)
  member.spent = spent
  const visits = visitsOf(batch, member)
  if (event.kind === 'sale.completed') {
    const visit: VisitView = { event: event.id, at: happenedAt(event), store: event.store, total: event.body.total }
    batch.visits.set(id, [visit, ...visits].toSorted((a, b) => b.at - a.at).slice(0, RECENT))
  } else if (event.kind === 'sale.refunded') {
    const { reverses } = event.body
    batch.visits.set(
      id,
      visits.filter((visit) => visit.event !== reverses),
    )
  }
  if (tier !== member.tier) {
    const body = { cause: event.id, member: id, from: member.tier, to: tier }
    unit.decide({ id: unit.mint.event(), draft: { kind: 'tier.changed', body, lots: [], transfers: [] } }, event.store)
    member.tier = tier
  }
  batch.moved.add(id)
}

const visitsOf = ({ visits }: Batch, { id, recent }: MemberTable): VisitView[] =>
  visits.get(id) ?? visitsFromText(recent)

/**
 * Writes the members that the batch has changed, as they are at its end. Where another counter has told of one who is new at
 * this very moment, the batch is run again.
 */
export function saveMembers({ unit, members, visits, fresh, named, moved }: Batch): void {
  for (const [id, recent] of visits) {
    const member = members.get(id)
    if (member) member.recent = JSON.stringify(recent)
  }
  const those = (ids: Iterable<string>): MemberTable[] => [...ids].flatMap((id) => members.get(id) ?? [])
  const asOf = (rows: readonly MemberTable[], seq: number) => rows.map((member) => ({ ...member, seq }))
  const enrolled = those(fresh)
  if (enrolled.length > 0) unit.later((trx, seq) => insertMembers(ledgerOf(trx), asOf(enrolled, seq)))
  const renamed = those([...named].filter((id) => !fresh.has(id)))
  if (renamed.length > 0) unit.later((trx, seq) => upsertMembers(ledgerOf(trx), asOf(renamed, seq)))
  const others = those([...moved].filter((id) => !fresh.has(id) && !named.has(id)))
  if (others.length > 0) unit.later((trx, seq) => moveMembers(trx, others, seq))
}

/** Updates what visits change, and leaves names and their index alone. */
async function moveMembers(trx: Trx, members: readonly MemberTable[], seq: number): Promise<void> {
  await runOverRows(
    trx,
    (places) => `with moved (id, tier, spent, recent, seq) as (values ${places})
      update member set tier = moved.tier, spent = moved.spent, recent = moved.recent, seq = moved.seq
      from moved where member.id = moved.id`,
    members.map(({ id, tier, spent, recent }) => [id, tier, spent, recent, seq]),
    ['text', 'text', 'bigint', 'text', 'bigint'],
  )
}
