/** What people and networks do to the shop, as data to be drawn at random, and how each is done. */
import { lotsIn } from '#core/ledger/consequence/facts.ts'
import fc from 'fast-check'
import type { LotId, MemberId } from '#core/ids.ts'
import { assetKind, couponTemplateOf, POINTS, type Asset } from '#core/ledger/asset.ts'
import { isExpired, type Lot } from '#core/ledger/lot.ts'
import { planCheckout, type TenderInput } from '#core/ledger/plan/checkout.ts'
import type { PlanContext } from '#core/ledger/plan/context.ts'
import { planAdjustment, planCouponRedemption, planDebit, planTopUp } from '#core/ledger/plan/value.ts'
import type { Draft, LedgerEvent } from '#core/ledger/event.ts'
import type { Planned } from '#core/ledger/refusal.ts'
import { couponTemplate } from '#core/loyalty/programme.ts'
import { quote } from '#core/loyalty/quote.ts'
import { COFFEE, line, programme, VALUE } from '#test/support/programme.ts'
import type { Counter } from './counter.ts'
import { MEMBERS, type World } from './world.ts'

const counter = fc.nat(2)
const member = fc.nat(MEMBERS.length - 1)
const online = fc.boolean()

export const checkouts = fc.record({
  kind: fc.constant('checkout' as const),
  counter,
  member: fc.option(member, { freq: 8 }),
  prices: fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1, maxLength: 3 }),
  points: fc.oneof(fc.constant(0), fc.nat(40)),
  value: fc.oneof(fc.constant(0), fc.nat(600)),
  coupons: fc.nat(2),
  card: fc.boolean(),
  online,
})
const adjust = fc.record({
  kind: fc.constant('adjust' as const),
  counter,
  member,
  asset: fc.constantFrom<Asset>(POINTS, COFFEE),
  direction: fc.constantFrom('grant' as const, 'deduct' as const, 'deduct' as const),
  amount: fc.integer({ min: 1, max: 20 }),
  online,
})
const plain = fc.oneof(
  fc.record({
    kind: fc.constant('topUp' as const),
    counter,
    member,
    amount: fc.constantFrom(500, 1_000, 3_000),
    card: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('debit' as const), counter, member, amount: fc.integer({ min: 1, max: 900 }), online }),
  fc.record({ kind: fc.constant('redeem' as const), counter, member, online }),
  fc.record({ kind: fc.constant('refund' as const), counter, which: fc.nat(6), online }),
  fc.record({ kind: fc.constant('refund' as const), counter, which: fc.constant(0), online }),
)
const push = fc.record({
  kind: fc.constant('push' as const),
  counter,
  limit: fc.integer({ min: 1, max: 20 }),
  lost: fc.boolean(),
})
const network = fc.oneof(
  fc.record({ kind: fc.constant('ask' as const), counter, member, amount: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ kind: fc.constant('deliver' as const), counter, which: fc.nat(5) }),
  fc.record({ kind: fc.constant('return' as const), counter }),
  push,
  push,
  fc.record({ kind: fc.constant('repeat' as const), which: fc.nat(9) }),
)

/** Weeks of a shop's life in one list. `days`: whether nights pass in it. */
export const commands = (days: boolean) =>
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: checkouts },
      { weight: 2, arbitrary: adjust },
      { weight: 5, arbitrary: plain },
      { weight: 7, arbitrary: network },
      ...(days ? [{ weight: 1, arbitrary: fc.record({ kind: fc.constant('night' as const) }) }] : []),
    ),
    { minLength: 1, maxLength: 70, size: 'max' },
  )
export type Command = ReturnType<typeof commands> extends fc.Arbitrary<(infer C)[]> ? C : never
export type Checkout = Extract<Command, { kind: 'checkout' }>

/** Does one command. What a person does is asked twice, as a double tap asks it. */
export function perform(world: World, command: Command): void {
  const at = 'counter' in command ? world.counter(command.counter) : world.counter(0)
  switch (command.kind) {
    case 'checkout':
      sell(world, at, command)
      return
    case 'topUp':
      twice(world, at, (context) =>
        planTopUp(
          context,
          { amount: command.amount, tender: command.card ? 'card' : 'cash', received: 5_000 },
          at.member(memberOf(command)),
        ),
      )
      return
    case 'debit':
      if (command.online) need(world, at, memberOf(command), VALUE, command.amount)
      twice(world, at, (context) =>
        planDebit(context, { amount: command.amount, note: '' }, at.member(memberOf(command))),
      )
      return
    case 'adjust':
      if (command.online && command.direction === 'deduct')
        need(world, at, memberOf(command), command.asset, command.amount)
      twice(world, at, (context) =>
        planAdjustment(context, { ...pickAdjustment(command), note: '.' }, at.member(memberOf(command))),
      )
      return
    case 'redeem':
      redeem(world, at, memberOf(command), command.online)
      return
    case 'refund':
      refund(world, at, at.reversible().toReversed()[command.which], command.online)
      return
    case 'ask': {
      const grant = world.request(at, memberOf(command), [
        { fits: (lot) => lot.asset === POINTS, amount: command.amount },
      ])
      if (grant) at.inbox.push(grant)
      return
    }
    case 'deliver': {
      const grant = at.inbox[command.which % Math.max(1, at.inbox.length)]
      if (grant) at.accept(grant)
      return
    }
    case 'return':
      at.returnAll(world.mint())
      return
    case 'push':
      world.push(at, command.limit, command.lost)
      return
    case 'repeat': {
      const again = world.posted.at(-1 - command.which)
      if (again) world.server.receive(again.holder, again.events)
      return
    }
    case 'night':
      world.nextDay()
  }
}

