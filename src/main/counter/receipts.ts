/** Turns an event into the receipt it prints, and puts it into the spool within the event's own transaction. */
import { v7 as uuidv7 } from 'uuid'
import { Amount } from '#core/ids.ts'
import { claimUrl } from '#core/claim/token.ts'
import type { MemberPanel } from '#core/contract/views.ts'
import { happenedAt, type LedgerEvent } from '#core/ledger/event.ts'
import { assetKind, POINTS, type AssetKind } from '#core/ledger/asset.ts'
import { isLeftToServer, receiptOf } from '#core/ledger/event-about.ts'
import type { ReceiptRef, SaleLine, Tender } from '#core/ledger/event-body.ts'
import type { Receipt } from '#core/receipt/receipt.ts'
import { enqueue } from '#main/devices/printing/print-job.ts'
import type { Counter } from './counter.ts'
import { lentIn } from './done.ts'

/** The event's member as the event has left them; and what it undoes, which may be another counter's. */
type About = { panel: MemberPanel | null; undoes: LedgerEvent | null }

/** Queues the event's receipt, if it has one, and gives its print job. The caller kicks the spool after its commit. */
export async function queueReceipt(
  counter: Counter,
  trx: Counter['db'],
  event: LedgerEvent,
  about: About,
): Promise<string | null> {
  const receipt = receiptFor(counter, event, about)
  if (!receipt) return null
  const id = uuidv7()
  await enqueue(trx, { id, eventId: event.id, receipt, at: happenedAt(event) })
  return id
}

function receiptFor(counter: Counter, event: LedgerEvent, { panel, undoes }: About): Receipt | null {
  const content = contentOf(event)
  if (!content) return null
  const undone = undoes && receiptOf(undoes)
  return {
    ...frame(counter, happenedAt(event)),
    kind: content.kind,
    businessDate: event.businessDate,
    receiptNumber: receiptNumber(content.receipt),
    receiptCode: content.receipt.code,
    lines: content.lines.map(({ name, quantity, unitPrice, amount }) => ({ name, quantity, unitPrice, amount })),
    discounts:
      event.kind === 'sale.completed' ? event.body.discounts.map(({ name, amount }) => ({ name, amount })) : [],
    total: content.total,
    tenders: content.tenders.map(tenderOnPaper),
    earned: earnedBy(event),
    lent: lentIn(event),
    bonus: event.kind === 'value.toppedUp' ? event.body.bonus : 0,
    // What a refund of what was sent already takes and gives back comes with the sync.
    balances: panel && !isLeftToServer(event) ? balancesOf(panel) : null,
    member: panel && {
      maskedName: maskName(panel.name),
      maskedPhone: maskPhone(panel.phone),
      tierName: panel.tierName,
    },
    claim: claimOn(counter, event),
    refundOf: undone && { receiptNumber: receiptNumber(undone) },
    reprint: false,
  }
}

/** What every paper of this counter has in common. */
export function frame(counter: Counter, at: number) {
  const { store, programme } = counter.shop()
  const { language } = counter.settings()
  return {
    language,
    currency: { code: programme.money.currency, decimals: programme.money.decimals, symbol: programme.money.symbol },
    shopName: store.shop,
    storeName: store.name,
    counterName: counter.identity.counter,
    staffName: counter.staff()?.name ?? '',
    occurredAt: new Date(at).toISOString(),
    localTime: localTime(at, store.zone),
  }
}

const localFormats = new Map<string, Intl.DateTimeFormat>()
let lastWritten = { zone: '', minute: 0, text: '' }

/** To the minute, of which there are many sales in a rush. */
function localTime(at: number, zone: string): string {
  const minute = Math.floor(at / 60_000)
  if (lastWritten.minute !== minute || lastWritten.zone !== zone) {
    lastWritten = { zone, minute, text: writeTime(at, zone) }
  }
  return lastWritten.text
}

