/** Sales and their refunds, with everything a member may pay with. */
import type { TenderInput } from '#core/contract/terminal.ts'
import type { CouponView, MemberPanel } from '#core/contract/views.ts'
import { EventId, type MemberId } from '#core/ids.ts'
import type { SimCounter } from '#test/simulation/counter.ts'
import { pointsFor, priceWith, stampsFor } from '#test/simulation/model.ts'
import type { Sale, World } from '#test/simulation/world.ts'
import { amount, ask, at, did, freshCommand, nth, panelOf, someone, type Step, type Steps } from './step.ts'

type Cart = { price: number; total: number; coupon: CouponView | null; points: number; value: number; spare: number }
type Shopping = (panel: MemberPanel | null) => Cart

/** What is bought, and how the member pays, as far as this counter thinks they can. */
function usual(panel: MemberPanel | null, { a, b, c }: Step): Cart {
  const price = 50 + (c % 40) * 25
  const offered = b % 5 === 2 ? nth(panel?.coupons.filter(({ reachable }) => reachable) ?? [], c) : undefined
  const reduced = offered ? priceWith(offered.template, price) : null
  const coupon = reduced === null ? null : (offered ?? null)
  const total = reduced ?? price
  const points = panel && c % 3 === 0 ? Math.min(total, panel.points.reachable, 1 + (b % 80)) : 0
  const value = panel && c % 4 === 1 ? Math.min(total - points, panel.storedValue.reachable) : 0
  return { price, total, coupon, points, value, spare: (a % 3) * 100 }
}

/** Paid with all that the member has, wherever it is kept. */
export function withEverything(panel: MemberPanel | null, { c }: Step): Cart {
  const [has, owns] = [panel?.points.total ?? 0, panel?.storedValue.total ?? 0]
  const price = 300 + has + owns
  const coupon = nth(panel?.coupons ?? [], c) ?? null
  const total = (coupon && priceWith(coupon.template, price)) ?? price
  const points = Math.min(total, has)
  return { price, total, coupon, points, value: Math.min(total - points, owns), spare: 0 }
}

function tendersFor({ total, points, value, spare }: Cart): TenderInput[] {
  const tenders: TenderInput[] = []
  if (points > 0) tenders.push({ kind: 'points', points: amount(points) })
  if (value > 0) tenders.push({ kind: 'storedValue', amount: amount(value) })
  const left = total - points - value
  if (left > 0) tenders.push({ kind: 'cash', received: amount(left + spare) })
  return tenders
}

/** A sale at this counter, to some member or to nobody known; null when it is refused. */
export function sellAt(world: World, counter: SimCounter, step: Step): Promise<Sale | null> {
  const member = step.b % 4 !== 0 ? someone(world, step.b) : null
  return sellTo(world, counter, member, (panel) => usual(panel, step))
}

export async function sellTo(
  world: World,
  counter: SimCounter,
  member: MemberId | null,
  shopping: Shopping,
): Promise<Sale | null> {
  const panel = member && (await panelOf(counter, member))
  if (member && !panel) return null
  const cart = shopping(panel)
  const command = freshCommand(counter)
  const { id } = command
  const price = amount(cart.price)
  const input = {
    ...command,
    member,
    lines: [{ name: '咖啡', product: null, unitPrice: price, quantity: 1, amount: price }],
    coupons: cart.coupon ? [cart.coupon.lot] : [],
    tenders: tendersFor(cart),
    note: '',
  }
  const pay = () => counter.screen.checkout.pay(input)
  const done = await ask(world, counter, pay)
  if (!done) return null
  const again = await pay()
  if (again.event !== done.event || again.total !== done.total) throw new Error('the same id gave two answers')
  did(world, counter, done)
  if (world.doubleTaps) await counter.screen.checkout.pay({ ...input, ...freshCommand(counter) }).catch(() => undefined)
  keepDisk(world, counter)

  const { total, points, value, coupon } = cart
  const paid = total - points
  const earned = panel ? pointsFor(panel.tier, paid) : 0
  if (done.total !== total) throw new Error(`${done.total} was asked where ${total} is due`)
  if (panel && done.earned.points !== earned)
    throw new Error(`${done.earned.points} points were given for ${paid} paid, where ${earned} are due`)
  const stamps = member ? stampsFor(paid) : 0
  const sale = { event: id, counter: counter.name, member, points, value, earned, stamps, coupon: coupon?.lot ?? null }
  if (member) tellSale(world, { ...sale, member }, 1, id, `sale ${id}`)
  else if (done.claim) await keepClaim(world, counter, sale, done.claim)
  world.sales.push(sale)
  return sale
}

