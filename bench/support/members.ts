/** The shop's members and their lots, drawn anew from their number alone, so that no process need hold them all. */
import { CardNumber, LotId, MemberId, CouponCode, Amount } from '#core/ids.ts'
import { MemberState, type LotState } from '#core/contract/sync-rows.ts'
import { addDays, businessDateAt } from '#core/business-date.ts'
import { Asset } from '#core/ledger/asset.ts'
import { encodeBase32 } from '#core/scan/crockford.ts'
import { memberName } from './names.ts'
import { random } from './random.ts'
import { STORE } from './shop.ts'

/** Lots a member, by the last digit of their number: three on average, as many as seven. */
const LOTS = [1, 1, 2, 2, 2, 3, 3, 4, 5, 7]
const ASSETS = ['points', 'stamp:coffee', 'points', 'coupon:off50', 'points', 'value:TWD', 'points']
const TODAY = businessDateAt(Date.now(), STORE.zone, STORE.cutOffHour)

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0')
const idOf = (kind: number, number: number) => `018f0000-${hex(kind, 4)}-7000-8000-${hex(number, 12)}`

export const memberId = (number: number): MemberId => MemberId.parse(idOf(1, number))
export const cardOf = (number: number): CardNumber => CardNumber.parse(encodeBase32(number * 7_919 + 1_000_003, 10))

export function memberAt(number: number): MemberState {
  const draw = random(number + 1)
  const name = memberName(draw)
  return MemberState.parse({
    id: memberId(number),
    card: cardOf(number),
    name,
    phone: `09${phoneOf(number)}`,
    birthday: draw.int(2) === 0 ? null : `19${60 + draw.int(40)}-0${1 + draw.int(9)}-1${draw.int(10)}`,
    email: draw.int(3) === 0 ? `member${number}@example.com` : '',
    address: '',
    tier: ['basic', 'basic', 'basic', 'silver', 'gold'][draw.int(5)],
    joinedOn: '2024-03-01',
    note: '',
    blocked: false,
    onLine: draw.int(2) === 0,
    spent: draw.int(40_000),
    recent: [],
  })
}

/** In no order, and no two alike: a shop makes one member of those who share a phone. */
const phoneOf = (number: number) => String((number * 31_415_927 + 27_182_818) % 100_000_000).padStart(8, '0')

/** Far enough apart that one member's lots lie far from each other, and no divisor of any shop's number of lots. */
const STRIDE = 7_919

/** Each of ten members' lots, as which of the ten and which of their lots. */
const OWNERS = LOTS.flatMap((count, member) => Array.from({ length: count }, (_, nth) => ({ member, nth })))

/** How many lots so many members have. */
export const lotsOf = (members: number): number => (members / LOTS.length) * OWNERS.length

/**
 * The lot that was born as the shop's so-manieth. Members come by in no order, so that ids, which are in time's order, have
 * nothing to do with whose lots they are. A regular holds points of several visits, a stamp card under way, and perhaps
 * stored value or a coupon.
 */
export function lotAt(serial: number, members: number): LotState {
  const place = (serial * STRIDE) % lotsOf(members)
  const owner = OWNERS[place % OWNERS.length]
  if (!owner) throw new Error('members come in tens')
  const draw = random(place + 500_009)
  const asset = Asset.parse(ASSETS[owner.nth])
  const coupon = asset.startsWith('coupon:')
  const quantity = coupon ? 1 : asset.startsWith('stamp:') ? 1 + draw.int(9) : 1 + draw.int(500)
  return {
    lot: {
      id: LotId.parse(`${idOf(2, serial)}.0`),
      member: memberId(Math.floor(place / OWNERS.length) * LOTS.length + owner.member),
      asset,
      quantity,
      issuedAt: Date.UTC(2025, 0, 1) + serial * 60_000,
      expiresOn: asset.startsWith('value:') ? null : addDays(TODAY, 30 + draw.int(300)),
      terms: { source: 'issued', paid: Amount.parse(0) },
      code: coupon ? CouponCode.parse(encodeBase32(serial * 104_729 + 77, 10)) : null,
    },
    free: Amount.parse(quantity),
    held: [],
  }
}
