/** Whether an arrived event may be posted: its place in the chain, and whether it takes only what is its writer's. */
import {
  isSameHolder,
  lotOf,
  mayTake,
  ownedBy,
  parseAccount,
  redeemed,
  riskOf,
  type Holder,
} from '#core/ledger/account.ts'
import { StoreId } from '#core/ids.ts'
import { assetKind, type AssetKind } from '#core/ledger/asset.ts'
import { FloorLimit } from '#core/loyalty/programme.ts'
import { lotIn, type Facts } from '#core/ledger/consequence/facts.ts'
import { SERVER_KINDS } from '#core/ledger/event-body.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { isOwnReversal } from '#core/ledger/event-about.ts'
import { isTooLarge } from '#core/ledger/limits.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import { isOwn, isReversible, undoingAt } from '#core/ledger/plan/reversal.ts'
import { grantTransfers } from '#core/ledger/plan/rights.ts'
import type { Granted } from '#core/contract/sync.ts'

export type AsideReason =
  | 'badHash'
  | 'unreadable'
  | 'newerVersion'
  | 'wrongPlace'
  | 'wrongPrevious'
  | 'duplicateId'
  | 'notACountersEvent'
  | 'notYours'
  | 'overdrawn'
  | 'unknownLot'
  | 'wrongAsset'
  | 'tooLarge'
  | 'notOwnReversal'
  | 'unknownGrant'
  | 'grantMismatch'
  | 'memberExists'
  | 'cardTaken'

export type Expected = { holder: Holder; store: string; seq: number; previous: string | null }

/** The event's place: its own words must agree with the envelope it came in. */
export function misplaced(event: LedgerEvent, expected: Expected): AsideReason | null {
  const { holder, store, seq, previous } = expected
  const agrees = isSameHolder(event, holder) && event.seq === seq && event.store === store
  if (!agrees) return 'wrongPlace'
  // The first of an epoch names the head of the epoch before, which this server may not have.
  if (seq > 1 && event.previous !== previous) return 'wrongPrevious'
  return SERVER_KINDS.has(event.kind) ? 'notACountersEvent' : null
}

/**
 * Whether the event's transfers may be posted as they stand, if what they take from suffices. `original` is what it reverses;
 * null where that has not come yet, and then it may take only what is its writer's.
 */
export function unlawful(
  event: LedgerEvent,
  holder: Holder,
  facts: Facts,
  original: LedgerEvent | null,
): AsideReason | null {
  if (event.lots.some((lot, n) => !bornHere(event, lot.id) || event.lots.findIndex((one) => one.id === lot.id) !== n))
    return 'unknownLot'
  if (isTooLarge(event)) return 'tooLarge'
  const reverses = isOwnReversal(event)
  const undoes = reverses && original !== null
  if (undoes && !isInverseOf(event, original, holder)) return 'notOwnReversal'
  for (const transfer of event.transfers) {
    if (!undoes && !(mayTake(holder, transfer.from) || isLoan(event, transfer)))
      return reverses ? 'notOwnReversal' : 'notYours'
    if (!undoes && !mayGive(event, transfer, holder)) return 'notYours'
    const wrong = wrongLot(event, transfer, facts)
    if (wrong) return wrong
  }
  return null
}

/** A store lends in its own sales, to members, what a floor limit can be set for; how much is not judged: it has happened (R9). */
const isLoan = (event: LedgerEvent, { asset, from, to }: Transfer): boolean =>
  event.kind === 'sale.completed' &&
  event.body.member !== null &&
  FLOOR_ASSETS.has(assetKind(asset)) &&
  from === riskOf(StoreId.parse(event.store), asset) &&
  to === redeemed(asset)

/**
 * A counter gives to a lot only where it is born, and gives back to its free part what it held of that very lot; so no lot
 * ever has more than it was born with. A claim is its own sale's. What is owed and lent is the server's to pay.
 */
function mayGive(event: LedgerEvent, { from, to }: Transfer, holder: Holder): boolean {
  const parts = parseAccount(to)
  switch (parts.kind) {
    case 'free':
      return parts.lot === lotOf(from)
    case 'held':
      return ownedBy(to, holder) && bornHere(event, parts.lot)
    case 'claim':
      return parts.claim === event.id
    case 'drawer':
      return ownedBy(to, holder)
    case 'debt':
    case 'risk':
      return false
    default:
      return true
  }
}

const FLOOR_ASSETS = new Set<AssetKind>(FloorLimit.shape.asset.options)

const bornHere = (event: LedgerEvent, lot: string): boolean => lot.startsWith(`${event.id}.`)

function wrongLot(event: LedgerEvent, { asset, from, to }: Transfer, facts: Facts): AsideReason | null {
  const wrong = (id: string | null): AsideReason | null => {
    if (id === null) return null
    const lot = lotIn(facts, id) ?? event.lots.find((one) => one.id === id)
    if (!lot) return 'unknownLot'
    return lot.asset === asset ? null : 'wrongAsset'
  }
  const taken = lotOf(from)
  const given = lotOf(to)
  // What is handed back stays in its lot.
  return wrong(taken) ?? (given === taken ? null : wrong(given))
}

function isInverseOf({ transfers, businessDate }: LedgerEvent, original: LedgerEvent, holder: Holder): boolean {
  // A top-up may be undone by whoever has its lots whole.
  if (!isReversible(original) || !(isOwn(holder, original) || original.kind === 'value.toppedUp')) return false
  const undoing = undoingAt(holder, original, businessDate)
  return JSON.stringify(transfers.map(ordered)) === JSON.stringify(undoing.map(ordered))
}

const ordered = ({ asset, from, to, amount }: Transfer) => [asset, from, to, amount]

/** A grant enters the counter's chain as the server made it: the same lots and amounts, once. */
export function grantMismatch(event: LedgerEvent, granted: Granted, holder: Holder): boolean {
  const wanted = grantTransfers(holder, granted.parts)
  return JSON.stringify(event.transfers.map(ordered)) !== JSON.stringify(wanted.map(ordered))
}
