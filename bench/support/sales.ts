/** What a day's customers buy and how they pay, as the counter's screen would ask for it. */
import { v7 as uuidv7 } from 'uuid'
import type { CheckoutInput } from '#core/contract/terminal.ts'
import { Amount, EventId, type MemberId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { inKeeping, lotsOfMember } from '#main/counter/holdings.ts'
import type { Counter } from '#main/counter/counter.ts'
import { memberId } from './members.ts'
import type { Random } from './random.ts'

const MENU = [
  { name: '美式咖啡', price: 75 },
  { name: '拿鐵（大）', price: 120 },
  { name: '抹茶歐蕾', price: 130 },
  { name: '檸檬塔', price: 145 },
  { name: '火腿起司三明治', price: 95 },
]

/** Regulars: the members who come here, out of all. */
const REGULARS = 4_000

/**
 * Three in four are members (most pay cash, some by card or with the points they have earned here since); the rest take
 * a claim home on the receipt.
 */
export async function nextSale(counter: Counter, draw: Random, members: number): Promise<CheckoutInput> {
  const lines = Array.from({ length: 1 + draw.int(3) }, () => line(draw))
  const due = lines.reduce((sum, { amount }) => sum + amount, 0)
  const member =
    draw.int(4) === 0
      ? null
      : memberId(draw.int(Math.min(REGULARS, members)) * Math.max(1, Math.floor(members / REGULARS)))
  const points = member && draw.int(4) === 0 ? await pointsInHand(counter, member, due) : 0
  const rest = due - points
  const tenders: CheckoutInput['tenders'] = points > 0 ? [{ kind: 'points', points: Amount.parse(points) }] : []
  if (draw.int(4) === 0) tenders.push({ kind: 'card', amount: Amount.parse(rest) })
  else tenders.push({ kind: 'cash', received: Amount.parse(Math.ceil(rest / 100) * 100) })
  return { id: EventId.parse(uuidv7()), member, lines, coupons: [], tenders, note: '' }
}

function line(draw: Random): CheckoutInput['lines'][number] {
  const { name, price } = draw.pick(MENU)
  const quantity = 1 + draw.int(2)
  return { name, product: null, unitPrice: Amount.parse(price), quantity, amount: Amount.parse(price * quantity) }
}

async function pointsInHand(counter: Counter, member: MemberId, atMost: number): Promise<number> {
  const held = inKeeping(await lotsOfMember(counter.db, counter.ledger.holder, counter.ack(), [member]))
  return Math.min(
    atMost,
    held.reduce((sum, { lot, amount }) => sum + (lot.asset === POINTS ? amount : 0), 0),
  )
}
