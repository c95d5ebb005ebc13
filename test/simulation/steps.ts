/**
 * What can happen in a shop, one table row each, with a cashier's odds. A step is four numbers drawn up front: what they
 * mean is found out when it runs, so that a run with some steps left out is still a run.
 */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { ORPCError } from '@orpc/client'
import { v7 as uuidv7 } from 'uuid'
import type { Done, MemberPanel } from '#core/contract/views.ts'
import type { TenderInput } from '#core/contract/terminal.ts'
import { Amount, EventId, MemberId } from '#core/ids.ts'
import { Asset, POINTS } from '#core/ledger/asset.ts'
import { restoreBackup } from '#main/restore-backup.ts'
import { expireClaims } from '#server/jobs/expire-claims.ts'
import { expireLots } from '#server/jobs/expire-lots.ts'
import { takeClaim, claimInfo } from '#server/member/claim.ts'
import { readClaim } from '#server/member/claim-token.ts'
import { isRestoring, waitedFor } from '#server/restore/restored.ts'
import type { Chance } from './chance.ts'
import { bonusFor, pointsFor } from './model.ts'
import { crash, putBack, type SimCounter, type World } from './world.ts'

export type Step = { kind: string; a: number; b: number; c: number }

const RANGE = 1_000_000

export function drawSteps(chance: Chance, count: number, kinds = Object.keys(STEPS)): Step[] {
  const odds = kinds.flatMap((kind) => Array.from({ length: STEPS[kind]?.odds ?? 0 }, () => kind))
  return Array.from({ length: count }, () => {
    return { kind: chance.pick(odds), a: chance.int(RANGE), b: chance.int(RANGE), c: chance.int(RANGE) }
  })
}

const nth = <T>(from: readonly T[], n: number): T | undefined => from[n % from.length]
const freshId = () => EventId.parse(uuidv7())
const amount = (n: number) => Amount.parse(n)

function at(world: World, n: number): SimCounter {
  const counter = nth(world.counters, n)
  if (!counter) throw new Error('there is no counter')
  world.network.speaker = counter.name
  return counter
}

const someone = (world: World, n: number): MemberId => MemberId.parse(nth(world.members, n))

/** Null when it is refused, and nothing was done. */
async function told<T>(world: World, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ORPCError && (error.code === 'REFUSED' || error.code === 'STORAGE')) return null
    throw error
  } finally {
    world.network.mishap = null
  }
}

/** Null where this counter has not heard of the member yet. */
async function panelOf(counter: SimCounter, member: MemberId): Promise<MemberPanel | null> {
  try {
    return await counter.screen.members.get({ member })
  } catch (error) {
    if (error instanceof ORPCError && error.code === 'REFUSED') return null
    throw error
  }
}

function did(world: World, counter: SimCounter, done: Done): void {
  world.model.did(done.event, counter.name, done.receipt?.code ?? null)
}

async function sell(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const withMember = step.b % 4 !== 0
  const member = withMember ? someone(world, step.b) : null
  const panel = member && (await panelOf(counter, member))
  if (member && !panel) return
  const price = 50 + (step.c % 40) * 25
  const tenders: TenderInput[] = []
  let left = price
  const points = panel && step.c % 3 === 0 ? Math.min(left, panel.points.reachable, 1 + (step.b % 80)) : 0
  if (points > 0) tenders.push({ kind: 'points', points: amount(points) })
  left -= points
  const value = panel && step.c % 4 === 1 ? Math.min(left, panel.storedValue.reachable) : 0
  if (value > 0) tenders.push({ kind: 'storedValue', amount: amount(value) })
  left -= value
  if (left > 0) tenders.push({ kind: 'cash', received: amount(left + (step.a % 3) * 100) })
  const id = freshId()
  const lines = [{ name: '咖啡', product: null, unitPrice: amount(price), quantity: 1, amount: amount(price) }]
  const ask = () => counter.screen.checkout.pay({ id, member, lines, coupons: [], tenders, note: '' })
  const done = await told(world, ask)
  if (!done) return
  const again = await ask()
  if (again.event !== done.event || again.total !== done.total) throw new Error('the same id gave two answers')
  did(world, counter, done)
  if (world.doubleTaps)
    await counter.screen.checkout
      .pay({ id: freshId(), member, lines, coupons: [], tenders, note: '' })
      .catch(() => undefined)
  if (world.staleDisks && counter.earlier === null) {
    counter.earlier = world.freshDir()
    counter.imageInto(counter.earlier)
  }
  const earned = panel ? pointsFor(panel.tier, price - points) : 0
  if (panel && done.earned.points !== earned)
    throw new Error(`${done.earned.points} points were given for ${price - points} paid, where ${earned} are due`)
  if (member) {
    world.model.tell(member, 'points', earned - points, `sale ${id}`)
    world.model.tell(member, 'value', -value, `sale ${id}`)
  } else if (done.claimPoints > 0) {
    const { rows } = {
      rows: await counter.engine.counter.db.selectFrom('event').select('text').where('id', '=', id).execute(),
    }
    const token = /"token":"([^"]+)"/.exec(rows[0]?.text ?? '')?.[1]
    if (token) world.claims.push({ token, points: done.claimPoints, sale: id, voided: false })
  }
  world.sales.push({ event: id, counter: counter.name, member, points, value, earned })
}

