/** Members as LINE knows them: found by their LINE user, or made when they come with their first claim. */
import { randomBytes } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { CardNumber, MemberId } from '#core/ids.ts'
import { personalDigest } from '#core/ledger/personal.ts'
import { newMember, upsertMembers } from '#storage/member.repository.ts'
import type { SignedIn } from '#server/line/id-token.ts'
import { ledgerOf, type Db } from '#server/ledger/database.ts'
import { randomCrockford } from '#server/ledger/mint.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import { giveWelcome } from '#server/intake/welcome.ts'

/** The member that a LINE user is, if they are bound to one: under the name that all of the person's goes by. */
export async function memberOfLineUser(db: Db, lineUser: string): Promise<MemberId | null> {
  const row = await db
    .selectFrom('personal')
    .innerJoin('member', 'member.id', 'personal.member')
    .select((eb) => eb.fn.coalesce('member.root', 'member.id').as('id'))
    .where('line_user', '=', lineUser)
    .executeTakeFirst()
  return row ? MemberId.parse(row.id) : null
}

/**
 * Enrols a member bound to this LINE user, with the name LINE gave, as a fact of the server's own; the welcome gift comes
 * with it. Two at once break on the user's uniqueness, and the unit is run again.
 */
export function enrolFromLine(unit: Unit, { lineUser, name }: SignedIn, store: string): MemberId {
  const member = MemberId.parse(uuidv7())
  const card = CardNumber.parse(randomCrockford(10))
  const salt = randomBytes(16).toString('base64url')
  const profile = { name: displayName(name), phone: '', birthday: null, email: '', address: '' }
  const digest = personalDigest(salt, profile)
  const enrolled = unit.mint.event()
  const body = { member, card, digest }
  unit.decide({ id: enrolled, draft: { kind: 'member.enrolled', body, lots: [], transfers: [] } }, store)
  unit.later((trx) => trx.insertInto('personal').values({ member, salt, digest, line_user: lineUser }).execute())
  const tier = unit.programme.tiers[0]?.id ?? ''
  const row = { ...newMember({ id: member, card, tier, joined_on: unit.today }, profile), on_line: 1 }
  unit.later((trx, seq) => upsertMembers(ledgerOf(trx), [{ ...row, seq }]))
  giveWelcome(unit, member, enrolled, store)
  return member
}

const NAME_MAX = 60

/** What LINE calls them, cut to what a profile holds. */
function displayName(name: string): string {
  const clean = name.replaceAll('\0', '').trim()
  let cut = ''
  for (const character of clean) {
    if (cut.length + character.length > NAME_MAX) break
    cut += character
  }
  return cut || 'LINE 會員'
}
