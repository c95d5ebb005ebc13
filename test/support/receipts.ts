/** Receipts to print in tests: a member's sale, and the same for a customer without a card. */
import { Receipt } from '#core/receipt/receipt.ts'

/** As long as a real one: an address, a slash, and about 170 characters of token. */
export const CLAIM_URL = `https://liff.line.me/2001234567-abcdefgh/c/1${'AYzk3Xq9_Tb2-LmN0pRsVwXyZ'.repeat(6)}`

export const memberSale: Receipt = Receipt.parse({
  kind: 'sale',
  language: 'zh-TW',
  currency: { code: 'TWD', decimals: 0, symbol: 'NT$' },
  shopName: '山茶咖啡',
  storeName: '中山店',
  counterName: '櫃台 2',
  staffName: '陳小姐',
  businessDate: '2025-11-22',
  occurredAt: '2025-11-22T14:05:00+08:00',
  localTime: '2025/11/22 14:05',
  receiptNumber: '2-000123',
  receiptCode: 'R7KQ2M9XH4T0B00123Z',
  lines: [
    { name: '美式咖啡', quantity: 2, unitPrice: 60, amount: 120 },
    { name: '手動金額', quantity: 1, unitPrice: 380, amount: 380 },
  ],
  discounts: [{ name: '滿500折50', amount: 50 }],
  total: 450,
  tenders: [{ kind: 'cash', amount: 450, tendered: 500, change: 50 }],
  earned: { points: 4, stamps: 1 },
  lent: { points: 0, value: 0 },
  balances: {
    points: 1254,
    owed: 0,
    storedValue: 3000,
    stamps: [{ name: '咖啡集點卡', count: 7, size: 10 }],
    couponCount: 2,
  },
  member: { maskedName: '王○明', maskedPhone: '09xx-xxx-678', tierName: '金卡' },
  claim: null,
  refundOf: null,
  reprint: false,
})

export const claimSale: Receipt = {
  ...memberSale,
  member: null,
  balances: null,
  earned: { points: 0, stamps: 0 },
  lent: { points: 0, value: 0 },
  claim: { url: CLAIM_URL, points: 4, stamps: 0, expiresOn: Receipt.shape.businessDate.parse('2025-11-29') },
}
