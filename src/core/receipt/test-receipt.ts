/** What the test button prints: a paper to judge alignment, Chinese, figures and the bar code by. */
import type { Receipt } from './receipt.ts'

type Whereabouts = Pick<
  Receipt,
  | 'language'
  | 'currency'
  | 'shopName'
  | 'storeName'
  | 'counterName'
  | 'staffName'
  | 'businessDate'
  | 'occurredAt'
  | 'localTime'
>

export const testReceipt = (whereabouts: Whereabouts): Receipt => ({
  ...whereabouts,
  kind: 'test',
  receiptNumber: 'TEST',
  receiptCode: 'TEST0123456789',
  lines: [
    { name: '測試品項 Test item', quantity: 2, unitPrice: 60, amount: 120 },
    { name: '名稱很長的品項會換行，金額仍然靠右對齊', quantity: 1, unitPrice: 1880, amount: 1880 },
  ],
  discounts: [],
  total: 2000,
  tenders: [],
  earned: { points: 0, stamps: 0 },
  lent: { points: 0, value: 0 },
  bonus: 0,
  balances: null,
  member: null,
  claim: null,
  refundOf: null,
  reprint: false,
})