function writeTime(at: number, zone: string): string {
  let format = localFormats.get(zone)
  if (!format) {
    const options = { timeZone: zone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'short' } as const
    format = new Intl.DateTimeFormat('sv-SE', options)
    localFormats.set(zone, format)
  }
  const [date, time] = format.format(at).split(' ')
  return `${date?.replaceAll('-', '/')} ${time}`
}

/** For people: the life of this counter's disk, and the number in it. */
const receiptNumber = ({ code, number }: ReceiptRef): string =>
  `${code.slice(7, 13)}-${String(number).padStart(5, '0')}`

type Content = {
  kind: Receipt['kind']
  receipt: ReceiptRef
  lines: readonly SaleLine[]
  total: number
  tenders: readonly Tender[]
}

function contentOf(event: LedgerEvent): Content | null {
  switch (event.kind) {
    case 'sale.completed':
      return { ...event.body, kind: 'sale' }
    case 'value.toppedUp': {
      const { receipt, paid, tender } = event.body
      return { kind: 'topUp', receipt, lines: [], total: paid, tenders: [tender] }
    }
    case 'value.debited': {
      const { receipt, amount } = event.body
      const tenders: Tender[] = [{ kind: 'storedValue', amount: Amount.parse(amount) }]
      return { kind: 'debit', receipt, lines: [], total: amount, tenders }
    }
    case 'sale.refunded':
    case 'value.topUpRefunded':
    case 'value.debitRefunded':
      return { ...event.body, kind: event.body.mode === 'own' ? 'void' : 'refund', lines: [] }
    default:
      return null
  }
}

function tenderOnPaper(tender: Tender): Receipt['tenders'][number] {
  const { kind, amount } = tender
  return tender.kind === 'cash' ? { kind, amount, tendered: tender.received, change: tender.change } : { kind, amount }
}

function earnedBy(event: LedgerEvent): Receipt['earned'] {
  if (event.kind !== 'sale.completed')
    return { points: -takenBack(event, 'points'), stamps: -takenBack(event, 'stamp') }
  const { points, stamps } = event.body.earned
  return { points, stamps: stamps.reduce((sum, one) => sum + one.count, 0) }
}

/** What an event puts back where points and stamps come from, of what the member has. */
const takenBack = ({ transfers }: LedgerEvent, kind: AssetKind): number =>
  transfers
    .filter(({ asset, from, to }) => assetKind(asset) === kind && from.startsWith('lot:') && to.startsWith('issued:'))
    .reduce((sum, { amount }) => sum + amount, 0)

const balancesOf = (panel: MemberPanel): Receipt['balances'] => ({
  points: panel.points.total,
  storedValue: panel.storedValue.total,
  stamps: panel.stamps.map(({ name, size, holding }) => ({ name, size, count: holding.total })),
  couponCount: panel.coupons.length,
})

function claimOn(counter: Counter, event: LedgerEvent): Receipt['claim'] {
  if (event.kind !== 'sale.completed' || !event.body.claim) return null
  const { token, expiresOn } = event.body.claim
  const promised = event.transfers.filter(({ to }) => to.startsWith('claim:'))
  const count = (points: boolean) =>
    promised.reduce((sum, { asset, amount }) => sum + ((asset === POINTS) === points ? amount : 0), 0)
  const url = claimUrl(counter.settings().claimBaseUrl ?? counter.identity.serverUrl, token)
  return { url, points: count(true), stamps: count(false), expiresOn }
}

/** 王小明 → 王○明: enough to know one's own receipt by. */
function maskName(name: string): string {
  const letters = [...name]
  if (letters.length <= 1) return name
  const [first = '', ...rest] = letters
  const last = rest.pop() ?? ''
  return rest.length === 0 ? `${first}○` : `${first}${'○'.repeat(rest.length)}${last}`
}

/** Shows the last three digits. */
const maskPhone = (phone: string): string => phone.replace(/\d(?=\d{3})/g, '*')
