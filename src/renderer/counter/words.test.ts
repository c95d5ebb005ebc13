import { createInstance } from 'i18next'
import { describe, expect, it } from 'vitest'
import { CouponView, Done } from '#core/contract/views.ts'
import { Amount, BusinessDate, EventId, LotId, MemberId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { Refusal, type RefusalCode } from '#core/ledger/refusal.ts'
import { formatAmount, formatMoney } from '#core/money.ts'
import type { Formats } from '#renderer/ui/format.ts'
import en from '#resources/locales/en/counter.json' with { type: 'json' }
import zhTW from '#resources/locales/zh-TW/counter.json' with { type: 'json' }
import { noticeOf, type Notice } from './notice.ts'
import type { Order } from './order.ts'
import { fiftyOff, member as served, programme } from '#test/support/counter-shop.ts'
import { uuid } from '#test/support/programme.ts'
import { refusalWords, type Line } from './refusal-words.ts'
import { noticeWords, returnedWords } from './words.ts'

const formats: Formats = {
  number: (amount) => formatAmount(amount),
  amount: (amount) => formatAmount(amount),
  money: (amount) => formatMoney(amount, programme.money),
  day: (date) => date,
  moment: (at) => String(at),
  time: (at) => String(at),
  span: (ms) => String(ms),
}

const line: Line = { online: true, frozen: null }

async function wordsIn(language: 'en' | 'zh-TW') {
  const words = createInstance()
  await words.init({
    lng: language,
    defaultNS: 'counter',
    resources: { en: { counter: en }, 'zh-TW': { counter: zhTW } },
    interpolation: { escapeValue: false },
  })
  return words.t
}

const member = MemberId.parse('0190a000-0000-7000-8000-000000000001')
const lot = LotId.parse('0190a000-0000-7000-8000-000000000901.0')
const at2 = [{ counter: 'Counter 2', amount: 200 }]

const samples: { [code in RefusalCode]: object } = {
  insufficient: { asset: 'value:TWD', wanted: 500, usableHere: 300, total: 500, elsewhere: at2, offline: false },
  couponUnavailable: { lot, elsewhere: [], offline: true },
  couponExpired: { lot, expiredOn: '2026-01-31' },
  couponNotApplicable: { lot, reason: 'minimumSpend', needed: 500 },
  couponWithdrawn: { name: '滿 500 折 50' },
  alreadyReissued: {},
  nothingToReissue: {},
  notPaidInFull: { due: 500, paid: 300 },
  overpaid: { due: 300, paid: 500 },
  memberNeeded: {},
  memberUnknown: {},
  nothingToSell: {},
  amountNotAllowed: { allowed: [1000, 3000] },
  tooLarge: {},
  alreadyReversed: {},
  saleUnknown: {},
  valueNotHere: { missing: 120, elsewhere: at2, offline: false },
  approvalNeeded: {},
  memberExists: { member, name: '王小明' },
  frozen: { reason: 'reported lost' },
  restoring: {},
  mayBeForgotten: {},
  notDone: {},
}

const refusals = Object.entries(samples).map(([code, data]) => Refusal.parse({ code, ...data }))

const id = EventId.parse(uuid(1))
const by = { id, member, amount: Amount.parse(2_500), note: '', approval: null }
const refund = { id, event: id, reason: '', approval: null }
const orders: Order[] = [
  { kind: 'sale', input: { id, member, lines: [], coupons: [], tenders: [], note: '' }, total: by.amount },
  { kind: 'topUp', input: { id, member, amount: by.amount, tender: 'cash', received: by.amount } },
  { kind: 'debit', input: by },
  { kind: 'adjust', input: { ...by, asset: POINTS, direction: 'grant' } },
  { kind: 'coupon', input: { id, lot, note: '' } },
  { kind: 'refund', input: refund, total: by.amount },
  { kind: 'couponBack', input: refund, total: Amount.parse(0) },
  { kind: 'enrol', input: { id, name: '王小明', phone: '', birthday: null, email: '', address: '' } },
]

describe.each(['en', 'zh-TW'] as const)('words in %s', (language) => {
  it('says why for every refusal, with its figures and no code', async () => {
    const t = await wordsIn(language)
    for (const refusal of refusals) {
      const { title, detail } = refusalWords(refusal, t, formats, line)
      expect(title).not.toBe('')
      expect(title + detail).not.toMatch(/refusal\.|\{\{|undefined|NaN/)
      expect(`${title} ${detail}`).not.toMatch(/[a-z][A-Z]/)
    }
  })

  it('says what can be used here, and where the rest is', async () => {
    const t = await wordsIn(language)
    const words = refusalWords(refusals[0]!, t, formats, line)
    expect(words.title).toContain('NT$300')
    expect(words.title).toContain('NT$500')
    expect(words.detail).toContain('Counter 2')
    expect(words.detail).toContain('NT$200')
  })

  it('says of a refund that the member’s own comes back once connected, and money at once', async () => {
    const t = await wordsIn(language)
    const tender = { kind: 'points' as const, amount: Amount.parse(1_750), points: 1_750 }
    const cash = {
      kind: 'cash' as const,
      amount: Amount.parse(50),
      received: Amount.parse(50),
      change: Amount.parse(0),
    }
    const [now, later] = [false, true].map((later) => returnedWords(tender, t, formats, later))
    expect(now).toContain('1,750')
    expect(later).toMatch(/連線後.*1,750|1,750.*once connected/)
    expect(now).not.toMatch(/連線|connected/)
    expect(returnedWords(cash, t, formats, true)).not.toMatch(/連線|connected/)
  })

  it('says what a member owes, and that what is earned pays it', async () => {
    const t = await wordsIn(language)
    const eight = t('common.points', { count: 8 })
    for (const words of [t('member.owed', { points: eight }), t('done.owed', { points: eight })])
      expect(words).toMatch(/欠.*8 點|owes 8 points|8 points owed/i)
  })

  it('tells a counter that is out of reach from one that the server gives nothing', async () => {
    const t = await wordsIn(language)
    const short = { asset: POINTS, wanted: 10, usableHere: 5, total: 10, elsewhere: [], offline: true }
    const beyond: object[] = [
      { code: 'insufficient', ...short },
      { code: 'insufficient', ...short, elsewhere: at2 },
    ]
    beyond.push({ code: 'couponUnavailable', lot, elsewhere: [], offline: true })
    beyond.push({ code: 'valueNotHere', missing: 120, elsewhere: [], offline: true })
    for (const refusal of beyond.map((one) => Refusal.parse(one))) {
      const [offline, withheld] = [
        { online: false, frozen: null },
        { online: true, frozen: 'epochClosed' },
      ].map((line) => JSON.stringify(refusalWords(refusal, t, formats, line)))
      expect(offline).toMatch(/離線|offline/)
      expect(withheld).not.toMatch(/離線|offline|refusal\.|\{\{/)
    }
  })

  it('says whether a top-up’s value is spent, held elsewhere, or out of reach', async () => {
    const t = await wordsIn(language)
    const why = [
      { elsewhere: [], offline: false },
      { elsewhere: at2, offline: false },
      { elsewhere: [], offline: true },
    ].map((known) => refusalWords(Refusal.parse({ code: 'valueNotHere', missing: 120, ...known }), t, formats, line))
    expect(new Set(why.map(({ title }) => title)).size).toBe(3)
    for (const { detail } of why) expect(detail).toContain('NT$120')
    expect(why[1]?.detail).toContain('Counter 2')
    expect(JSON.stringify(why)).not.toMatch(/refusal\.|\{\{|undefined/)
  })

  it('has words for everything else the screen may have to tell', async () => {
    const t = await wordsIn(language)
    const coupon = CouponView.parse({ ...fiftyOff, usableHere: false, elsewhere: at2 })
    const claim = {
      kind: 'claim' as const,
      receiptNumber: 'MA088P-00005',
      points: Amount.parse(4),
      stamps: Amount.parse(1),
      expiresOn: BusinessDate.parse('2026-12-26'),
    }
    const notices: Notice[] = [
      { about: 'storage', reason: 'diskFull' },
      { about: 'couponOff', coupon },
      { about: 'scan', scan: { kind: 'invoiceCarrier', text: '/ABC1234' }, offline: false },
      ...(['badCheck', 'unknown', 'reserved'] as const).map((reason): Notice => {
        return { about: 'scan', scan: { kind: 'unreadable', reason, text: 'M0' }, offline: false }
      }),
      { about: 'scan', scan: claim, offline: false },
      { about: 'scan', scan: { kind: 'notFound', what: 'product', text: '4710088412263' }, offline: true },
      { about: 'uncertain', failure: { why: 'unreachable' } },
      ...orders.map((order): Notice => ({
        about: 'refusal',
        refusal: { code: 'notDone' },
        left: { order, member: null },
      })),
      ...orders.map((order): Notice => ({
        about: 'refusal',
        refusal: { code: 'mayBeForgotten' },
        left: { order, member: '王小明' },
      })),
      { about: 'finishFirst', first: 'topUp', scanned: '王小明' },
      { about: 'noneUsable', offline: true },
      { about: 'noneUsable', offline: false },
      { about: 'cartFull', of: 'lines', notAdded: 80 },
      { about: 'cartFull', of: 'coupons', notAdded: 0 },
      { about: 'mayBeDone', failure: { why: 'storage', reason: 'diskFull' } },
      ...(['unreachable', 'failed', 'invalid', 'signedOut', 'reprinting', 'nothingToPrint'] as const).map((about) => ({
        about,
      })),
    ]
    const titles = notices.map((notice) => noticeWords(notice, t, formats, line).title)
    expect(new Set(titles).size).toBe(titles.length)
    for (const notice of notices) {
      const { title, detail } = noticeWords(notice, t, formats, line)
      expect(title).not.toBe('')
      expect(title + detail).not.toMatch(/(notice|storage|refusal|left)\.|\{\{|undefined/)
    }
    expect(noticeWords({ about: 'couponOff', coupon }, t, formats, line).detail).toContain('Counter 2')
    expect(noticeWords({ about: 'scan', scan: claim, offline: false }, t, formats, line).detail).toMatch(
      /4 (點|points).*1 (格|stamp)/,
    )
  })
})

it('of what was done and is shown in words alone say how much, for whom and on which receipt', async () => {
  const t = await wordsIn('zh-TW')
  const result = Done.parse({
    event: id,
    receipt: { number: 12, code: 'RC0VNT1EP0CH100012X' },
    total: 437,
    change: 63,
    earned: { points: 4, stamps: 0 },
    claim: null,
    returned: [],
    moved: null,
    lent: { points: 0, value: 0 },
    ended: [],
    bonus: 0,
    withSync: false,
    printJob: null,
    member: served,
  })
  const words = noticeWords({ about: 'finished', finished: { kind: 'sale', result } }, t, formats, line)
  expect(words).toMatchObject({ title: `已收款 NT$437 · ${served.name} · 收據 EP0CH1-00012`, detail: '找零 NT$63' })
})

describe('failures', () => {
  it('become notices by their reason', () => {
    expect(noticeOf({ why: 'storage', reason: 'readOnly' })).toEqual({ about: 'storage', reason: 'readOnly' })
    expect(noticeOf({ why: 'unreachable' })).toEqual({ about: 'unreachable' })
  })
})
