/** Barcodes a newcomer can "scan" without a scanner: members, coupons and products of the shop this counter knows. */
import type { DemoCode } from '#core/contract/terminal.ts'
import { CardNumber, CouponCode } from '#core/ids.ts'
import { Asset, couponTemplateOf } from '#core/ledger/asset.ts'
import { printedNumber } from '#core/receipt/number.ts'
import { couponTemplate } from '#core/loyalty/programme.ts'
import { formatCoupon, formatMemberCard, parseCode } from '#core/scan/code.ts'
import type { Counter } from '#main/counter/counter.ts'

const MEMBERS = 6
const COUPONS = 3
const PRODUCTS = 8

export async function demoCodes(counter: Counter): Promise<DemoCode[]> {
  const members = await counter.db.selectFrom('member').select(['name', 'card']).orderBy('id').limit(MEMBERS).execute()
  const coupons = await counter.db
    .selectFrom('lot')
    .innerJoin('member', 'member.id', 'lot.member')
    .select(['lot.asset', 'lot.code', 'member.name'])
    .where('lot.code', 'is not', null)
    .where('lot.free', '>', 0)
    .orderBy('lot.id')
    .limit(COUPONS * 5)
    .execute()
  const products = [...counter.shop().products.values()].slice(0, PRODUCTS)
  const last = await counter.db
    .selectFrom('event')
    .select('receipt')
    .where('receipt', 'is not', null)
    .orderBy('occurred_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return [
    ...members.map(({ name, card }): DemoCode => ({
      label: name,
      kind: 'member',
      text: formatMemberCard(CardNumber.parse(card)),
    })),
    ...oneOfEach(coupons).map(({ asset, name, code }): DemoCode => ({
      label: `${couponName(counter, asset)} · ${name}`,
      kind: 'coupon',
      text: formatCoupon(CouponCode.parse(code)),
    })),
    ...products.map(({ name, code }): DemoCode => ({ label: name, kind: 'product', text: code })),
    ...(last?.receipt ? [{ label: receiptLabel(last.receipt), kind: 'receipt', text: last.receipt } as const] : []),
    { label: '/ABC1234', kind: 'carrier', text: '/ABC1234' },
  ]
}

/** Coupons of different kinds, so that each can be tried. */
const oneOfEach = <T extends { asset: string }>(coupons: readonly T[]): T[] =>
  [...new Map(coupons.map((coupon) => [coupon.asset, coupon])).values()].slice(0, COUPONS)

function couponName(counter: Counter, asset: string): string {
  const id = couponTemplateOf(Asset.parse(asset))
  return (id && couponTemplate(counter.shop().programme, id)?.name) ?? asset
}

function receiptLabel(text: string): string {
  const code = parseCode(text)
  return code.kind === 'receipt' ? printedNumber({ code: text, number: code.number }) : text
}
