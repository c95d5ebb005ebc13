/** Events as a counter would make them, for tests of what the server does with them. */
import { v7 as uuidv7 } from 'uuid'
import { Amount, CardNumber, EventId, LotId, MemberId, StampCardId, type BusinessDate } from '#core/ids.ts'
import {
  claimAccount,
  drawerOf,
  freeOf,
  heldBy,
  issued,
  outsideCash,
  redeemed,
  riskOf,
  type Holder,
} from '#core/ledger/account.ts'
import { ClaimId } from '#core/ids.ts'
import { addDays } from '#core/business-date.ts'
import { cashAsset, POINTS, stampAsset } from '#core/ledger/asset.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import type { Tender } from '#core/ledger/event-body.ts'
import type { Lot, Part } from '#core/ledger/lot.ts'
import { personalDigest } from '#core/ledger/personal.ts'
import { inverse, type Transfer } from '#core/ledger/transfer.ts'
import type { Personal } from '#core/contract/sync.ts'
import type { Profile } from '#core/contract/sync-rows.ts'
import { randomCrockford } from '#server/ledger/mint.ts'
import { TWD } from './programme.ts'
import type { SyncCounter } from './sync-counter.ts'
import { TODAY } from './sync-server.ts'

export type Born = { asset: Lot['asset']; quantity: number; expiresOn?: BusinessDate | null; paid?: number }

/** Lots born in an event, in this counter's keeping. */
function born(
  event: EventId,
  holder: Holder,
  member: MemberId,
  births: readonly Born[],
): { lots: Lot[]; transfers: Transfer[] } {
  const lots = births.map((birth, n): Lot => ({
    id: LotId.parse(`${event}.${n}`),
    member,
    asset: birth.asset,
    quantity: birth.quantity,
    issuedAt: 1,
    expiresOn: birth.expiresOn === undefined ? addDays(TODAY, 365) : birth.expiresOn,
    terms: { source: 'sale', paid: Amount.parse(birth.paid ?? 0) },
    code: null,
  }))
  const transfers = lots.map(({ id, asset, quantity }) => ({
    asset,
    from: issued(asset),
    to: heldBy(id, holder),
    amount: quantity,
  }))
  return { lots, transfers }
}

export type Sale = {
  member?: MemberId | null
  total: number
  points?: number
  stamps?: number
  /** Parts this counter holds, spent in this sale. */
  spend?: readonly Part[]
  pointsTender?: number
  /** Of these, how many the store lends. */
  lent?: number
  claim?: { points: number; expiresOn?: BusinessDate }
}

/** Appends a sale to a counter's chain; `besides`: what else it moves. */
export function sell(counter: SyncCounter, sale: Sale, besides: readonly Transfer[] = []): LedgerEvent {
  const id = EventId.parse(uuidv7())
  const { holder } = counter
  const member = sale.member ?? null
  const births: Born[] = []
  if (sale.points) births.push({ asset: POINTS, quantity: sale.points })
  if (sale.stamps) births.push({ asset: stampAsset(StampCardId.parse('coffee')), quantity: sale.stamps })
  const given = member ? born(id, holder, member, births) : { lots: [], transfers: [] }
  const byPoints = sale.pointsTender ?? 0
  const cash = sale.total - byPoints
  const tenders: Tender[] = []
  if (byPoints > 0) tenders.push({ kind: 'points', points: byPoints, amount: Amount.parse(byPoints) })
  if (cash > 0)
    tenders.push({ kind: 'cash', amount: Amount.parse(cash), received: Amount.parse(cash), change: Amount.parse(0) })
  const transfers: Transfer[] = [
    ...(cash > 0
      ? [{ asset: cashAsset(TWD), from: outsideCash(TWD), to: drawerOf(holder.terminal), amount: cash }]
      : []),
    ...(sale.spend ?? []).map(({ lot, amount }) => ({
      asset: lot.asset,
      from: heldBy(lot.id, holder),
      to: redeemed(lot.asset),
      amount,
    })),
    ...(sale.lent
      ? [{ asset: POINTS, from: riskOf(counter.store, POINTS), to: redeemed(POINTS), amount: sale.lent }]
      : []),
    ...given.transfers,
    ...(sale.claim
      ? [{ asset: POINTS, from: issued(POINTS), to: claimAccount(ClaimId.parse(id)), amount: sale.claim.points }]
      : []),
    ...besides,
  ]
  return counter.append(
    {
      kind: 'sale.completed',
      body: {
        receipt: { number: counter.seq + 1, code: `R${counter.seq + 1}` },
        member,
        lines: [
          {
            name: '咖啡',
            product: null,
            unitPrice: Amount.parse(sale.total),
            quantity: 1,
            amount: Amount.parse(sale.total),
          },
        ],
        discounts: [],
        total: Amount.parse(sale.total),
        tenders,
        earned: { points: Amount.parse(sale.points ?? 0), stamps: [] },
        claim: sale.claim ? { token: 'token', expiresOn: sale.claim.expiresOn ?? addDays(TODAY, 14) } : null,
        programme: 3,
        note: '',
      },
      lots: given.lots,
      transfers,
    },
    { id },
  ).event
}

