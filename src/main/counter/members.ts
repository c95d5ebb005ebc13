/** Finding members, and enrolling one, with or without a network. */
import { randomBytes } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { Profile } from '#core/contract/sync-rows.ts'
import type { EnrolInput } from '#core/contract/terminal.ts'
import type { MemberPanel, MemberSummary } from '#core/contract/views.ts'
import { CardNumber, MemberId } from '#core/ids.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { digitsOf } from '#core/phone.ts'
import { memberOf } from '#core/ledger/event-about.ts'
import { personalDigest } from '#core/ledger/personal.ts'
import { planned, refuse, type Planned } from '#core/ledger/refusal.ts'
import { tierOf } from '#core/loyalty/programme.ts'
import { eventRowById } from '#storage/event.repository.ts'
import { findMembers, memberByCard, memberById, newMember, upsertMembers } from '#storage/member.repository.ts'
import type { LedgerName, MemberTable } from '#storage/schema.ts'
import { randomId } from '#storage/random-id.ts'
import type { Counter } from './counter.ts'
import { eventOf } from './done-already.ts'
import { panelOf, summaryOf } from './member-view.ts'

export async function find(counter: Counter, query: string): Promise<MemberSummary[]> {
  const ledger = counter.db.$pickTables<LedgerName>()
  const card = CardNumber.safeParse(query.trim().toUpperCase())
  const byCard = card.success ? await memberByCard(ledger, card.data) : undefined
  const rows = byCard ? [byCard] : await findMembers(ledger, query)
  // Who is known by several ids is found by any of them, once.
  const roots = new Map<string, MemberTable>()
  for (const row of rows) {
    const root = row.root === null ? row : ((await memberById(ledger, row.root)) ?? row)
    roots.set(root.id, root)
  }
  return [...roots.values()].map((row) => summaryOf(counter, row))
}

export async function panel(counter: Counter, id: MemberId): Promise<Planned<MemberPanel>> {
  const row = await memberById(counter.db.$pickTables<LedgerName>(), id)
  return row ? planned(await panelOf(counter, row)) : refuse({ code: 'memberUnknown' })
}

export async function panelByCard(counter: Counter, card: CardNumber): Promise<MemberPanel | null> {
  const row = await memberByCard(counter.db.$pickTables<LedgerName>(), card)
  return row ? panelOf(counter, row) : null
}

/** Enrols a member. The event carries a digest; the personal data stands beside it and goes with the next push. */
export async function enrol(counter: Counter, { id, epoch, ...input }: EnrolInput): Promise<Planned<MemberPanel>> {
  const before = await eventOf(counter, { id, epoch })
  if (!before.ok) return before
  if (before.value) return enrolledBy(counter, before.value)

  const profile: Profile = { ...input, phone: digitsOf(input.phone) }
  const result = await counter.ledger.write<Planned<MemberTable>>(async (unit) => {
    const ledger = unit.trx.$pickTables<LedgerName>()
    const again = await eventRowById(ledger, id)
    const there = again?.member ? await memberById(ledger, again.member) : undefined
    if (there) return planned(there)
    const [known] = profile.phone === '' ? [] : await findMembers(ledger, profile.phone)
    if (known?.phone === profile.phone && known)
      return refuse({ code: 'memberExists', member: MemberId.parse(known.id), name: known.name })

    const moment = counter.moment()
    const member = MemberId.parse(uuidv7())
    const card = CardNumber.parse(randomId(10))
    const salt = randomBytes(16).toString('base64url')
    const body = { member, card, digest: personalDigest(salt, profile) }
    await unit.append(id, { kind: 'member.enrolled', body, lots: [], transfers: [] }, moment, {
      staff: counter.staff()?.id ?? null,
      approvedBy: null,
    })
    const tier = tierOf(counter.shop().programme, null).id
    const row = newMember({ id: member, card, tier, joined_on: moment.today }, profile)
    await upsertMembers(ledger, [row])
    await unit.trx
      .insertInto('personal')
      .values({ member, salt, profile: JSON.stringify(profile), sent: 0 })
      .execute()
    return planned(row)
  })
  if (!result.ok) return result
  counter.changed()
  counter.rights.nudge()
  return planned(await panelOf(counter, result.value))
}

/** Of whom the server alone knows yet, it will have told soon. */
async function enrolledBy(counter: Counter, event: LedgerEvent): Promise<Planned<MemberPanel>> {
  const id = memberOf(event)
  const row = id && (await memberById(counter.db.$pickTables<LedgerName>(), id))
  return row ? planned(await panelOf(counter, row)) : refuse({ code: 'mayBeForgotten' })
}
