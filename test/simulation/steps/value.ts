/** Stored value, points and stamps by hand, coupons by themselves. */
import type { EventId } from '#core/ids.ts'
import { Asset, assetKind, POINTS } from '#core/ledger/asset.ts'
import { bonusFor } from '#test/simulation/model.ts'
import type { World } from '#test/simulation/world.ts'
import { refundAt } from './sales.ts'
import { amount, ask, at, did, freshCommand, nth, panelOf, someone, type Step, type Steps } from './step.ts'

async function topUp(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const member = someone(world, step.b)
  const paid = [1_000, 3_000, 5_000][step.c % 3] ?? 1_000
  const input = {
    ...freshCommand(counter),
    member,
    amount: amount(paid),
    tender: 'cash' as const,
    received: amount(paid),
  }
  const done = await ask(world, counter, () => counter.screen.value.topUp(input))
  if (!done) return
  did(world, counter, done)
  const { event } = done
  const change = paid + bonusFor(paid)
  world.model.tell({ member, asset: 'value', change, why: `top-up ${event}`, event })
  const tellUndone = (undo: EventId) =>
    world.model.tell({ member, asset: 'value', change: -change, why: `refund of top-up ${event}`, event: undo })
  world.doings.push({ event, tellUndone })
}

async function debit(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const member = someone(world, step.b)
  const wanted = 10 + (step.c % 300)
  const input = { ...freshCommand(counter), member, amount: amount(wanted), note: '', approval: null }
  const done = await ask(world, counter, () => counter.screen.value.debit(input))
  if (!done) return
  did(world, counter, done)
  const { event } = done
  world.model.tell({ member, asset: 'value', change: -wanted, why: `debit ${event}`, event })
  const tellUndone = (undo: EventId) =>
    world.model.tell({ member, asset: 'value', change: wanted, why: `refund of debit ${event}`, event: undo })
  world.doings.push({ event, tellUndone })
}

async function adjust(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const member = someone(world, step.b)
  const direction = step.c % 2 === 0 ? ('grant' as const) : ('deduct' as const)
  const [asset, told, count] =
    step.c % 5 === 0
      ? (['stamp:coffee', 'stamp', 1 + (step.c % 3)] as const)
      : ([POINTS, 'points', 1 + (step.c % 30)] as const)
  const input = { ...freshCommand(counter), member, asset: Asset.parse(asset), direction, amount: amount(count) }
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
  const input = { ...freshCommand(counter), lot: coupon.lot, note: '' }
  const done = await ask(world, counter, () => counter.screen.coupons.redeem(input))
  if (!done) return
  did(world, counter, done)
  const { event } = done
  world.model.useCoupon(coupon.lot, 1, event)
  world.doings.push({ event, tellUndone: (undo) => world.model.useCoupon(coupon.lot, -1, undo) })
}

/** A top-up, a debit or a coupon taken back, at whatever counter the customer comes to. */
async function undo(world: World, step: Step): Promise<void> {
  const doing = nth(world.doings, step.b)
  if (!doing) return
  const id = await refundAt(world, at(world, step.a), doing.event)
  if (!id) return
  world.doings.splice(world.doings.indexOf(doing), 1)
  doing.tellUndone(id)
}

/** Of what came back after its last day, as much is given anew; asked for twice, it is given once. */
async function reissue(world: World, step: Step): Promise<void> {
  const ended = nth(world.ended, step.b)
  const counter = world.counters.find(({ name }) => name === ended?.counter)
  if (!ended || !counter) return
  world.network.speaker = counter.name
  const { refund, lot } = ended
  const give = () => counter.screen.transactions.reissue({ refund, lot, approval: null })
  const done = await ask(world, counter, give)
  if (!done) return
  if ((await give()).event !== done.event) throw new Error(`lot ${lot} was given anew twice`)
  world.ended.splice(world.ended.indexOf(ended), 1)
  did(world, counter, done)
  const { event, moved, member } = done
  if (!moved || !member) throw new Error(`giving lot ${lot} anew gave nothing`)
  if (assetKind(moved.asset) === 'coupon') return void world.model.given.push(event)
  const asset = moved.asset === POINTS ? 'points' : 'value'
  world.model.tell({ member: member.id, asset, change: moved.by, why: `given anew ${event}`, event })
}

export const VALUE: Steps = {
  topUp: { odds: 5, run: topUp },
  debit: { odds: 4, run: debit },
  adjust: { odds: 4, run: adjust },
  redeem: { odds: 4, run: redeem },
  undo: { odds: 4, run: undo },
  reissue: { odds: 1, run: reissue },
}
