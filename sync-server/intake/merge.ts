/**
 * One person under several ids, as when two offline counters enrol the same phone: the younger id becomes an alias of the
 * oldest. No lot changes member. What goes by the person (debts, spending, tier, visits) goes under the root's name from
 * here on; and the welcome gift was for the person, so that only the first is kept (R10): of the others what is free is taken
 * at once, and what counters hold as it comes home.
 */
import type { MemberId, EventId } from '#core/ids.ts'
import { EventId as EventIdSchema, MemberId as MemberIdSchema } from '#core/ids.ts'
import { Account, debtOf, freeOf, revoked } from '#core/ledger/account.ts'
import { Asset } from '#core/ledger/asset.ts'
import { addDue, dueOf, freeIn, heldIn, lentOn, lotsIn, type Due, type Facts } from '#core/ledger/consequence/facts.ts'
import { standingTogether, tierGained } from '#core/ledger/standing.ts'
import type { Lot } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { chunks } from '#storage/bulk.ts'
import type { MemberTable } from '#storage/schema.ts'
import type { Db } from '#server/ledger/database.ts'
import { debtAccounts, loadBalances, loadDues, loadMembersLots } from '#server/ledger/facts.repository.ts'
import { firstStore } from '#server/ledger/shop.ts'
import type { Ledger, Unit } from '#server/ledger/unit-of-work.ts'
import { loadLotLoans } from '#server/rights/lot-loans.ts'
import { recallDues } from '#server/rights/recall.ts'
import { rewardPerson, settleLots } from './aftermath.ts'
import { saveDues } from './once.ts'
import { RECENT, visitsFromText } from './members.ts'

/**
 * Merges whoever shares a phone: with one of these members, or (null) in the whole shop. Run after each push that brings
 * personal data and once a day, so that two who came at the same moment are not missed.
 */
export async function mergeSamePhones(db: Db, ledger: Ledger, members: readonly string[] | null): Promise<number> {
  const phones = new Set<string>()
  for (const part of members === null ? [null] : chunks(members, 1)) {
    const { fn } = db
    const all = db.selectFrom('member').select('phone').where('phone', '<>', '')
    // Of the whole shop the index on phones tells; who they are is looked up of those that come twice alone.
    const some = part ? all.where('id', 'in', part) : all.groupBy('phone').having(fn.countAll(), '>', 1)
    const shared = all
      .where('phone', 'in', some)
      .groupBy('phone')
      .having(fn.count(fn.coalesce('root', 'id')).distinct(), '>', 1)
    for (const { phone } of await shared.execute()) phones.add(phone)
  }
  for (const phone of phones) await ledger.write(null, (unit) => mergePhone(unit, phone))
  return phones.size
}

async function mergePhone(unit: Unit, phone: string): Promise<void> {
  const found = await unit.trx.selectFrom('member').select('id').where('phone', '=', phone).execute()
  const members = await unit.lockMembers(found.map(({ id }) => id))
  const same = [...members.values()].filter((member) => member.phone === phone)
  const [root, ...younger] = [...new Set(same.map((member) => member.root ?? member.id))].toSorted()
  if (root !== undefined && younger.length > 0) await merge(unit, members, root, younger)
}

/** Makes one person of these, all locked: `root` and `younger` are the roots they have had. */
async function merge(
  unit: Unit,
  members: ReadonlyMap<string, MemberTable>,
  oldest: string,
  younger: readonly string[],
): Promise<void> {
  const { trx, facts, mint } = unit
  const root = MemberIdSchema.parse(oldest)
  for (const id of members.keys()) facts.roots.set(id, root)
  const debts = await debtsOf(trx, younger)
  await loadMembersLots(trx, facts, [...members.keys()], null)
  await loadDues(trx, facts)
  await loadLotLoans(trx, facts)
  const paying = debts.map(({ asset }) => debtOf(root, asset))
  await loadBalances(trx, facts, [...debtAccounts(facts), ...paying, ...debts.map(({ account }) => account)])
  const spare = await spareGifts(trx, [...members.keys()])
  const store = firstStore(unit.shop)?.id ?? ''

  const made: EventId[] = []
  const dues: Due[] = []
  for (const member of younger.map((id) => MemberIdSchema.parse(id))) {
    const id = mint.event()
    const gifts = giftsOf(facts, spare, members, member)
    const transfers = [
      ...debts.filter((debt) => debt.member === member).map((debt) => passOn(debt, root)),
      ...takeFree(facts, gifts),
    ]
    const due = stillHeld(facts, gifts)
    dues.push(...due.map((one) => ({ cause: id, ...one })))
    const body = { cause: await enrolmentOf(trx, member), member, root, due }
    unit.decide({ id, draft: { kind: 'member.merged', body, lots: [], transfers } }, store)
    made.push(id)
  }
  for (const due of dues) addDue(facts, due)
  saveDues(unit, dues)
  await recallDues(unit, dues)
  const by = { id: made[0] ?? mint.event(), store, transfers: [] }
  // Whichever of them owes, the person's lots pay.
  if (debts.length > 0 || (await debtsOf(trx, [root])).length > 0)
    settleLots(unit, { cause: by.id, store }, lotsIn(facts))
  await rewardPerson(unit, root, by)
  saveTogether(unit, members, root, by)
}

