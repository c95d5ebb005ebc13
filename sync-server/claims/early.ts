/**
 * A claim scanned before its sale has come (docs/rules.md, claims) is honoured on its counter's signature: the store lends what was
 * promised into the claim's account, and the sale pays it back when it arrives. Only so many a counter, and none of a
 * counter that is frozen or whose epoch is closed: those wait for their sale.
 */
import type { Claim } from '#core/claim/token.ts'
import { ClaimId, EventId, MemberId, StoreId } from '#core/ids.ts'
import { claimAccount, expired, freeOf, parseAccount, riskOf } from '#core/ledger/account.ts'
import { POINTS, stampAsset, type Asset } from '#core/ledger/asset.ts'
import { balanceOf, enter, freeIn, type Facts } from '#core/ledger/consequence/facts.ts'
import type { Honoured } from '#core/ledger/consequence/reversal.ts'
import { takeBack } from '#core/ledger/consequence/settle.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { MOST_EARNED } from '#core/ledger/limits.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import type { ClaimTable } from '#storage/server-tables.ts'
import type { Db } from '#server/ledger/database.ts'
import { noteLoan, noteRepaid } from '#server/ledger/loans.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import { reversalSettled } from '#server/intake/settle-reversal.ts'

/** The most claims of one counter that wait for their sales at a time. */
const EARLY_CLAIMS_MAX = 50

