/** What a scanned text is, here: a member, a coupon and whose it is, a product, a receipt of this counter, or why not. */
import { decodeClaim } from '#core/claim/token.ts'
import { printedNumber } from '#core/receipt/number.ts'
import type { ScanResult } from '#core/contract/views.ts'
import { Amount, MemberId, type LotId } from '#core/ids.ts'
import { formatReceipt, parseCode, productKey, type Code } from '#core/scan/code.ts'
import { memberById } from '#storage/member.repository.ts'
import type { LedgerName } from '#storage/schema.ts'
import type { Counter } from './counter.ts'
import { panelOf } from './member-view.ts'
import { panelByCard } from './members.ts'
import { findByReceipt } from './refunds.ts'

/**
 * A shop may label its goods with codes of its own making, and some of them look like ours: what is nothing else is a
 * product if the catalogue knows it.
 */
export async function scan(counter: Counter, text: string): Promise<ScanResult> {
  const read = await readAs(counter, parseCode(text), text)
  const inVain = read.kind === 'notFound' || read.kind === 'unreadable'
  return (inVain ? inCatalogue(counter, text) : null) ?? read
}

async function readAs(counter: Counter, code: Code, text: string): Promise<ScanResult> {
  switch (code.kind) {
    case 'member': {
      const member = await panelByCard(counter, code.cardNumber)
      return member ? { kind: 'member', member } : { kind: 'notFound', what: 'member', text }
    }
    case 'coupon':
      return coupon(counter, code.couponCode, text)
    case 'product':
      return product(counter, code.gtin, text)
    case 'productLabel':
      return product(counter, code.label, text)
    case 'receipt': {
      const transaction = await findByReceipt(counter, formatReceipt(code))
      return transaction ? { kind: 'receipt', transaction } : { kind: 'notFound', what: 'receipt', text }
    }
    case 'claim':
      return claim(code.token, text)
    case 'invoiceCarrier':
    case 'invoice':
      return { kind: 'invoiceCarrier', text }
    case 'reserved':
      return { kind: 'unreadable', reason: 'reserved', text }
    case 'unknown':
      return { kind: 'unreadable', reason: code.reason ?? 'unknown', text }
  }
}

async function coupon(counter: Counter, code: string, text: string): Promise<ScanResult> {
  const lot = await counter.db.selectFrom('lot').select(['id', 'member']).where('code', '=', code).executeTakeFirst()
  const row = lot && (await memberById(counter.db.$pickTables<LedgerName>(), lot.member))
  if (!row) return { kind: 'notFound', what: 'coupon', text }
  const member = await panelOf(counter, row)
  const found = member.coupons.find((one) => one.lot === lot.id)
  return found ? { kind: 'coupon', coupon: found, member } : { kind: 'notFound', what: 'coupon', text }
}

function product(counter: Counter, code: string, text: string): ScanResult {
  return inCatalogue(counter, code) ?? { kind: 'notFound', what: 'product', text }
}

function inCatalogue(counter: Counter, text: string): ScanResult | null {
  const found = counter.shop().products.get(productKey(text))
  return found ? { kind: 'product', product: { code: found.code, name: found.name, price: found.price } } : null
}

function claim(token: string, text: string): ScanResult {
  const read = decodeClaim(token)
  if ('error' in read) return { kind: 'unreadable', reason: 'badCheck', text }
  const { terminal, epoch, receiptNumber: number, points, stamps, expiresOn } = read.claim
  const receiptNumber = printedNumber({ number, code: formatReceipt({ terminal, epoch, number }) })
  return { kind: 'claim', receiptNumber, points, stamps: Amount.parse(stamps?.count ?? 0), expiresOn }
}

/** Whose coupon a lot is. */
export async function couponOwner(counter: Counter, lot: LotId): Promise<MemberId | null> {
  const row = await counter.db.selectFrom('lot').select('member').where('id', '=', lot).executeTakeFirst()
  return row ? MemberId.parse(row.member) : null
}
