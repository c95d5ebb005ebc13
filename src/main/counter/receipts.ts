/** Turns an event into the receipt it prints, and puts it into the spool within the event's own transaction. */
import { v7 as uuidv7 } from 'uuid'
import { claimUrl } from '#core/claim/token.ts'
import type { MemberPanel } from '#core/contract/views.ts'
import { happenedAt, type LedgerEvent } from '#core/ledger/event.ts'
import { isLeftToServer, receiptOf } from '#core/ledger/event-about.ts'
import { lentIn, promisedIn } from '#core/ledger/moved.ts'
import { localTime } from '#core/receipt/local-time.ts'
import { maskName, maskPhone } from '#core/receipt/mask.ts'
import { contentOf, earnedOnPaper, tenderOnPaper } from '#core/receipt/of-event.ts'
import { printedNumber } from '#core/receipt/number.ts'
import type { Receipt } from '#core/receipt/receipt.ts'
import { enqueue } from '#main/devices/printing/print-job.ts'
import type { Counter } from './counter.ts'

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
    receiptNumber: printedNumber(content.receipt),
    receiptCode: content.receipt.code,
    lines: content.lines.map(({ name, quantity, unitPrice, amount }) => ({ name, quantity, unitPrice, amount })),
    discounts:
      event.kind === 'sale.completed' ? event.body.discounts.map(({ name, amount }) => ({ name, amount })) : [],
    total: content.total,
    tenders: content.tenders.map(tenderOnPaper),
    earned: earnedOnPaper(event),
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
    refundOf: undone && { receiptNumber: printedNumber(undone) },
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

const balancesOf = (panel: MemberPanel): Receipt['balances'] => ({
  points: panel.points.total,
  owed: panel.points.owed,
  storedValue: panel.storedValue.total,
  stamps: panel.stamps.map(({ name, size, holding }) => ({ name, size, count: holding.total })),
  couponCount: panel.coupons.length,
})

function claimOn(counter: Counter, event: LedgerEvent): Receipt['claim'] {
  if (event.kind !== 'sale.completed' || !event.body.claim) return null
  const { token, expiresOn } = event.body.claim
  const url = claimUrl(counter.settings().claimBaseUrl ?? counter.identity.serverUrl, token)
  return { url, ...promisedIn(event), expiresOn }
}