/** Whether a claim whose sale is not here may be honoured all the same. */
export async function canLendEarly(db: Db, { terminal, epoch, points, stamps }: Claim): Promise<boolean> {
  if (Math.max(points, stamps?.count ?? 0) > MOST_EARNED) return false
  const row = await db
    .selectFrom('terminal')
    .leftJoin('terminal_epoch as at', (join) =>
      join.onRef('at.terminal', '=', 'terminal.id').on('at.epoch', '=', epoch),
    )
    .select(['terminal.status', 'at.status as epoch_status', 'at.closed_at'])
    .where('terminal.id', '=', terminal)
    .executeTakeFirst()
  if (row?.status !== 'active' || row.epoch_status === 'forked' || (row.closed_at ?? null) !== null) return false
  // The sales of a closed epoch may never come.
  const open = await db
    .selectFrom('loan')
    .leftJoin('terminal_epoch as of', (join) =>
      join.onRef('of.terminal', '=', 'loan.terminal').onRef('of.epoch', '=', 'loan.epoch'),
    )
    .select((eb) => eb.fn.count('loan.cause').distinct().as('count'))
    .where('loan.reason', '=', 'earlyClaim')
    .where('loan.terminal', '=', terminal)
    .whereRef('loan.repaid', '<', 'loan.amount')
    .where('of.closed_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(open.count) < EARLY_CLAIMS_MAX
}

/** Lends into the claim's account what its receipt promises. */
export function lendEarly(unit: Unit, claim: Claim, at: string, member: MemberId): void {
  const store = StoreId.parse(at)
  const promised = promisedBy(claim)
  const transfers = promised.map(({ asset, amount }): Transfer => ({
    asset,
    from: riskOf(store, asset),
    to: claimAccount(claim.claimId),
    amount,
  }))
  const cause = EventId.parse(claim.claimId)
  const body = { cause, store, reason: 'earlyClaim' as const }
  unit.decide({ id: unit.mint.event(), draft: { kind: 'risk.lent', body, lots: [], transfers } }, store)
  const { terminal, epoch } = claim
  for (const { asset, amount } of promised)
    noteLoan(unit, { cause, thing: asset, reason: 'earlyClaim', store, asset, member, terminal, epoch, amount })
}

const promisedBy = ({ points, stamps }: Claim): { asset: Asset; amount: number }[] =>
  [
    { asset: POINTS, amount: points },
    ...(stamps ? [{ asset: stampAsset(stamps.card), amount: stamps.count }] : []),
  ].filter(({ amount }) => amount > 0)

/** The row that a claim gets before its sale: what the sale itself would have said. */
export const earlyRow = ({ claimId, terminal, epoch, ...claim }: Claim, store: string): ClaimTable => ({
  id: claimId,
  store,
  terminal,
  epoch,
  promise: JSON.stringify({ points: claim.points, stamps: claim.stamps ? [claim.stamps] : [], amount: claim.amount }),
  business_date: claim.businessDate,
  expires_on: claim.expiresOn,
  state: 'open',
  member: null,
  settled_at: null,
})

/** What was lent on one claim and is still out, by asset. */
export type EarlyLoan = { store: StoreId; member: MemberId; left: Map<Asset, number> }

/** The claims of a counter that have been honoured before their sales, by claim. */
export async function earlyLoansOf(db: Db, terminal: string): Promise<Map<string, EarlyLoan>> {
  const rows = await db
    .selectFrom('loan')
    .selectAll()
    .where('reason', '=', 'earlyClaim')
    .where('terminal', '=', terminal)
    .whereRef('repaid', '<', 'amount')
    .execute()
  const loans = new Map<string, EarlyLoan>()
  for (const { cause, store, member, asset, amount, repaid } of rows) {
    const loan = loans.get(cause) ?? { store: StoreId.parse(store), member: MemberId.parse(member), left: new Map() }
    loan.left.set(asset, amount - repaid)
    loans.set(cause, loan)
  }
  return loans
}

/** Its sale has come: what it put into the claim's account pays the store back. */
export function repayEarly(unit: Unit, sale: LedgerEvent, { store, member, left }: EarlyLoan): void {
  const from = claimAccount(ClaimId.parse(sale.id))
  const transfers: Transfer[] = []
  for (const [asset, owed] of left) {
    const amount = Math.min(owed, balanceOf(unit.facts, from, asset))
    if (amount === 0) continue
    transfers.push({ asset, from, to: riskOf(store, asset), amount })
    noteRepaid(unit, sale.id, asset, amount)
  }
  if (transfers.length === 0) return
  const body = { cause: sale.id, store, member }
  unit.decide({ id: unit.mint.event(), draft: { kind: 'risk.settled', body, lots: [], transfers } }, store)
}

/** The sale that an own reversal undoes, and the claim that had been honoured on it. */
type HonouredSale = { reversal: LedgerEvent; reverses: EventId; member: MemberId; honoured: Honoured }

/**
 * Before a counter's own reversal takes its promise back out of the claim's account: what has been given for it is taken
 * from the member again, from the same lots first, and put there (R6).
 */
export function takeBackEarly(unit: Unit, { reversal, reverses, member, honoured }: HonouredSale): void {
  const { facts } = unit
  const transfers: Transfer[] = []
  for (const { asset, from, amount } of reversal.transfers) {
    if (parseAccount(from).kind !== 'claim') continue
    transfers.push(
      ...refill(facts, { asset, to: from, amount: amount - balanceOf(facts, from, asset) }, member, honoured),
    )
  }
  if (transfers.length === 0) return
  unit.noteDecided(reversalSettled(unit, reversal, { reverses, member }, { transfers }), reversal.store)
}

/** Enters what it takes into the facts. */
function refill(
  facts: Facts,
  { asset, to, amount }: Omit<Transfer, 'from'>,
  member: MemberId,
  honoured: Honoured,
): Transfer[] {
  const taken: Transfer[] = []
  let left = amount
  for (const { lot } of honoured.filter((one) => one.lot.asset === asset)) {
    // What has run out is nobody's any more: it is not asked of the member again.
    for (const [from, there] of [
      [freeOf(lot.id), freeIn(facts, lot)],
      [expired(asset), facts.expired.get(lot.id) ?? 0],
    ] as const) {
      const part = Math.min(left, there)
      if (part <= 0) continue
      taken.push({ asset, from, to, amount: part })
      left -= part
    }
  }
  enter(facts, { transfers: taken, lots: [] })
  if (left <= 0) return taken
  const others = takeBack(facts, member, asset, left, to)
  enter(facts, { transfers: others.transfers, lots: [] })
  return [...taken, ...others.transfers]
}
