/** A receipt → what to print, in the order of the paper. */
import { formatAmount, formatMoney } from '#core/money.ts'
import type { PrintCommand, TextSize } from './command.ts'
import type { Receipt } from './receipt.ts'
import { wordsOf } from './words.ts'

/** Phones read a claim at arm's length from this size up. */
const CLAIM_QR_MM = 25

type Style = { size?: TextSize; bold?: boolean }

const centred = (text: string, { size = 'normal', bold = false }: Style = {}): PrintCommand => ({
  type: 'text',
  text,
  size,
  align: 'center',
  bold,
})

const row = (left: string, right: string, { size = 'normal', bold = false }: Style = {}): PrintCommand => ({
  type: 'columns',
  left,
  right,
  size,
  bold,
})

const gap = (mm: number): PrintCommand => ({ type: 'feed', mm })
const rule: PrintCommand = { type: 'rule' }

const givesBack = (receipt: Receipt) => receipt.kind === 'refund' || receipt.kind === 'void'

const movesStoredValue = ({ kind, tenders }: Receipt) =>
  kind === 'topUp' || kind === 'debit' || tenders.some((tender) => tender.kind === 'storedValue')

/** Cash changed hands, and this is the first paper of it. */
const opensDrawer = (receipt: Receipt) =>
  !receipt.reprint && receipt.kind !== 'test' && receipt.tenders.some((tender) => tender.kind === 'cash')

function heading(receipt: Receipt): PrintCommand[] {
  const words = wordsOf(receipt.language)
  return [
    ...(receipt.reprint ? [{ type: 'box', text: words.reprint } as const, gap(2)] : []),
    centred(receipt.shopName, { size: 'huge', bold: true }),
    centred(receipt.storeName),
    ...(receipt.kind === 'sale' ? [] : [gap(2), centred(words.title[receipt.kind], { size: 'large', bold: true })]),
    ...(receipt.refundOf ? [centred(words.refundOf(receipt.refundOf.receiptNumber))] : []),
    gap(2),
    row(receipt.localTime, `${words.number} ${receipt.receiptNumber}`, { size: 'small' }),
    row(receipt.counterName, `${words.staff} ${receipt.staffName}`, { size: 'small' }),
    rule,
  ]
}

function goods(receipt: Receipt): PrintCommand[] {
  if (receipt.lines.length + receipt.discounts.length === 0) return []
  const { decimals } = receipt.currency
  const line = ({ name, quantity, unitPrice, amount }: Receipt['lines'][number]): PrintCommand => ({
    type: 'columns',
    left: name,
    ...(quantity === 1 ? {} : { middle: `${formatAmount(quantity)} × ${formatAmount(unitPrice, decimals)}` }),
    right: formatAmount(amount, decimals),
    size: 'normal',
    bold: false,
  })
  const discount = ({ name, amount }: Receipt['discounts'][number]) => row(name, formatAmount(-amount, decimals))
  return [...receipt.lines.map(line), ...receipt.discounts.map(discount), rule]
}

function payment(receipt: Receipt): PrintCommand[] {
  const words = wordsOf(receipt.language)
  const money = (amount: number) => formatMoney(amount, receipt.currency)
  const back = givesBack(receipt)
  const names = back ? words.returned : words.tender
  const tender = ({ kind, amount, points, tendered, change }: Receipt['tenders'][number]): PrintCommand[] => [
    row(names[kind], back && points !== undefined ? words.pointsCount(points) : money(amount)),
    ...(back || tendered === undefined || tendered === amount ? [] : [row(words.tendered, money(tendered))]),
    ...(back || change === undefined || change === 0 ? [] : [row(words.change, money(change))]),
  ]
  return [
    row(words.total[receipt.kind], money(receipt.total), { size: 'large', bold: true }),
    ...(receipt.bonus > 0 ? [row(words.bonus, money(receipt.bonus))] : []),
    ...receipt.tenders.flatMap(tender),
    ...(receipt.lent.value > 0 ? [note(words.lent(money(receipt.lent.value)))] : []),
    ...(receipt.lent.points > 0 ? [note(words.lent(words.pointsLent(receipt.lent.points)))] : []),
  ]
}

/** `●●●○○ 3/5`; a card too long for a row of marks is told in figures alone. */
function stampRow({ name, count, size }: { name: string; count: number; size: number }): PrintCommand {
  const figures = `${formatAmount(count)}/${formatAmount(size)}`
  const marks = size <= 10 && count <= size ? `${'●'.repeat(count)}${'○'.repeat(size - count)} ` : ''
  return row(name, marks + figures)
}

function membership(receipt: Receipt): PrintCommand[] {
  const { member, balances, earned } = receipt
  const words = wordsOf(receipt.language)
  const gained = earned.points > 0 || earned.stamps > 0
  const lost = earned.points < 0 || earned.stamps < 0
  return [
    ...(member
      ? [rule, row(`${member.maskedName}  ${member.tierName}`, member.maskedPhone, { bold: true })]
      : balances
        ? [rule]
        : []),
    ...(gained ? [note(words.earned(earned.points, earned.stamps))] : []),
    ...(lost ? [note(words.takenBack(-earned.points, -earned.stamps))] : []),
    ...(balances
      ? [
          row(words.points, words.pointsCount(balances.points)),
          ...(balances.owed > 0 ? [note(words.owed(balances.owed))] : []),
          ...balances.stamps.map(stampRow),
          ...(movesStoredValue(receipt) || balances.storedValue > 0
            ? [row(words.storedValue, formatMoney(balances.storedValue, receipt.currency))]
            : []),
          ...(balances.couponCount > 0 ? [row(words.coupons, words.couponCount(balances.couponCount))] : []),
        ]
      : member
        ? [note(words.balancesLater)]
        : []),
  ]
}

const note = (text: string): PrintCommand => ({ type: 'text', text, size: 'normal', align: 'left', bold: true })

function claim(receipt: Receipt): PrintCommand[] {
  if (!receipt.claim) return []
  const words = wordsOf(receipt.language)
  return [
    rule,
    gap(2),
    { type: 'qr', text: receipt.claim.url, minMm: CLAIM_QR_MM },
    gap(2),
    centred(words.claim(receipt.claim, receipt.businessDate), { bold: true }),
    centred(words.claimHow, { size: 'small' }),
  ]
}

/** The whole paper of a receipt. Ends with a cut; begins with the drawer where cash changed hands. */
export function layout(receipt: Receipt): PrintCommand[] {
  return [
    ...(opensDrawer(receipt) ? [{ type: 'drawer' } as const] : []),
    ...heading(receipt),
    ...goods(receipt),
    ...payment(receipt),
    ...membership(receipt),
    ...claim(receipt),
    rule,
    gap(2),
    { type: 'code', text: receipt.receiptCode },
    gap(2),
    centred(wordsOf(receipt.language).thanks),
    { type: 'cut' },
  ]
}
