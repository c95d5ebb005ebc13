/** Stored value, points and stamps by hand, coupons by themselves. */
import { Asset, POINTS } from '#core/ledger/asset.ts'
import { bonusFor } from '#test/simulation/model.ts'
import type { World } from '#test/simulation/world.ts'
import { amount, ask, at, did, freshId, nth, panelOf, someone, type Step, type Steps } from './step.ts'

async function topUp(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const member = someone(world, step.b)
  const paid = [1_000, 3_000, 5_000][step.c % 3] ?? 1_000
  const input = { id: freshId(), member, amount: amount(paid), tender: 'cash' as const, received: amount(paid) }
  const done = await ask(world, counter, () => counter.screen.value.topUp(input))
  if (!done) return
  did(world, counter, done)
  const { event } = done
  world.model.tell({ member, asset: 'value', change: paid + bonusFor(paid), why: `top-up ${event}`, event })
}

async function debit(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const member = someone(world, step.b)
  const wanted = 10 + (step.c % 300)
  const input = { id: freshId(), member, amount: amount(wanted), note: '', approval: null }
  const done = await ask(world, counter, () => counter.screen.value.debit(input))
  if (!done) return
  did(world, counter, done)
  const { event } = done
  world.model.tell({ member, asset: 'value', change: -wanted, why: `debit ${event}`, event })
}

async function adjust(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const member = someone(world, step.b)
  const direction = step.c % 2 === 0 ? ('grant' as const) : ('deduct' as const)
  const [asset, told, count] =
    step.c % 5 === 0
      ? (['stamp:coffee', 'stamp', 1 + (step.c % 3)] as const)
      : ([POINTS, 'points', 1 + (step.c % 30)] as const)
  const input = { id: freshId(), member, asset: Asset.parse(asset), direction, amount: amount(count) }
  const ways = { note: '補登', approval: null }
  const done = await ask(world, counter, () => counter.screen.points.adjust({ ...input, ...ways }))
  if (!done) return
  did(world, counter, done)
  const { event } = done
  const change = direction === 'grant' ? count : -count
  world.model.tell({ member, asset: told, change, why: `adjustment ${event}`, event })
}

async function redeem(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const panel = await panelOf(counter, someone(world, step.b))
  const coupon = nth(panel?.coupons ?? [], step.c)
  if (!coupon) return
  const input = { id: freshId(), lot: coupon.lot, note: '' }
  const done = await ask(world, counter, () => counter.screen.coupons.redeem(input))
  if (!done) return
  did(world, counter, done)
  world.model.useCoupon(coupon.lot, 1, done.event)
  world.gifts.push({ lot: coupon.lot, event: done.event })
}

/** At whatever counter the gift is brought back to. */
async function unredeem(world: World, step: Step): Promise<void> {
  const gift = nth(world.gifts, step.b)
  if (!gift) return
  const counter = at(world, step.a)
  const id = freshId()
  const input = { id, event: gift.event, reason: '', approval: null }
  const done = await ask(world, counter, () => counter.screen.transactions.refund(input))
  if (!done) return
  did(world, counter, done)
  world.gifts.splice(world.gifts.indexOf(gift), 1)
  world.model.undoes.set(id, gift.event)
  world.model.useCoupon(gift.lot, -1, id)
}

export const VALUE: Steps = {
  topUp: { odds: 5, run: topUp },
  debit: { odds: 4, run: debit },
  adjust: { odds: 4, run: adjust },
  redeem: { odds: 4, run: redeem },
  unredeem: { odds: 2, run: unredeem },
}
