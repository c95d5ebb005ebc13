/** Which events a member hears of, and in which words. Pure. */
import { POINTS, assetKind, type Asset } from '#core/ledger/asset.ts'
import type { Tender } from '#core/ledger/event-body.ts'
import type { EventOf, LedgerEvent } from '#core/ledger/event.ts'
import { stampsIn } from '#core/ledger/moved.ts'
import { memberOf } from '#core/ledger/event-about.ts'
import type { MemberId } from '#core/ids.ts'
import { formatAmount, formatMoney } from '#core/money.ts'
import type { Money, Programme } from '#core/loyalty/programme.ts'
import type { Notice, NoticeRow } from './flex.ts'

/** Each a switch of the shop's: setting `notice.<kind>`, on unless it says `off`. */
export const NOTICE_KINDS = ['pointsEarned', 'toppedUp', 'debited', 'claimHonoured'] as const
export type NoticeKind = (typeof NOTICE_KINDS)[number]

/** What one event has to tell one member. */
export type Told = { kind: NoticeKind; member: MemberId; event: LedgerEvent }

/** At most one notice an event, for each counts against the shop's quota. */
export function noticeOf(event: LedgerEvent, isOn: (kind: NoticeKind) => boolean): Told | null {
  const kind = kindsOf(event).find(isOn)
  const member = memberOf(event)
  return kind && member ? { kind, member, event } : null
}

function kindsOf(event: LedgerEvent): NoticeKind[] {
  if (event.kind === 'sale.completed') {
    const { earned, tenders } = event.body
    return [
      ...(earned.points > 0 || earned.stamps.length > 0 ? (['pointsEarned'] as const) : []),
      ...(tenders.some((tender) => tender.kind === 'storedValue') ? (['debited'] as const) : []),
    ]
  }
  if (event.kind === 'value.toppedUp') return ['toppedUp']
  if (event.kind === 'value.debited') return ['debited']
  return event.kind === 'claim.honoured' ? ['claimHonoured'] : []
}

export type NoticeFacts = {
  shop: string
  store: string
  zone: string
  programme: Programme
  /** All the member has of an asset once these events are in, wherever it is held. */
  balance: (asset: Asset) => number
}

/** The notice in the member's words (Traditional Chinese). */
export function wordNotice({ kind, event }: Told, facts: NoticeFacts): Notice {
  const footer = `${facts.store} · ${whenIn(facts.zone, event)}`
  return { shop: facts.shop, footer, ...wording(kind, event, facts) }
}

type Wording = Pick<Notice, 'title' | 'headline' | 'rows' | 'balances'>

function wording(kind: NoticeKind, event: LedgerEvent, facts: NoticeFacts): Wording {
  if (event.kind === 'sale.completed') return saleWording(kind, event, facts)
  if (event.kind === 'value.toppedUp') return topUpWording(event, facts)
  if (event.kind === 'value.debited') {
    const { asset, amount, note, receipt } = event.body
    return {
      title: '儲值扣款',
      headline: formatMoney(-amount, facts.programme.money),
      rows: [...(note ? [{ label: '說明', value: note }] : []), numberRow(receipt.number)],
      balances: [balanceRow(asset, facts)],
    }
  }
  if (event.kind === 'claim.honoured') {
    const stamps = event.lots.filter((lot) => assetKind(lot.asset) === 'stamp')
    return {
      title: '收據點數已入帳',
      headline: gained(
        event.body.points,
        stamps.reduce((sum, lot) => sum + lot.quantity, 0),
      ),
      rows: [],
      balances: [balanceRow(POINTS, facts)],
    }
  }
  throw new Error(`no words for ${event.kind}`)
}

function saleWording(kind: NoticeKind, event: EventOf<'sale.completed'>, facts: NoticeFacts): Wording {
  const { body } = event
  const { money } = facts.programme
  const paidByValue = body.tenders.reduce((sum, tender) => sum + (tender.kind === 'storedValue' ? tender.amount : 0), 0)
  const valueAssets = event.transfers.map((transfer) => transfer.asset).filter((asset) => assetKind(asset) === 'value')
  const rows = [
    { label: '消費金額', value: formatMoney(body.total, money) },
    ...body.tenders.map((tender) => ({ label: TENDER[tender.kind], value: tenderValue(tender, money) })),
    numberRow(body.receipt.number),
  ]
  const balances = [balanceRow(POINTS, facts), ...[...new Set(valueAssets)].map((asset) => balanceRow(asset, facts))]
  if (kind === 'debited') {
    return { title: '儲值扣款', headline: formatMoney(-paidByValue, money), rows, balances }
  }
  return { title: '消費集點', headline: gained(body.earned.points, stampsIn(body.earned)), rows, balances }
}

function topUpWording(event: EventOf<'value.toppedUp'>, facts: NoticeFacts): Wording {
  const { asset, paid, bonus, tender, receipt } = event.body
  const { money } = facts.programme
  return {
    title: '儲值加值',
    headline: `+${formatMoney(paid + bonus, money)}`,
    rows: [
      { label: TENDER[tender.kind], value: formatMoney(paid, money) },
      ...(bonus > 0 ? [{ label: '加贈', value: formatMoney(bonus, money) }] : []),
      numberRow(receipt.number),
    ],
    balances: [balanceRow(asset, facts)],
  }
}

const TENDER: Record<Tender['kind'], string> = { cash: '現金', card: '刷卡', storedValue: '儲值', points: '點數折抵' }

const tenderValue = (tender: Tender, money: Money): string =>
  tender.kind === 'points'
    ? `${formatAmount(tender.points)} 點 (${formatMoney(tender.amount, money)})`
    : formatMoney(tender.amount, money)

const numberRow = (number: number): NoticeRow => ({ label: '收據號碼', value: String(number) })

function balanceRow(asset: Asset, { balance, programme }: NoticeFacts): NoticeRow {
  return assetKind(asset) === 'value'
    ? { label: '儲值餘額', value: formatMoney(balance(asset), programme.money) }
    : { label: '目前點數', value: `${formatAmount(balance(asset))} 點` }
}

const gained = (points: number, stamps: number): string =>
  [...(points > 0 ? [`+${formatAmount(points)} 點`] : []), ...(stamps > 0 ? [`+${stamps} 格`] : [])].join('、')

const formats = new Map<string, Intl.DateTimeFormat>()

/** 2026/11/22 14:05 by the store's clock; the business date alone when a counter's clock has said something absurd. */
function whenIn(zone: string, { occurredAt, clockOffset, businessDate }: LedgerEvent): string {
  const at = new Date(occurredAt + clockOffset)
  if (Number.isNaN(at.getTime())) return businessDate.replaceAll('-', '/')
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('zh-TW', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    formats.set(zone, format)
  }
  // Chinese formats put a thin space before the time, which some phones draw as a box.
  return format.format(at).replace(/[\u2009\u202F]/g, ' ')
}