type Debt = { member: string; account: Account; asset: Asset; amount: number }

async function debtsOf(db: Db, members: readonly string[]): Promise<Debt[]> {
  const debts: Debt[] = []
  for (const member of members) {
    const rows = await db
      .selectFrom('balance')
      .selectAll()
      .where('account', '>=', `debt:${member}:`)
      .where('account', '<', `debt:${member};`)
      .where('amount', '<', 0)
      .execute()
    for (const { account, asset, amount } of rows)
      debts.push({ member, account: Account.parse(account), asset: Asset.parse(asset), amount: -amount })
  }
  return debts
}

const passOn = ({ account, asset, amount }: Debt, root: MemberId): Transfer => ({
  asset,
  from: debtOf(root, asset),
  to: account,
  amount,
})

/** Of members who were each welcomed, all but the one who was first. */
async function spareGifts(db: Db, members: readonly string[]): Promise<Set<string>> {
  const keys = members.map((id) => `welcome:${id}`)
  const rows = await db.selectFrom('consequence').select('key').where('key', 'in', keys).orderBy('key').execute()
  return new Set(rows.slice(1).map(({ key }) => key.slice('welcome:'.length)))
}

/** The gifts that came with the names of `merged`, and were not due to this person. */
function giftsOf(
  facts: Facts,
  spare: ReadonlySet<string>,
  members: ReadonlyMap<string, MemberTable>,
  merged: MemberId,
): Lot[] {
  const ofMerged = (id: string) => id === merged || members.get(id)?.root === merged
  return lotsIn(facts).filter((lot) => lot.terms.source === 'welcome' && spare.has(lot.member) && ofMerged(lot.member))
}

/** What is still free of them; never more, and never into debt. */
const takeFree = (facts: Facts, gifts: readonly Lot[]): Transfer[] =>
  gifts
    .map((lot) => ({ asset: lot.asset, from: freeOf(lot.id), to: revoked(lot.asset), amount: freeIn(facts, lot) }))
    .filter(({ amount }) => amount > 0)

/** What counters hold of them, beyond what is due since an earlier merge; what a store has lent of them goes back to it (R12). */
const stillHeld = (facts: Facts, gifts: readonly Lot[]): Omit<Due, 'cause'>[] =>
  gifts
    .map((lot) => ({ lot: lot.id, amount: heldIn(facts, lot) - dueOf(facts, lot.id) - lentOn(facts, lot.id) }))
    .filter(({ amount }) => amount > 0)

async function enrolmentOf(db: Db, member: string): Promise<EventId | null> {
  const row = await db
    .selectFrom('event')
    .select('id')
    .where('member', '=', member)
    .where('kind', '=', 'member.enrolled')
    .executeTakeFirst()
  return row ? EventIdSchema.parse(row.id) : null
}

/** The root stands for all of them: what they spent, the best tier, the latest visits. */
function saveTogether(
  unit: Unit,
  members: ReadonlyMap<string, MemberTable>,
  root: MemberId,
  by: { id: EventId; store: string },
): void {
  const all = [...members.values()]
  const visits = all.flatMap(({ recent }) => visitsFromText(recent)).toSorted((a, b) => b.at - a.at)
  const present = members.get(root)?.tier ?? ''
  const { spent, tier: best } = standingTogether(unit.programme, all)
  const tier = tierGained(unit.programme, best, spent) ?? best
  if (tier !== present) {
    const body = { cause: by.id, member: root, from: present, to: tier }
    unit.decide({ id: unit.mint.event(), draft: { kind: 'tier.changed', body, lots: [], transfers: [] } }, by.store)
  }
  const aliases = all.map(({ id }) => id).filter((id) => id !== root)
  unit.later((trx, seq) =>
    trx
      .updateTable('member')
      .set({ spent, tier, recent: JSON.stringify(visits.slice(0, RECENT)), seq })
      .where('id', '=', root)
      .execute(),
  )
  unit.later((trx, seq) =>
    trx.updateTable('member').set({ root, spent: 0, recent: '[]', seq }).where('id', 'in', aliases).execute(),
  )
}