async function refund(world: World, step: Step): Promise<void> {
  const sale = nth(world.sales, step.b)
  const counter = world.counters.find(({ name }) => name === sale?.counter)
  if (!sale || !counter) return
  world.network.speaker = counter.name
  const id = freshId()
  const event = EventId.parse(sale.event)
  const ask = () => counter.screen.transactions.refund({ id, event, reason: '', approval: null })
  const done = await told(world, ask)
  if (!done) return
  did(world, counter, done)
  world.sales.splice(world.sales.indexOf(sale), 1)
  if (sale.member) {
    world.model.tell(sale.member, 'points', sale.points - sale.earned, `refund of ${event}`)
    world.model.tell(sale.member, 'value', sale.value, `refund of ${event}`)
  }
  const claim = world.claims.find((one) => one.sale === sale.event)
  if (claim) claim.voided = true
  const holder = world.model.claimed.get(sale.event)
  if (holder && claim) world.model.tell(holder, 'points', -claim.points, `void of ${event}`)
}

async function topUp(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const member = someone(world, step.b)
  const paid = [1_000, 3_000, 5_000][step.c % 3] ?? 1_000
  const done = await told(world, () =>
    counter.screen.value.topUp({ id: freshId(), member, amount: amount(paid), tender: 'cash', received: amount(paid) }),
  )
  if (!done) return
  did(world, counter, done)
  world.model.tell(member, 'value', paid + bonusFor(paid), `top-up ${done.event}`)
}

async function debit(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const member = someone(world, step.b)
  const wanted = 10 + (step.c % 300)
  const done = await told(world, () =>
    counter.screen.value.debit({ id: freshId(), member, amount: amount(wanted), note: '', approval: null }),
  )
  if (!done) return
  did(world, counter, done)
  world.model.tell(member, 'value', -wanted, `debit ${done.event}`)
}

async function adjust(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const member = someone(world, step.b)
  const direction = step.c % 2 === 0 ? 'grant' : 'deduct'
  const count = 1 + (step.c % 30)
  const asset = Asset.parse(POINTS)
  const done = await told(world, () =>
    counter.screen.points.adjust({
      id: freshId(),
      member,
      asset,
      direction,
      amount: amount(count),
      note: '補登',
      approval: null,
    }),
  )
  if (!done) return
  did(world, counter, done)
  world.model.tell(member, 'points', direction === 'grant' ? count : -count, `adjustment ${done.event}`)
}

async function redeem(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const panel = await panelOf(counter, someone(world, step.b))
  const coupon = nth(panel?.coupons ?? [], step.c)
  if (!coupon) return
  const done = await told(world, () => counter.screen.coupons.redeem({ id: freshId(), lot: coupon.lot, note: '' }))
  if (done) did(world, counter, done)
}

async function enrol(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  world.phones += 1
  const phone = `0987${String(world.phones).padStart(6, '0')}`
  const profile = { name: '新會員', phone, birthday: null, email: '', address: '' }
  const panel = await told(world, () => counter.screen.members.enrol({ id: freshId(), ...profile }))
  if (!panel) return
  world.members.push(panel.id)
  // The welcome gift is for everyone, once.
  world.model.tell(panel.id, 'points', 20, 'welcome')
}

async function claim(world: World, step: Step): Promise<void> {
  const open = nth(world.claims, step.b)
  if (!open || world.model.claimed.has(open.sale)) return
  const { database, ledger } = world.server
  const read = await readClaim(database.db, open.token)
  if ('bad' in read) throw new Error(`a printed claim is ${read.bad}`)
  const printed = { claim: read.claim, store: read.terminal.store }
  const who = { lineUser: `demo:${step.c % 5}`, name: `LINE ${step.c % 5}` }
  const shop = await ledger.readShop(database.db)
  if (!shop) throw new Error('there is no shop')
  const stateFor = async (you: MemberId | null) => (await claimInfo(database.db, shop, Date.now(), printed, you)).state
  if ((await stateFor(null)) !== 'open') return
  await takeClaim(ledger, printed, who)
  const row = await database.db.selectFrom('claim').selectAll().where('id', '=', open.sale).executeTakeFirst()
  if (row?.state !== 'honoured' || row.member === null) throw new Error('an open claim was not honoured')
  if (
    !world.model.told.some(({ member, why }) => member === row.member && why === 'welcome') &&
    !world.members.includes(row.member)
  ) {
    world.members.push(row.member)
    world.model.tell(row.member, 'points', 20, 'welcome')
  }
  world.model.claimed.set(open.sale, row.member)
  world.model.tell(row.member, 'points', open.points, `claim ${open.sale}`)
  // The void has not been heard of yet: when it comes, it takes the points back.
  if (open.voided) world.model.tell(row.member, 'points', -open.points, `void of ${open.sale}`)
}

