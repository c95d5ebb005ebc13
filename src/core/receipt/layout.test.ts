import { describe, expect, it } from 'vitest'
import { BusinessDate } from '#core/ids.ts'
import { claimSale, CLAIM_URL, memberSale } from '#test/support/receipts.ts'
import type { PrintCommand } from './command.ts'
import { layout } from './layout.ts'
import { Receipt, reprintOf } from './receipt.ts'
import { testReceipt } from './test-receipt.ts'

/** All words in reading order, a row's parts joined by a bar. */
const words = (commands: PrintCommand[]) =>
  commands.flatMap((command) => {
    if (command.type === 'columns') return [[command.left, command.middle, command.right].filter(Boolean).join(' | ')]
    return 'text' in command ? [command.text] : []
  })

const english: Receipt = { ...memberSale, language: 'en' }

describe('layout', () => {
  it('sets a member’s sale in the order of the paper', () => {
    expect(words(layout(memberSale))).toEqual([
      '山茶咖啡',
      '中山店',
      '2025/11/22 14:05 | 收據 2-000123',
      '櫃台 2 | 服務 陳小姐',
      '美式咖啡 | 2 × 60 | 120',
      '手動金額 | 380',
      '滿500折50 | −50',
      '合計 | NT$450',
      '現金 | NT$450',
      '實收 | NT$500',
      '找零 | NT$50',
      '王○明  金卡 | 09xx-xxx-678',
      '本次獲得 4 點、1 格',
      '點數餘額 | 1,254 點',
      '咖啡集點卡 | ●●●●●●●○○○ 7/10',
      '儲值餘額 | NT$3,000',
      '優惠券 | 2 張',
      'R7KQ2M9XH4T0B00123Z',
      '謝謝光臨',
    ])
  })

  it('says the same in English', () => {
    expect(words(layout(english)).slice(7, 17)).toEqual([
      'Total | NT$450',
      'Cash | NT$450',
      'Received | NT$500',
      'Change | NT$50',
      '王○明  金卡 | 09xx-xxx-678',
      'You earned 4 points and 1 stamp',
      'Points balance | 1,254',
      '咖啡集點卡 | ●●●●●●●○○○ 7/10',
      'Stored value balance | NT$3,000',
      'Coupons | 2',
    ])
  })

  it('offers a claim to a customer without a card, in one line and 25 mm', () => {
    const commands = layout(claimSale)
    expect(commands).toContainEqual({ type: 'qr', text: CLAIM_URL, minMm: 25 })
    expect(words(commands)).toContain('掃描領 4 點，11/29 止')
    expect(words(layout({ ...claimSale, language: 'en' }))).toContain(
      'Scan to collect 4 points until 29 Nov, inclusive',
    )
  })

  it('names stamps in a claim, and the year when it is another one', () => {
    const claim = { ...claimSale.claim!, points: 1, stamps: 2, expiresOn: BusinessDate.parse('2026-01-05') }
    expect(words(layout({ ...claimSale, claim }))).toContain('掃描領 1 點、2 格，2026/1/5 止')
    expect(words(layout({ ...claimSale, claim, language: 'en' }))).toContain(
      'Scan to collect 1 point and 2 stamps until 5 Jan 2026, inclusive',
    )
  })

  it('marks a reprint at the top, opens no drawer for it, and keeps the claim', () => {
    const first = layout(claimSale)
    const again = layout(reprintOf(claimSale))
    expect(first[0]).toEqual({ type: 'drawer' })
    expect(again[0]).toEqual({ type: 'box', text: '補印 REPRINT' })
    expect(again.filter(({ type }) => type === 'drawer')).toEqual([])
    expect(again.filter(({ type }) => type === 'qr')).toEqual(first.filter(({ type }) => type === 'qr'))
  })

  it('opens the drawer only for cash', () => {
    const drawers = (receipt: Receipt) => layout(receipt).filter(({ type }) => type === 'drawer').length
    expect(drawers(memberSale)).toBe(1)
    expect(drawers({ ...memberSale, tenders: [{ kind: 'card', amount: 450 }] })).toBe(0)
    expect(drawers({ ...memberSale, kind: 'refund' })).toBe(1)
    expect(drawers({ ...memberSale, kind: 'test' })).toBe(0)
  })

  it.each([
    ['refund', '退款', 'REFUND'],
    ['void', '退款', 'REFUND'],
    ['topUp', '儲值加值', 'TOP-UP'],
    ['debit', '儲值扣款', 'STORED VALUE PAYMENT'],
    ['test', '測試列印', 'TEST PRINT'],
  ] as const)('says large what a %s is', (kind, chinese, inEnglish) => {
    const heading = (receipt: Receipt) =>
      layout(receipt).filter((command) => command.type === 'text' && command.size === 'large')
    expect(heading({ ...memberSale, kind })).toMatchObject([{ text: chinese }])
    expect(heading({ ...english, kind })).toMatchObject([{ text: inEnglish }])
  })

  it('names the receipt that a refund reverses, and what goes back', () => {
    const refund: Receipt = {
      ...english,
      kind: 'refund',
      refundOf: { receiptNumber: '2-000100' },
      earned: { points: -4, stamps: -1 },
      tenders: [
        { kind: 'storedValue', amount: 284 },
        { kind: 'points', amount: 166, points: 83 },
      ],
    }
    const lines = words(layout(refund))
    expect(lines).toContain('Original receipt 2-000100')
    expect(lines).toContain('Returned to stored value | NT$284')
    expect(lines).toContain('Points returned | 83')
    expect(lines).toContain('Taken back: 4 points and 1 stamp')
  })

  it('promises balances where they are not known yet, and says nothing of them without a member', () => {
    expect(words(layout({ ...memberSale, kind: 'refund', balances: null }))).toContain('點數與餘額稍後更新')
    expect(words(layout({ ...memberSale, member: null, balances: null }))).not.toContain('點數與餘額稍後更新')
  })

  it('says what a top-up adds beside what was paid', () => {
    expect(words(layout({ ...memberSale, kind: 'topUp', bonus: 200 }))).toContain('贈送 | NT$200')
    expect(words(layout({ ...memberSale, kind: 'topUp' })).join()).not.toContain('贈送')
  })

  it('says what the shop has advanced, and of what', () => {
    const lent = { points: 1_050, value: 200 }
    expect(words(layout({ ...memberSale, lent }))).toContain('店家先墊 1,050 點，已從下方餘額扣除')
    expect(words(layout({ ...english, lent }))).toEqual(
      expect.arrayContaining([
        'NT$200 advanced by the shop; already taken off the balance below',
        '1,050 points advanced by the shop; already taken off the balance below',
      ]),
    )
  })

  it('says what is owed beside a balance that does not know of it', () => {
    const balances = { ...memberSale.balances!, points: 5, owed: 8 }
    expect(words(layout({ ...memberSale, balances })).join()).toContain('點數餘額 | 5 點,尚欠 8 點，獲得的點數先抵還,')
    expect(words(layout({ ...english, balances })).join()).toContain(
      'Points balance | 5,You owe 8 points, paid first by points you earn,',
    )
    expect(words(layout(memberSale)).join()).not.toContain('尚欠')
  })

  it('tells a long stamp card in figures', () => {
    const balances = { ...memberSale.balances!, stamps: [{ name: '大卡', count: 12, size: 50 }] }
    expect(words(layout({ ...memberSale, balances }))).toContain('大卡 | 12/50')
  })

  it('sets a test paper, which is a receipt like any other', () => {
    const paper = layout(Receipt.parse(testReceipt(memberSale)))
    expect(words(paper)).toContain('測試列印')
    expect(words(paper)).toContain('合計 | NT$2,000')
  })

  it('ends with a cut', () => {
    expect(layout(memberSale).at(-1)).toEqual({ type: 'cut' })
  })
})
