/** The words of the paper, in each of its languages. */
import type { BusinessDate } from '#core/ids.ts'
import { formatAmount } from '#core/money.ts'
import type { Receipt } from './receipt.ts'

type Claim = NonNullable<Receipt['claim']>

/** The words one language needs for a receipt. */
type ReceiptWords = {
  readonly reprint: string
  /** The heading of everything but a plain sale. */
  readonly title: Readonly<Record<Exclude<Receipt['kind'], 'sale'>, string>>
  readonly number: string
  readonly staff: string
  readonly refundOf: (receiptNumber: string) => string
  readonly total: Readonly<Record<Receipt['kind'], string>>
  readonly tender: Readonly<Record<Receipt['tenders'][number]['kind'], string>>
  /** The same when money goes back. */
  readonly returned: Readonly<Record<Receipt['tenders'][number]['kind'], string>>
  /** What a top-up adds beside what was paid. */
  readonly bonus: string
  readonly tendered: string
  readonly change: string
  readonly earned: (points: number, stamps: number) => string
  /** `what`: as `pointsLent`, or an amount of money. */
  readonly lent: (what: string) => string
  readonly pointsLent: (points: number) => string
  readonly takenBack: (points: number, stamps: number) => string
  /** In place of balances that are not known yet. */
  readonly balancesLater: string
  readonly points: string
  readonly pointsCount: (points: number) => string
  readonly owed: (points: number) => string
  readonly storedValue: string
  readonly coupons: string
  readonly couponCount: (count: number) => string
  readonly claim: (claim: Claim, businessDate: BusinessDate) => string
  readonly claimHow: string
  readonly thanks: string
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A near day needs no year; `11/29` beside a receipt of the same year, else `2026/1/5`. */
function chineseDay(day: BusinessDate, beside: BusinessDate): string {
  const [year = '', month, date] = day.split('-')
  const short = `${Number(month)}/${Number(date)}`
  return beside.startsWith(year) ? short : `${year}/${short}`
}

function englishDay(day: BusinessDate, beside: BusinessDate): string {
  const [year = '', month, date] = day.split('-')
  const short = `${Number(date)} ${MONTHS[Number(month) - 1]}`
  return beside.startsWith(year) ? short : `${short} ${year}`
}

const chineseGains = (points: number, stamps: number) =>
  [points > 0 ? [`${formatAmount(points)} 點`] : [], stamps > 0 ? [`${stamps} 格`] : []].flat().join('、')

const plural = (count: number, one: string) => `${formatAmount(count)} ${one}${count === 1 ? '' : 's'}`

const englishGains = (points: number, stamps: number) =>
  [points > 0 ? [plural(points, 'point')] : [], stamps > 0 ? [plural(stamps, 'stamp')] : []].flat().join(' and ')

const chinese: ReceiptWords = {
  reprint: '補印 REPRINT',
  title: { topUp: '儲值加值', debit: '儲值扣款', refund: '退款', void: '退款', test: '測試列印' },
  number: '收據',
  staff: '服務',
  refundOf: (receiptNumber) => `原收據 ${receiptNumber}`,
  total: { sale: '合計', topUp: '加值', debit: '扣款', refund: '退款', void: '退款', test: '合計' },
  tender: { cash: '現金', card: '刷卡', storedValue: '儲值', points: '點數折抵' },
  returned: { cash: '退回現金', card: '退回刷卡', storedValue: '退回儲值', points: '退回點數' },
  bonus: '贈送',
  tendered: '實收',
  change: '找零',
  earned: (points, stamps) => `本次獲得 ${chineseGains(points, stamps)}`,
  lent: (what) => `店家先墊 ${what}，已從下方餘額扣除`,
  pointsLent: (points) => chineseGains(points, 0),
  takenBack: (points, stamps) => `收回 ${chineseGains(points, stamps)}`,
  balancesLater: '點數與餘額稍後更新',
  points: '點數餘額',
  pointsCount: (points) => `${formatAmount(points)} 點`,
  owed: (points) => `尚欠 ${chineseGains(points, 0)}，獲得的點數先抵還`,
  storedValue: '儲值餘額',
  coupons: '優惠券',
  couponCount: (count) => `${formatAmount(count)} 張`,
  claim: ({ points, stamps, expiresOn }, businessDate) =>
    `掃描領 ${chineseGains(points, stamps)}，${chineseDay(expiresOn, businessDate)} 止`,
  claimHow: '用手機相機或 LINE 掃描',
  thanks: '謝謝光臨',
}

const english: ReceiptWords = {
  reprint: 'REPRINT',
  title: { topUp: 'TOP-UP', debit: 'STORED VALUE PAYMENT', refund: 'REFUND', void: 'REFUND', test: 'TEST PRINT' },
  number: 'Receipt',
  staff: 'Served by',
  refundOf: (receiptNumber) => `Original receipt ${receiptNumber}`,
  total: { sale: 'Total', topUp: 'Top-up', debit: 'Paid', refund: 'Refund', void: 'Refund', test: 'Total' },
  tender: { cash: 'Cash', card: 'Card', storedValue: 'Stored value', points: 'Points' },
  returned: {
    cash: 'Cash returned',
    card: 'Returned to card',
    storedValue: 'Returned to stored value',
    points: 'Points returned',
  },
  bonus: 'Bonus',
  tendered: 'Received',
  change: 'Change',
  earned: (points, stamps) => `You earned ${englishGains(points, stamps)}`,
  lent: (what) => `${what} advanced by the shop; already taken off the balance below`,
  pointsLent: (points) => englishGains(points, 0),
  takenBack: (points, stamps) => `Taken back: ${englishGains(points, stamps)}`,
  balancesLater: 'Points and balances follow shortly',
  points: 'Points balance',
  pointsCount: (points) => formatAmount(points),
  owed: (points) => `You owe ${englishGains(points, 0)}, paid first by points you earn`,
  storedValue: 'Stored value balance',
  coupons: 'Coupons',
  couponCount: (count) => formatAmount(count),
  claim: ({ points, stamps, expiresOn }, businessDate) =>
    `Scan to collect ${englishGains(points, stamps)} until ${englishDay(expiresOn, businessDate)}, inclusive`,
  claimHow: 'Use your phone camera or LINE',
  thanks: 'Thank you',
}

export const wordsOf = (language: Receipt['language']): ReceiptWords => (language === 'en' ? english : chinese)
