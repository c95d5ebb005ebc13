/** Two hundred made-up members. Their phone numbers are of a shape that is given to no one. */
import { type BusinessDate, CardNumber, CouponCode, EventId, LotId, MemberId, Amount } from '#core/ids.ts'
import { addDays } from '#core/business-date.ts'
import { freeOf, issued } from '#core/ledger/account.ts'
import { Asset } from '#core/ledger/asset.ts'
import type { Decision } from '#core/ledger/consequence/facts.ts'
import type { Lot, LotTerms } from '#core/ledger/lot.ts'
import { personalDigest } from '#core/ledger/personal.ts'
import { tierReached } from '#core/loyalty/programme.ts'
import { phoneTail } from '#core/phone.ts'
import type { MemberTable, ServerTables } from '#storage/schema.ts'
import type { Random } from './random.ts'
import { demoProgramme } from './shop.ts'

const FAMILY = [...'陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高'] as [string, ...string[]]
const FIRST = [...'怡雅淑家承宗柏彥思詩佳筱宜冠俊建志育文子宥品芷語欣心若美秀惠'] as [string, ...string[]]
const SECOND = [...'婷君芬豪翰廷瑄涵穎蓉安妤軒宏偉明德仁傑恩晴彤萱玲華娟琪如'] as [string, ...string[]]

export const DEMO_MEMBERS = 200

export type DemoMember = {
  row: Omit<MemberTable, 'seq'>
  personal: ServerTables['personal']
  enrolled: Decision
  issued: Decision
}

type At = { now: number; today: BusinessDate }

/** The n-th member: the row, and the events that make the member and every lot. */
export function demoMember(random: Random, n: number, at: At): DemoMember {
  const member = MemberId.parse(random.uuid(at.now))
  const card = CardNumber.parse(random.crockford(10))
  const salt = random.crockford(22)
  const name = random.pick(FAMILY) + random.pick(FIRST) + random.pick(SECOND)
  const birthday = `${1960 + random.int(45)}-${twoDigits(1 + random.int(12))}-${twoDigits(1 + random.int(28))}`
  const profile = { name, phone: `0900000${String(n + 1).padStart(3, '0')}`, birthday, email: '', address: '' }
  const digest = personalDigest(salt, profile)
  // Every other one is on LINE, so that the outbox has somebody to tell.
  const onLine = n % 2 === 0
  const spent = random.int(10) === 0 ? 20_000 + random.int(30_000) : random.int(9_000)
  return {
    row: {
      ...profile,
      id: member,
      card,
      phone_tail: phoneTail(profile.phone),
      tier: tierReached(demoProgramme, spent).id,
      joined_on: addDays(at.today, -random.int(700)),
      note: NOTES[n] ?? '',
      blocked: 0,
      on_line: Number(onLine),
      spent,
      recent: '[]',
      root: null,
    },
    personal: { member, salt, digest, line_user: onLine ? `demo:${card}` : null },
    enrolled: {
      id: EventId.parse(random.uuid(at.now)),
      draft: { kind: 'member.enrolled', body: { member, card, digest }, lots: [], transfers: [] },
    },
    issued: issuedTo(random, member, at),
  }
}

const NOTES: Record<number, string> = { 0: '習慣少冰', 3: '對堅果過敏', 7: '每天早上一杯手沖' }

const twoDigits = (n: number): string => String(n).padStart(2, '0')

/** What the member holds: some points that end soon, more that end later, stamps, and for some a coupon and stored value. */
function issuedTo(random: Random, member: MemberId, { now, today }: At): Decision {
  const id = EventId.parse(random.uuid(now))
  const lots: Lot[] = []
  const give = (asset: string, quantity: number, days: number | null, source: LotTerms['source'], paid = 0) => {
    lots.push({
      id: LotId.parse(`${id}.${lots.length}`),
      member,
      asset: Asset.parse(asset),
      quantity,
      issuedAt: now - random.int(200) * 86_400_000,
      expiresOn: days === null ? null : addDays(today, days),
      terms: { source, paid: Amount.parse(paid) },
      code: asset.startsWith('coupon:') ? CouponCode.parse(random.crockford(10)) : null,
    })
  }
  give('points', 5 + random.int(60), 7 + random.int(40), 'issued')
  give('points', 20 + random.int(300), 120 + random.int(200), 'issued')
  give('stamp:coffee', 1 + random.int(8), 60 + random.int(120), 'issued')
  if (random.int(2) === 0) give('coupon:off-10', 1, 10 + random.int(20), 'issued')
  if (random.int(3) === 0) give('coupon:welcome-50', 1, 30 + random.int(30), 'welcome')
  if (random.int(4) === 0) give('coupon:free-latte', 1, 60 + random.int(30), 'stampReward')
  if (random.int(3) === 0) {
    const paid = random.pick([1_000, 3_000, 5_000])
    give('value:TWD', paid - random.int(8) * 100, null, 'topUp', paid)
    give('value:TWD', 50, 365, 'bonus')
  }
  const transfers = lots.map((lot) => ({
    asset: lot.asset,
    from: issued(lot.asset),
    to: freeOf(lot.id),
    amount: lot.quantity,
  }))
  return { id, draft: { kind: 'programme.issued', body: { member, reason: '開幕匯入' }, lots, transfers } }
}
