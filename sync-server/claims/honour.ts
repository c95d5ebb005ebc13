/** What waits in a claim's account becomes its member's lots (docs/rules.md, claims). */
import { addDays } from '#core/business-date.ts'
import { Amount, EventId, LotId, type BusinessDate, type ClaimId, type MemberId } from '#core/ids.ts'
import { claimAccount, freeOf } from '#core/ledger/account.ts'
import { POINTS, stampCardOf, type Asset } from '#core/ledger/asset.ts'
import { balanceOf } from '#core/ledger/consequence/facts.ts'
import type { Lot } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import type { Programme } from '#core/loyalty/programme.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'

type Honoured = { id: EventId; store: string; transfers: Transfer[]; lots: Lot[] }
type Honouring = { claim: ClaimId; store: string; soldOn: BusinessDate; member: MemberId; assets: readonly Asset[] }

/** The keys under which a claim's honouring is kept: the first, and what its sale has added when it came. */
export const claimKeys = (claim: string): [first: string, rest: string] => [`claim:${claim}`, `claim:${claim}:rest`]

/** Gives the member all that waits there of these assets; what they owe of it is still to be settled. */
export function honourWaiting(unit: Unit, { claim, store, soldOn, member, assets }: Honouring): Honoured {
  const { facts, programme } = unit
  const from = claimAccount(claim)
  const id = unit.mint.event()
  const waiting = assets
    .map((asset) => ({ asset, amount: balanceOf(facts, from, asset) }))
    .filter(({ amount }) => amount > 0)
  const lots = waiting.map(({ asset, amount }, n): Lot => ({
    id: LotId.parse(`${id}.${n}`),
    member,
    asset,
    quantity: amount,
    issuedAt: unit.now,
    expiresOn: lastDay(programme, asset, soldOn),
    terms: { source: 'claim', paid: Amount.parse(0) },
    code: null,
  }))
  const transfers = lots.map((lot): Transfer => ({ asset: lot.asset, from, to: freeOf(lot.id), amount: lot.quantity }))
  const points = Amount.parse(waiting.find(({ asset }) => asset === POINTS)?.amount ?? 0)
  const body = { cause: EventId.parse(claim), claim, member, points }
  unit.decide({ id, draft: { kind: 'claim.honoured', body, lots, transfers } }, store)
  return { id, store, transfers, lots }
}

/** As if it had been given at the counter, on the day of the sale. */
function lastDay(programme: Programme, asset: Asset, soldOn: BusinessDate): BusinessDate | null {
  const card = stampCardOf(asset)
  const days =
    card === null ? programme.pointsValidDays : (programme.stampCards.find((one) => one.id === card)?.validDays ?? null)
  return days === null ? null : addDays(soldOn, days)
}
