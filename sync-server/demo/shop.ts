/** The demo shop: two cafés of one brand, their staff, products and programme. */
import type { ProductTable, StoreTable } from '#storage/schema.ts'
import { Programme } from '#core/loyalty/programme.ts'

const SHOP = '山小屋咖啡'

export const demoStores: readonly StoreTable[] = [
  { id: 's1', shop: SHOP, name: '信義店', zone: 'Asia/Taipei', cut_off_hour: 4 },
  { id: 's2', shop: SHOP, name: '中山店', zone: 'Asia/Taipei', cut_off_hour: 4 },
]

/** Their PINs are told to everyone, in the README. */
export const demoStaff = [
  { id: 'chen', name: '陳小姐', role: 'manager', pin: '1234' },
  { id: 'mei', name: '阿美', role: 'staff', pin: '1111' },
  { id: 'jun', name: '小俊', role: 'staff', pin: '2222' },
] as const

const CATALOGUE: readonly (readonly [name: string, price: number])[] = [
  ['美式咖啡', 80],
  ['拿鐵咖啡', 110],
  ['卡布奇諾', 110],
  ['焦糖瑪奇朵', 130],
  ['手沖單品', 160],
  ['冷萃咖啡', 120],
  ['抹茶拿鐵', 130],
  ['紅玉紅茶', 90],
  ['東方美人茶', 110],
  ['黑糖鮮奶', 100],
  ['可可亞', 110],
  ['檸檬氣泡飲', 95],
  ['原味司康', 65],
  ['肉桂捲', 85],
  ['可頌', 70],
  ['巴斯克乳酪蛋糕', 150],
  ['戚風蛋糕', 120],
  ['鹹派', 135],
  ['火腿起司三明治', 125],
  ['燻雞貝果', 140],
  ['濾掛咖啡 10 入', 360],
  ['咖啡豆 半磅', 480],
  ['馬克杯', 420],
  ['環保隨行杯', 690],
]

/** GS1's check digit for the first twelve of an EAN-13. */
function ean13(first12: string): string {
  const sum = Array.from(first12, Number).reduce((total, digit, index) => total + digit * (index % 2 === 0 ? 1 : 3), 0)
  return `${first12}${(10 - (sum % 10)) % 10}`
}

/** Codes are in the range kept for use inside a store (prefix 200–299). */
export const demoProducts: readonly ProductTable[] = CATALOGUE.map(([name, price], n) => ({
  code: ean13(`2001000${String(n + 1).padStart(5, '0')}`),
  name,
  price,
  active: 1,
}))

const perHundred = (points: number) => ({ per: 100, points, minimum: 0 })

export const demoProgramme: Programme = Programme.parse({
  version: 1,
  money: { currency: 'TWD', decimals: 0, symbol: 'NT$' },
  tiers: [
    { id: 'regular', name: '一般會員', spendToReach: 0, earn: perHundred(1) },
    { id: 'silver', name: '銀卡會員', spendToReach: 5_000, earn: perHundred(2) },
    { id: 'gold', name: '金卡會員', spendToReach: 20_000, earn: perHundred(3) },
  ],
  claimEarn: perHundred(1),
  claimValidDays: 30,
  pointsValidDays: 365,
  pointWorth: 1,
  coupons: [
    {
      id: 'welcome-50',
      name: '迎新折價 50 元',
      kind: { type: 'amountOff', amount: 50 },
      minimumSpend: 200,
      validDays: 60,
      terms: '單筆消費滿 200 元可用，每次限用一張。',
    },
    {
      id: 'off-10',
      name: '九折券',
      kind: { type: 'percentOff', percent: 10 },
      minimumSpend: 0,
      validDays: 30,
      terms: '全品項適用，不與店內其他優惠併用。',
    },
    {
      id: 'free-latte',
      name: '集點兌換：拿鐵咖啡一杯',
      kind: { type: 'gift' },
      minimumSpend: 0,
      validDays: 90,
      terms: '集滿一張集點卡即贈，冰熱皆可。',
    },
    {
      id: 'cake-gift',
      name: '生日禮：蛋糕一片',
      kind: { type: 'gift' },
      minimumSpend: 0,
      validDays: 31,
      terms: '生日當月可用，口味依現場供應。',
    },
  ],
  stampCards: [
    { id: 'coffee', name: '咖啡集點卡', size: 10, minimumSpend: 100, per: null, reward: 'free-latte', validDays: 180 },
  ],
  topUp: {
    denominations: [1_000, 3_000, 5_000],
    ownAmounts: false,
    bonuses: [
      { from: 1_000, bonus: 50 },
      { from: 3_000, bonus: 200 },
      { from: 5_000, bonus: 500 },
    ],
    valueValidDays: null,
    bonusValidDays: 365,
  },
  welcome: { points: 20, coupons: ['welcome-50'] },
  approvalAbove: 2_000,
})