async function sync(world: World, step: Step): Promise<void> {
  await at(world, step.a).engine.sync.once()
}

/** A round with something going wrong on the line; whoever is struck may lose power at that very moment. */
async function badSync(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const what = (['requestLost', 'answerLost', 'twice'] as const)[step.c % 3] ?? 'twice'
  let image: string | null = null
  world.network.mishap = { after: step.b % 4, what }
  world.network.onMishap = () => {
    if (step.b % 5 !== 0) return
    image = world.freshDir()
    counter.imageInto(image)
    // What the old machine still does reaches nobody.
    world.network.away.add(counter.name)
  }
  await counter.engine.sync.once()
  world.network.mishap = null
  world.network.onMishap = null
  if (image === null) return
  await crash(world, counter, image)
  world.network.away.delete(counter.name)
}

async function partition(world: World, step: Step): Promise<void> {
  const { name, engine } = at(world, step.a)
  const { away } = world.network
  if (away.has(name)) away.delete(name)
  else away.add(name)
  await engine.sync.once()
}

async function passTime(world: World, step: Step): Promise<void> {
  world.clock.pass((1 + (step.a % 30)) * 3_600_000)
  await expireLots(world.server.database, world.server.ledger, Date.now())
  await expireClaims(world.server.database, world.server.ledger, Date.now())
}

async function closeDay(world: World, step: Step): Promise<void> {
  await at(world, step.a).screen.day.close()
}

/** A disk with no room: the sale is refused and leaves nothing; with room again all goes on. */
async function fullDisk(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const { db } = counter.engine.counter
  const { sql } = await import('kysely')
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db)
  await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count ?? 1)}`.execute(db)
  for (let n = 0; n < 3; n += 1) await sell(world, { ...step, b: step.b + n, c: step.c + n })
  await sql`pragma max_page_count = 1073741823`.execute(db)
}

/** The disk is put back from a copy made now, under a new epoch; what it had sent since is at the server (R11). */
async function restoreCounter(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const image = world.freshDir()
  counter.imageInto(image)
  await counter.stop()
  counter.dataDir = image
  await restoreBackup(image, join(image, 'counter.db'), Date.now())
  await counter.start()
}

/** Yesterday's copy of the server, put back (R12); claims and members of LINE since then are only as safe as the copy. */
async function restoreServer(world: World, step: Step): Promise<void> {
  if (await isRestoring(world.server.database.db)) return
  const copy = join(world.dir, `server-${step.b}.copy`)
  await world.stopServer()
  copyFileSync(join(world.dir, 'server.sqlite'), copy)
  await world.startServer()
  const before = world.model.told.length
  for (let n = 0; n < 6; n += 1) {
    const kinds = ['sale', 'sync', 'topUp', 'sync', 'refund', 'sync']
    await runStep(world, { kind: kinds[n] ?? 'sync', a: step.a + n, b: step.b + 7 * n, c: step.c + 3 * n })
  }
  await putBack(world, copy)
  if (world.model.told.length < before) throw new Error('the model forgot something')
  world.network.away.clear()
  for (let round = 0; round < 4; round += 1) {
    for (const counter of world.counters) {
      world.network.speaker = counter.name
      await counter.engine.sync.once()
    }
  }
  const { db } = world.server.database
  if (await isRestoring(db)) {
    const names = (await waitedFor(db)).map(({ name }) => name).join(', ')
    throw new Error(`a restored server still waits for ${names}`)
  }
}

type Row = { odds: number; run(world: World, step: Step): Promise<void> }

const STEPS: Record<string, Row> = {
  sale: { odds: 30, run: sell },
  refund: { odds: 5, run: refund },
  topUp: { odds: 5, run: topUp },
  debit: { odds: 4, run: debit },
  adjust: { odds: 4, run: adjust },
  redeem: { odds: 4, run: redeem },
  enrol: { odds: 3, run: enrol },
  claim: { odds: 6, run: claim },
  sync: { odds: 22, run: sync },
  badSync: { odds: 6, run: badSync },
  partition: { odds: 4, run: partition },
  passTime: { odds: 2, run: passTime },
  closeDay: { odds: 1, run: closeDay },
  crash: { odds: 2, run: async (world, step) => crash(world, at(world, step.a)) },
  fullDisk: { odds: 1, run: fullDisk },
  restoreCounter: { odds: 1, run: restoreCounter },
  restoreServer: { odds: 1, run: restoreServer },
}

export async function runStep(world: World, step: Step): Promise<void> {
  await STEPS[step.kind]?.run(world, step)
}
