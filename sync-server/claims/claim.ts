/**
 * Claims: what a printed receipt promised, honoured once, wherever it was scanned (docs/rules.md, claims). The claim's row is locked
 * first, so that of two phones with one receipt the second finds it taken.
 */
import { heldTotal, somethingLeft } from '#storage/ledger.repository.ts'
import type { Claim } from '#core/claim/token.ts'
import type { ClaimInfo } from '#core/contract/member.ts'
import { Amount, BusinessDate, ClaimId, type MemberId } from '#core/ids.ts'
import { claimAccount } from '#core/ledger/account.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { debtIn } from '#core/ledger/consequence/facts.ts'
import type { ClaimTable } from '#storage/server-tables.ts'
import { locking, type Db } from '#server/ledger/database.ts'
import { loadBalances, loadMembersLots } from '#server/ledger/facts.repository.ts'
import { everyoneOf } from '#server/ledger/people.ts'
import type { Shop } from '#server/ledger/shop.ts'
import type { Ledger, Unit } from '#server/ledger/unit-of-work.ts'
import type { SignedIn } from '#server/line/id-token.ts'
import { canLendEarly, earlyRow, lendEarly } from './early.ts'
import { claimKeys, honourWaiting } from './honour.ts'
import { runOutBefore } from './last-day.ts'
import { isRestoring } from '#server/restore/restored.ts'
import { rewardStamps, settleMoved } from '#server/intake/aftermath.ts'
import { saveOnce } from '#server/intake/once.ts'
import { enrolFromLine, memberOfLineUser } from '#server/member/line-member.ts'
import { promisedAssets, promisedIn, type Promised } from './promise.ts'

/** A claim as it was printed, by a counter of this store. */
export type Printed = { claim: Claim; store: string }

/** How a claim stands, to whoever asks: by the ledger once its sale is there, until then by its own signed word. */
export async function claimInfo(
  db: Db,
  shop: Shop,
  now: number,
  printed: Printed,
  you: MemberId | null,
): Promise<ClaimInfo> {
  const row = await claimRow(db, printed.claim)
  const { store, claim } = printed
  const promised = row ? promisedIn(row) : promisedBy(claim)
  const at = shop.stores.get(row?.store ?? store)
  const everyone = you ? await everyoneOf(db, [you]) : NOBODY
  const known = stateFor(row, claim, await runOutBefore(db, shop, row?.store ?? store, now), everyone)
  const state = known === 'unsynced' && (await canLendEarly(db, claim)) ? 'open' : known
  return {
    shop: at?.shop ?? '',
    store: at?.name ?? '',
    points: promised.points,
    stamps: Amount.parse(promised.stamps.reduce((sum, { count }) => sum + count, 0)),
    amount: promised.amount,
    money: shop.programme.money,
    receiptNumber: claim.receiptNumber,
    businessDate: BusinessDate.parse(row?.business_date ?? claim.businessDate),
    expiresOn: BusinessDate.parse(row?.expires_on ?? claim.expiresOn),
    state: (await isRestoring(db)) && LATER.has(state) ? 'restoring' : state,
  }
}

const promisedBy = ({ points, stamps, amount }: Claim): Promised => ({ points, stamps: stamps ? [stamps] : [], amount })

/** What a restored server cannot know for sure until it has heard every counter (R12). */
const LATER: ReadonlySet<ClaimInfo['state']> = new Set(['open', 'unsynced'])

const NOBODY: ReadonlySet<string> = new Set()

function stateFor(
  row: ClaimTable | undefined,
  claim: Claim,
  before: BusinessDate,
  you: ReadonlySet<string>,
): ClaimInfo['state'] {
  if (row?.state === 'honoured') return row.member !== null && you.has(row.member) ? 'claimedByYou' : 'claimed'
  if (row?.state === 'voided') return 'voided'
  if (row?.state === 'expired' || (row?.expires_on ?? claim.expiresOn) < before) return 'expired'
  return row ? 'open' : 'unsynced'
}

function claimRow(db: Db, claim: Claim): Promise<ClaimTable | undefined> {
  return db.selectFrom('claim').selectAll().where('id', '=', claim.claimId).executeTakeFirst()
}

/** Honours a claim for who has signed in, if it is open; otherwise does nothing. `claimInfo` tells how it stands then. */
export async function takeClaim(ledger: Ledger, { claim, store }: Printed, who: SignedIn): Promise<void> {
  await ledger.write(store, async (unit) => {
    if (await isRestoring(unit.trx)) return
    const query = unit.trx.selectFrom('claim').selectAll().where('id', '=', claim.claimId)
    const known = await locking(unit.dialect, query).executeTakeFirst()
    const row = known ?? earlyRow(claim, store)
    const before = await runOutBefore(unit.trx, unit.shop, row.store, unit.now)
    if (stateFor(row, claim, before, NOBODY) !== 'open') return
    if (!known && !(await canLendEarly(unit.trx, claim))) return
    const bound = await memberOfLineUser(unit.trx, who.lineUser)
    if (bound) await unit.lockMembers([bound])
    const member = bound ?? enrolFromLine(unit, who, row.store)
    await honour(unit, row, member, known ? null : claim)
  })
}

/** `early`: the claim's own word, where its sale has not come yet. */
async function honour(unit: Unit, row: ClaimTable, member: MemberId, early: Claim | null): Promise<void> {
  const { facts, trx } = unit
  const assets = promisedAssets(promisedIn(row))
  const claim = ClaimId.parse(row.id)
  const from = claimAccount(claim)
  await loadMembersLots(trx, facts, [member], assets)
  await loadBalances(trx, facts, [from, ...assets.map((asset) => debtIn(facts, member, asset))])
  if (early) lendEarly(unit, early, row.store, member)

  const soldOn = BusinessDate.parse(row.business_date)
  const moved = honourWaiting(unit, { claim, store: row.store, soldOn, member, assets })
  settleMoved(unit, moved)
  await rewardStamps(unit, [moved])

  saveOnce(unit, claimKeys(row.id)[0], moved.id)
  const honoured = { state: 'honoured', member, settled_at: unit.now }
  if (early) return unit.insert('claim', { ...row, ...honoured })
  unit.later((later) =>
    later
      .updateTable('claim')
      .set(honoured)
      .where('id', '=', row.id)
      .where('state', '=', 'open')
      .executeTakeFirstOrThrow(),
  )
}

/** All the points a person has, whoever holds them. */
export async function pointsOf(db: Db, member: MemberId | null): Promise<Amount> {
  if (member === null) return Amount.parse(0)
  const rows = await db
    .selectFrom('lot')
    .select(['free', 'held'])
    .where('member', 'in', [...(await everyoneOf(db, [member]))])
    .where('asset', '=', POINTS)
    .where(somethingLeft)
    .execute()
  return Amount.parse(rows.reduce((sum, row) => sum + row.free + heldTotal(row.held), 0))
}
