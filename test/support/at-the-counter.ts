/** What a cashier does in tests, in few words: baskets, refusals, and members who hold what a test needs. */
import { ORPCError } from '@orpc/client'
import { expect } from 'vitest'
import type { CheckoutInput, TenderInput } from '#core/contract/terminal.ts'
import type { Done } from '#core/contract/views.ts'
import { Amount, MemberId, type EventId, type LotId } from '#core/ids.ts'
import type { SaleLine } from '#core/ledger/event-body.ts'
import { Refusal } from '#core/ledger/refusal.ts'
import { Receipt } from '#core/receipt/receipt.ts'
import type { Db } from '#server/ledger/database.ts'
import { freshId, PINS, staff, type CounterAtWork } from './counter-at-work.ts'
import type { Shop } from './shop.ts'

const amount = (units: number): Amount => Amount.parse(units)

export const cash = (received: number): TenderInput => ({ kind: 'cash', received: amount(received) })
export const card = (units: number): TenderInput => ({ kind: 'card', amount: amount(units) })
export const value = (units: number): TenderInput => ({ kind: 'storedValue', amount: amount(units) })
export const points = (count: number): TenderInput => ({ kind: 'points', points: amount(count) })

const line = (unitPrice: number, name = '手沖單品'): SaleLine => ({
  name,
  product: null,
  unitPrice: amount(unitPrice),
  quantity: 1,
  amount: amount(unitPrice),
})

type Basket = { member?: MemberId; pay?: TenderInput[]; coupons?: LotId[]; id?: CheckoutInput['id']; name?: string }

/** One line of this price, paid in cash to the dollar unless told otherwise. */
export function basket(price: number, { member, pay, coupons = [], id = freshId(), name }: Basket = {}): CheckoutInput {
  return { id, member: member ?? null, lines: [line(price, name)], coupons, tenders: pay ?? [cash(price)], note: '' }
}

/** A command as a screen gives it now: only that is done without the server at a counter put back from a backup (R11). */
export const given = async <I>({ screen }: CounterAtWork, input: I) => ({
  ...input,
  epoch: (await screen.status.get()).epoch,
})

/** What a manager adds to what is above a cashier. */
export const approval = { staff: staff('chen'), pin: PINS.chen }

export const refundAt = ({ screen }: CounterAtWork, event: EventId, id = freshId()): Promise<Done> =>
  screen.transactions.refund({ id, event, reason: '', approval })

/** What a member's stored value is in all, as this counter tells it. */
export const valueOf = async ({ screen }: CounterAtWork, member: MemberId): Promise<number> =>
  (await screen.members.get({ member })).storedValue.total

/** All a member has, whatever lots it is in and whoever keeps it. */
export async function belongings({ screen }: CounterAtWork, member: MemberId) {
  const { points: held, storedValue, stamps, coupons, recent } = await screen.members.get({ member })
  return {
    points: held.total,
    nextExpiry: held.nextExpiry,
    value: storedValue.total,
    stamps: stamps.map(({ holding }) => holding.total),
    coupons: coupons.map(({ lot }) => lot),
    visits: recent.map(({ event }) => event),
  }
}

/** What was first printed of it, or would be. */
export async function paperOf({ db }: CounterAtWork, event: EventId): Promise<Receipt> {
  const jobs = db.selectFrom('print_job').select('document').where('event_id', '=', event).where('copy', '=', 0)
  return Receipt.parse(JSON.parse((await jobs.executeTakeFirstOrThrow()).document))
}

/** What its drawer holds beyond what was in it. */
export async function drawer({ db, engine }: CounterAtWork): Promise<number> {
  const account = `drawer:${engine.counter.ledger.holder.terminal}`
  const row = await db.selectFrom('balance').select('amount').where('account', '=', account).executeTakeFirst()
  return row?.amount ?? 0
}

/** The server goes away, and this counter knows. */
export async function loseServer(shop: Shop, { screen }: CounterAtWork): Promise<void> {
  await shop.stopServer()
  await expect.poll(async () => (await screen.status.get()).online, { timeout: 30_000 }).toBe(false)
}

/** Why it could not be done. Throws when it could, or failed otherwise. */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  const data = await errorData(work, 'REFUSED')
  return Refusal.parse(data)
}

/** The data of the typed error that this must end in. */
export async function errorData(work: Promise<unknown>, code: string): Promise<unknown> {
  try {
    await work
  } catch (error) {
    if (error instanceof ORPCError && error.code === code) return error.data
    throw error
  }
  throw new Error(`it was not refused (${code})`)
}

/** A member of the demo shop with at least so much of an asset free; the n-th of them. */
export async function memberWith(
  shop: { server: { database: { db: Db } } },
  asset: string,
  atLeast = 1,
  n = 0,
): Promise<MemberId> {
  const rows = await shop.server.database.db
    .selectFrom('lot')
    .select(['member', (eb) => eb.fn.sum<number>('free').as('free')])
    .where('asset', '=', asset)
    .groupBy('member')
    .having((eb) => eb.fn.sum('free'), '>=', atLeast)
    .orderBy('member')
    .execute()
  const found = rows[n]
  if (!found) throw new Error(`no demo member has ${atLeast} ${asset}`)
  return MemberId.parse(found.member)
}