/** Undoes a sale, by the server's consequence or (never sent) by its own inverse. */
export function refund(
  counter: SyncCounter,
  sale: LedgerEvent,
  mode: 'own' | 'consequence' = 'consequence',
): LedgerEvent {
  if (sale.kind !== 'sale.completed') throw new Error('only sales here')
  const { member, tenders, total } = sale.body
  const cash = tenders.reduce((sum, tender) => sum + (tender.kind === 'cash' ? tender.amount : 0), 0)
  const back =
    cash > 0
      ? [{ asset: cashAsset(TWD), from: drawerOf(counter.holder.terminal), to: outsideCash(TWD), amount: cash }]
      : []
  return counter.append({
    kind: 'sale.refunded',
    body: {
      reverses: sale.id,
      mode,
      receipt: { number: counter.seq + 1, code: `R${counter.seq + 1}` },
      member,
      tenders,
      total,
      reason: '',
    },
    lots: [],
    transfers: mode === 'own' ? inverse(sale.transfers) : back,
  }).event
}

/** Hands back parts this counter holds, and answers recalls with it. */
export function giveBack(counter: SyncCounter, parts: readonly Part[], recalls: string[] = []): LedgerEvent {
  const transfers = parts.map(({ lot, amount }) => ({
    asset: lot.asset,
    from: heldBy(lot.id, counter.holder),
    to: freeOf(lot.id),
    amount,
  }))
  return counter.append({ kind: 'rights.returned', body: { recalls }, lots: [], transfers }).event
}

/** All lots born in an event, whole. */
export const allOf = (event: LedgerEvent): Part[] => event.lots.map((lot) => ({ lot, amount: lot.quantity }))

const freshMember = (): MemberId => MemberId.parse(uuidv7())

let phones = 0

/** Of someone nobody else is: who shares a phone is one person. */
function freshProfile(): Profile {
  phones += 1
  const phone = `09${String(phones).padStart(8, '0')}`
  return { name: '林怡婷', phone, birthday: '1990-05-01', email: '', address: '' }
}

/** Appends an enrolment, and the personal data beside it. */
export function enrolMember(counter: SyncCounter, member = freshMember(), over: Partial<Profile> = {}): Personal {
  const profile = { ...freshProfile(), ...over }
  const salt = randomCrockford(16)
  counter.append({
    kind: 'member.enrolled',
    body: { member, card: CardNumber.parse(randomCrockford(10)), digest: personalDigest(salt, profile) },
    lots: [],
    transfers: [],
  })
  const personal = { member, salt, profile }
  counter.personal.push(personal)
  counter.people.push(personal)
  return personal
}

/** Gives points by hand, born in this counter's keeping. */
export function grantPoints(
  counter: SyncCounter,
  member: MemberId,
  amount: number,
  over: Partial<Born> = {},
): LedgerEvent {
  const id = EventId.parse(uuidv7())
  const asset = over.asset ?? POINTS
  const given = born(id, counter.holder, member, [{ asset, quantity: amount, ...over }])
  return counter.append(
    { kind: 'member.adjusted', body: { member, asset, direction: 'grant', amount, note: 'x' }, ...given },
    { id },
  ).event
}
