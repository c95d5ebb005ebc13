/** What a scanned text is, here: a member, a coupon and whose it is, a product, a receipt of this counter, or why not. */
import { decodeClaim } from '#core/claim/token.ts'
import type { ProductState } from '#core/contract/sync-rows.ts'
import type { ProductView, ScanResult } from '#core/contract/views.ts'
import { Amount, MemberId, type LotId } from '#core/ids.ts'
import { formatReceipt, parseCode } from '#core/scan/code.ts'
import { memberById } from '#storage/member.repository.ts'
import type { LedgerName } from '#storage/schema.ts'
import type { Counter } from './counter.ts'
import { panelOf } from './member-view.ts'
import { panelByCard } from './members.ts'
import { findByReceipt } from './refunds.ts'

export async function scan(counter: Counter, text: string): Promise<ScanResult> {
  const code = parseCode(text)
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
      return unknown(counter, text, code.reason === 'badCheck')
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

const viewOf = ({ code, name, price }: ProductState): ProductView => ({ code, name, price })

function product(counter: Counter, code: string, text: string): ScanResult {
  const found = counter.shop().products.get(code)
  return found ? { kind: 'product', product: viewOf(found) } : { kind: 'notFound', what: 'product', text }
}

/** A shop may label its goods with codes of its own making; if the catalogue knows one, it is a product. */
function unknown(counter: Counter, text: string, badCheck: boolean): ScanResult {
  const found = counter.shop().products.get(text.trim())
  if (found) return { kind: 'product', product: viewOf(found) }
  return { kind: 'unreadable', reason: badCheck ? 'badCheck' : 'unknown', text }
}

function claim(token: string, text: string): ScanResult {
  const read = decodeClaim(token)
  if ('error' in read) return { kind: 'unreadable', reason: 'badCheck', text }
  const { receiptNumber, points, stamps, expiresOn } = read.claim
  return { kind: 'claim', receiptNumber, points, stamps: Amount.parse(stamps?.count ?? 0), expiresOn }
}

/** Whose coupon a lot is. */
export async function couponOwner(counter: Counter, lot: LotId): Promise<MemberId | null> {
  const row = await counter.db.selectFrom('lot').select('member').where('id', '=', lot).executeTakeFirst()
  return row ? MemberId.parse(row.member) : null
}