const memberOf = (command: { member: number }): MemberId => MEMBERS[command.member]!
const pickAdjustment = ({ asset, direction, amount }: Extract<Command, { kind: 'adjust' }>) => ({
  asset,
  direction,
  amount,
})

function need(world: World, at: Counter, who: MemberId, asset: Asset, amount: number): void {
  world.acquire(at, who, [{ fits: (lot) => lot.asset === asset, amount }])
}

function twice(world: World, at: Counter, plan: (context: PlanContext) => Planned<Draft>): Planned<LedgerEvent> {
  const id = world.mint()
  const first = at.run(id, plan)
  const length = at.chain.length
  const second = at.run(id, plan)
  if (first.ok !== second.ok || at.chain.length !== length) throw new Error('the same id gave another answer')
  if (first.ok && second.ok && first.value !== second.value) throw new Error('the same id gave another event')
  return first
}

/** Sells a cart, acquiring first what its tenders and coupons need when connected. */
export function sell(world: World, at: Counter, command: Checkout): Planned<LedgerEvent> {
  const who = command.member === null ? null : MEMBERS[command.member]!
  const lines = command.prices.map((price) => line(price))
  const coupons = who ? applicable(world, at, who, lines, command) : []
  const { total } = quote({ lines, coupons })
  const points = who ? Math.min(command.points, Math.floor(total / (programme.pointWorth ?? 1))) : 0
  const value = who ? Math.min(command.value, total - points * (programme.pointWorth ?? 1)) : 0
  const rest = total - points * (programme.pointWorth ?? 1) - value
  const tenders: TenderInput[] = [
    { kind: 'points', points },
    { kind: 'storedValue', amount: value },
    command.card ? { kind: 'card', amount: rest } : { kind: 'cash', received: rest + 7 },
  ]
  const lots = coupons.map(({ lot }) => lot)
  if (who && command.online) {
    world.acquire(at, who, [
      { fits: (lot) => lot.asset === POINTS, amount: points },
      { fits: (lot) => lot.asset === VALUE, amount: value },
      ...lots.map((id) => ({ fits: (lot: Lot) => lot.id === id, amount: 1 })),
    ])
  }
  return twice(world, at, (context) =>
    planCheckout(context, { lines, coupons: lots, tenders, note: '' }, who ? at.member(who) : null, (promise) =>
      JSON.stringify(promise),
    ),
  )
}

function applicable(
  world: World,
  at: Counter,
  who: MemberId,
  lines: ReturnType<typeof line>[],
  { coupons, online: connected }: Checkout,
) {
  const found = couponsOf(world, at, who, connected).slice(0, coupons)
  return quote({ lines, coupons: found }).rejected.length === 0 ? found : []
}

function couponsOf(world: World, at: Counter, who: MemberId, connected: boolean) {
  const lots = connected ? lotsIn(world.server.facts) : at.held().map(({ lot }) => lot)
  return lots
    .filter(
      (lot) => lot.member === who && !isExpired(lot, world.server.facts.today) && assetKind(lot.asset) === 'coupon',
    )
    .flatMap((lot) => {
      const id = couponTemplateOf(lot.asset)
      const template = id && couponTemplate(programme, id)
      return template ? [{ lot: lot.id, template }] : []
    })
}

function redeem(world: World, at: Counter, who: MemberId, connected: boolean): void {
  const lot: LotId | undefined = couponsOf(world, at, who, connected)[0]?.lot
  if (lot === undefined) return
  if (connected) world.acquire(at, who, [{ fits: (one) => one.id === lot, amount: 1 }])
  twice(world, at, (context) => planCouponRedemption(context, lot, '', at.member(who)))
}

/** Undoes an event of this counter's whole; a top-up's lots are acquired first when connected. */
export function refund(
  world: World,
  at: Counter,
  event: ReturnType<Counter['reversible']>[number] | undefined,
  connected: boolean,
) {
  if (!event) return
  if (connected && event.kind === 'value.toppedUp') {
    const wants = event.lots.map(({ id, quantity }) => ({ fits: (lot: Lot) => lot.id === id, amount: quantity }))
    world.acquire(at, event.body.member, wants)
  }
  const id = world.mint()
  const first = at.refund(id, event)
  const second = at.refund(id, event)
  if (first.ok && (!second.ok || first.value !== second.value)) throw new Error('the same id gave another refund')
}