/** What a sale (+1) or its refund (−1) means to its member. */
function tellSale(
  { model }: World,
  { member, points, value, earned, stamps, coupon }: Sale & { member: string },
  sign: 1 | -1,
  event: string,
  why: string,
): void {
  model.tell({ member, asset: 'points', change: sign * (earned - points), why, event })
  model.tell({ member, asset: 'value', change: -sign * value, why, event })
  model.tell({ member, asset: 'stamp', change: sign * stamps, why, event })
  if (coupon) model.useCoupon(coupon, sign, event)
}

/** For disks that keep less than they said. */
function keepDisk(world: World, counter: SimCounter): void {
  if (!world.staleDisks || counter.earlier !== null) return
  counter.earlier = world.freshDir()
  counter.imageInto(counter.earlier)
}

type Promised = { points: number; stamps: number }

async function keepClaim(world: World, counter: SimCounter, { event }: Sale, { points, stamps }: Promised) {
  const { db } = counter.engine.counter
  const row = await db.selectFrom('event').select('text').where('id', '=', event).executeTakeFirstOrThrow()
  const token = /"token":"([^"]+)"/.exec(row.text)?.[1]
  if (token) world.claims.push({ token, points, stamps, sale: event, voidedBy: null })
}

/** Undoes an event at this counter; gives the event that did, or null. */
export async function refundAt(world: World, counter: SimCounter, event: EventId): Promise<EventId | null> {
  const refund = { ...freshCommand(counter), event, reason: '', approval: null }
  const { id } = refund
  const done = await ask(world, counter, () => counter.screen.transactions.refund(refund))
  if (!done) return null
  did(world, counter, done)
  world.model.undoes.set(id, event)
  for (const { lot } of done.ended) world.ended.push({ counter: counter.name, refund: id, lot })
  return id
}

/** Refunds a sale at this counter; answers whether it was. */
export async function refundSale(world: World, counter: SimCounter, sale: Sale): Promise<boolean> {
  const event = EventId.parse(sale.event)
  const id = await refundAt(world, counter, event)
  if (!id) return false
  world.sales.splice(world.sales.indexOf(sale), 1)
  const { member } = sale
  if (member) tellSale(world, { ...sale, member }, -1, id, `refund of ${event}`)
  const claim = world.claims.find((one) => one.sale === sale.event)
  if (claim) claim.voidedBy = id
  const holder = world.model.claimed.get(sale.event)
  if (holder && claim) tellVoid(world, holder, claim, id)
  return true
}

type Voided = { sale: string; points: number; stamps: number }

/** A claim's sale is undone: what it gave is taken back. */
export function tellVoid({ model }: World, member: string, { sale, points, stamps }: Voided, event: string): void {
  const why = `void of ${sale}`
  model.tell({ member, asset: 'points', change: -points, why, event })
  model.tell({ member, asset: 'stamp', change: -stamps, why, event })
}

async function refund(world: World, step: Step): Promise<void> {
  const sale = nth(world.sales, step.b)
  const counter = world.counters.find(({ name }) => name === sale?.counter)
  if (!sale || !counter) return
  world.network.speaker = counter.name
  await refundSale(world, counter, sale)
}

/** At whatever counter the customer comes to; one that does not know the sale asks the server for it. */
async function refundElsewhere(world: World, step: Step): Promise<void> {
  const sale = nth(world.sales, step.b)
  if (sale) await refundSale(world, at(world, step.a), sale)
}

export const SALES: Steps = {
  sale: { odds: 30, run: async (world, step) => void (await sellAt(world, at(world, step.a), step)) },
  refund: { odds: 4, run: refund },
  refundElsewhere: { odds: 3, run: refundElsewhere },
}
