/** What every plan is given: who acts, when, by which rules, and what is known of the member here. */
import { Amount, type BusinessDate, type EventId, type LotId, type MemberId } from '#core/ids.ts'
import type { Programme } from '#core/loyalty/programme.ts'
import { heldBy, redeemed, riskOf, type Holder } from '#core/ledger/account.ts'
import type { Asset } from '#core/ledger/asset.ts'
import { born, type Birth } from '#core/ledger/birth.ts'
import type { ReceiptRef } from '#core/ledger/event-body.ts'
import type { Floor } from '#core/ledger/floor.ts'
import { isExpired, pick, type Part } from '#core/ledger/lot.ts'
import { planned, refuse, type HeldElsewhere, type Planned } from '#core/ledger/refusal.ts'
import type { Transfer } from '#core/ledger/transfer.ts'

export type PlanContext = {
  holder: Holder
  /** The id the event will have; lots born in it are named after it. */
  event: EventId
  /** Unix ms. */
  now: number
  today: BusinessDate
  programme: Programme
  /** The number the receipt will have, if this prints one. */
  receipt: ReceiptRef
  /** What the store may lend in this sale (R9); null where it lends nothing. */
  floor: Floor | null
}

/** What this counter knows of one asset of the member, for refusals that help. */
export type Outlook = (asset: Asset) => {
  total: number
  usableHere: number
  elsewhere: HeldElsewhere[]
  offline: boolean
}

export type MemberState = {
  id: MemberId
  tier: string
  /** What this counter holds of the member's lots: all that a plan may spend (R1). */
  held: readonly Part[]
  outlook: Outlook
  /** Who else has something of these lots. */
  elsewhere(lots: readonly LotId[]): HeldElsewhere[]
}

const usable = (member: MemberState, today: BusinessDate) => member.held.filter(({ lot }) => !isExpired(lot, today))

/** The part in hand of one asset, expired lots left out. */
function inHand(member: MemberState, asset: Asset, today: BusinessDate): Part[] {
  return usable(member, today).filter(({ lot }) => lot.asset === asset)
}

/** Takes an amount of an asset from what is in hand, oldest first, or says what is missing. */
export function spend(
  context: PlanContext,
  member: MemberState,
  asset: Asset,
  amount: number,
  to = redeemed(asset),
): Planned<Transfer[]> {
  const { parts, short } = pick(inHand(member, asset, context.today), amount)
  if (short > 0) return refuse(insufficient(member, asset, amount))
  return planned(
    parts.map(({ lot, amount: part }) => ({ asset, from: heldBy(lot.id, context.holder), to, amount: part })),
  )
}

/** The same in a sale: what is out of reach may be lent by the store, all that is missing or nothing (R9). */
export function spendOrBorrow(
  context: PlanContext,
  member: MemberState,
  asset: Asset,
  amount: number,
): Planned<Transfer[]> {
  const { floor } = context
  const { short } = pick(inHand(member, asset, context.today), amount)
  const { total, usableHere } = member.outlook(asset)
  const lendable = floor === null ? 0 : Math.min(floor.left(asset), total - usableHere)
  if (floor === null || short === 0 || short > lendable) return spend(context, member, asset, amount)
  const lent: Transfer = { asset, from: riskOf(floor.store, asset), to: redeemed(asset), amount: short }
  const spent = spend(context, member, asset, amount - short)
  return spent.ok ? planned([...spent.value, lent]) : spent
}

function insufficient(member: MemberState, asset: Asset, wanted: number) {
  const known = member.outlook(asset)
  return {
    code: 'insufficient',
    asset,
    wanted: Amount.parse(wanted),
    usableHere: Amount.parse(known.usableHere),
    total: Amount.parse(known.total),
    elsewhere: known.elsewhere,
    offline: known.offline,
  } as const
}

/** Lots given to a member, born in this counter's keeping (R4). */
export const bear = (context: PlanContext, member: MemberId, births: readonly Birth[]) =>
  born(context, member, births, (lot) => heldBy(lot, context.holder))
