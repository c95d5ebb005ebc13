/**
 * Members whom a server that was put back has forgotten, and nobody enrols again: LINE's, and those of counters that are no
 * more (R12). Where an event waits for one, its counter says how it knows them.
 */
import { randomBytes } from 'node:crypto'
import type { KnownMember } from '#core/contract/sync.ts'
import { personalDigest } from '#core/ledger/personal.ts'
import { digitsOf } from '#core/phone.ts'
import { insertMembers, newMember } from '#storage/member.repository.ts'
import { ledgerOf, type Db, type ServerDatabase } from '#server/ledger/database.ts'
import type { Ledger, Unit } from '#server/ledger/unit-of-work.ts'
import { mergeSamePhones } from '#server/intake/merge.ts'
import { settleWaiting } from '#server/intake/waiting.ts'
import { isRestoring, wasRestored } from './restored.ts'

/** Enrols those that events wait for, once all counters have been heard: one of these may have enrolled them itself. */
export async function learnMembers(
  { database: { db }, ledger }: { database: Pick<ServerDatabase, 'db'>; ledger: Ledger },
  store: string,
  known: readonly KnownMember[],
): Promise<void> {
  if (known.length === 0 || !(await wasRestored(db)) || (await isRestoring(db))) return
  const wanted = await waitedFor(db, known)
  if (wanted.length === 0) return
  await ledger.write(store, async (unit) => {
    const taken = await takenHere(unit, wanted)
    for (const member of wanted) if (!taken.has(member.id) && !taken.has(member.card)) enrolAgain(unit, member, store)
  })
  await settleWaiting(db, ledger)
  const ids = wanted.map(({ id }) => id)
  await mergeSamePhones(db, ledger, ids)
}

async function waitedFor(db: Db, known: readonly KnownMember[]): Promise<KnownMember[]> {
  const ids = known.map(({ id }) => id)
  const rows = await db.selectFrom('waiting').select('wants').where('wants', 'in', ids).execute()
  const wanted = new Set<string>(rows.map(({ wants }) => wants))
  return known.filter(({ id }) => wanted.has(id))
}

/** Which of their ids and card numbers are somebody's. Whoever is enrolled meanwhile has this unit run again. */
async function takenHere({ trx }: Unit, wanted: readonly KnownMember[]): Promise<Set<string>> {
  const [ids, cards] = [wanted.map(({ id }) => id), wanted.map(({ card }) => card)]
  const here = trx.selectFrom('member').select(['id', 'card'])
  const rows = await here.where((eb) => eb.or([eb('id', 'in', ids), eb('card', 'in', cards)])).execute()
  return new Set(rows.flatMap(({ id, card }) => [id, card]))
}

/**
 * As they were, without a welcome: that was theirs before. What they spent comes again with their sales. Their personal data
 * has no salt here, and so no row beside it: a counter that enrolled them and is heard of after all still can (`names.ts`).
 */
function enrolAgain(unit: Unit, { id, card, joinedOn, ...profile }: KnownMember, store: string): void {
  const digest = personalDigest(randomBytes(16).toString('base64url'), profile)
  const body = { member: id, card, digest }
  unit.decide({ id: unit.mint.event(), draft: { kind: 'member.enrolled', body, lots: [], transfers: [] } }, store)
  const tier = unit.programme.tiers[0]?.id ?? ''
  const row = newMember({ id, card, tier, joined_on: joinedOn }, { ...profile, phone: digitsOf(profile.phone) })
  unit.later((trx, seq) => insertMembers(ledgerOf(trx), [{ ...row, seq }]))
}
