/**
 * What a sale means for the claim that its receipt carries: it is opened, or pays back what was honoured early; undone, it
 * is void.
 */
import { addDays } from '#core/business-date.ts'
import { ClaimId, type BusinessDate, type MemberId } from '#core/ids.ts'
import { claimAccount, isClaim } from '#core/ledger/account.ts'
import { POINTS, type Asset } from '#core/ledger/asset.ts'
import { balanceOf } from '#core/ledger/consequence/facts.ts'
import type { EventOf, LedgerEvent } from '#core/ledger/event.ts'
import { spendingOf } from '#core/ledger/standing.ts'
import type { Batch } from '#server/intake/batch.ts'
import { saveOnce } from '#server/intake/once.ts'
import { repayEarly } from './early.ts'
import { claimKeys, honourWaiting } from './honour.ts'

export function openClaim(batch: Batch, event: EventOf<'sale.completed'>): void {
  const { claim } = event.body
  if (!claim) return
  const { unit, claims } = batch
  const early = batch.early.get(event.id)
  const to = event.transfers.filter((transfer) => isClaim(transfer.to))
  if (early) {
    repayEarly(unit, event, early)
    return honourRest(batch, event, early.member, [...new Set(to.map(({ asset }) => asset))])
  }
  const row = {
    id: event.id,
    store: event.store,
    terminal: event.terminal,
    epoch: event.epoch,
    promise: JSON.stringify({
      points: to.reduce((sum, { asset, amount }) => (asset === POINTS ? sum + amount : sum), 0),
      stamps: to
        .filter(({ asset }) => asset !== POINTS)
        .map(({ asset, amount }) => ({ card: asset.slice('stamp:'.length), count: amount })),
      amount: spendingOf(event),
    }),
    business_date: event.businessDate,
    expires_on: lastDayOf(claim, unit.today),
    state: 'open',
    member: null,
    settled_at: null,
  }
  claims.set(event.id, row)
  unit.insert('claim', row)
}

/** One that comes after its last day is good until the day after, as after a restore: scanned in time, it had to wait for its sale. */
const lastDayOf = ({ expiresOn }: { expiresOn: BusinessDate }, today: BusinessDate): BusinessDate =>
  expiresOn < today ? addDays(today, 1) : expiresOn

/** A receipt's QR has room for one stamp card; what its sale gave of others goes to who has claimed it. */
function honourRest(batch: Batch, { id, store, businessDate }: LedgerEvent, member: MemberId, assets: Asset[]): void {
  const { unit } = batch
  const claim = ClaimId.parse(id)
  const rest = assets.filter((asset) => balanceOf(unit.facts, claimAccount(claim), asset) > 0)
  if (rest.length === 0) return
  const { id: by, lots } = honourWaiting(unit, { claim, store, soldOn: businessDate, member, assets: rest })
  saveOnce(unit, claimKeys(id)[1], by)
  const before = batch.honoured.get(id) ?? []
  batch.honoured.set(id, [...before, ...lots.map((lot) => ({ lot, amount: lot.quantity }))])
}

export function voidClaim({ unit, claims }: Batch, id: string): void {
  const claim = claims.get(id)
  if (claim?.state !== 'open' && claim?.state !== 'honoured') return
  claim.state = 'voided'
  unit.later((trx) =>
    trx.updateTable('claim').set({ state: 'voided', settled_at: unit.now }).where('id', '=', id).execute(),
  )
}
