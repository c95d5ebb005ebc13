/** The screen's writing commands as data, each with the id it was minted with: what is sent, and what its answer shows. */
import { z } from 'zod'
import {
  AdjustInput,
  CheckoutInput,
  DebitInput,
  EnrolInput,
  RedeemInput,
  RefundInput,
  TopUpInput,
} from '#core/contract/terminal.ts'
import type { MemberPanel } from '#core/contract/views.ts'
import { Amount, BusinessDate, StaffId } from '#core/ids.ts'
import type { TerminalClient } from '#renderer/ui/client.ts'
import { outcomeOf } from '#renderer/ui/outcome.ts'
import type { Finished } from './cart.ts'

export type Order =
  | { kind: 'sale'; input: CheckoutInput; total: Amount }
  | { kind: 'topUp'; input: TopUpInput }
  | { kind: 'debit'; input: DebitInput }
  | { kind: 'adjust'; input: AdjustInput }
  | { kind: 'coupon'; input: RedeemInput }
  | { kind: 'refund' | 'couponBack'; input: RefundInput; total: Amount }
  | { kind: 'enrol'; input: z.input<typeof EnrolInput> }

export type Answer = Finished | { kind: 'enrol'; member: MemberPanel }

/** Asks the counter to do it. */
export async function ask(client: TerminalClient, order: Order): Promise<Answer> {
  switch (order.kind) {
    case 'sale':
      return { kind: order.kind, result: await client.checkout.pay(order.input) }
    case 'topUp':
      return { kind: order.kind, result: await client.value.topUp(order.input) }
    case 'debit':
      return { kind: order.kind, result: await client.value.debit(order.input) }
    case 'adjust':
      return { kind: order.kind, result: await client.points.adjust(order.input) }
    case 'coupon':
      return { kind: order.kind, result: await client.coupons.redeem(order.input) }
    case 'refund':
    case 'couponBack':
      return { kind: order.kind, result: await client.transactions.refund(order.input) }
    case 'enrol':
      return { kind: order.kind, member: await client.members.enrol(order.input) }
  }
}

/** An order, and who sent it when. `putOff`: the cashier was told that nobody knows yet, and has gone on. */
export type Sent = { order: Order; staff: StaffId | null; day: BusinessDate; putOff: boolean }

/** A note that has none is an earlier program's. */
const total = Amount.default(Amount.parse(0))
/** A manager's PIN is nowhere but in the command being sent. */
const noPin = { approval: z.unknown().transform(() => null) }

/** The same, as it may be kept. */
export const Note = z.object({
  order: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('sale'), input: CheckoutInput, total }),
    z.object({ kind: z.literal('topUp'), input: TopUpInput }),
    z.object({ kind: z.literal('debit'), input: DebitInput.extend(noPin) }),
    z.object({ kind: z.literal('adjust'), input: AdjustInput.extend(noPin) }),
    z.object({ kind: z.literal('coupon'), input: RedeemInput }),
    z.object({ kind: z.enum(['refund', 'couponBack']), input: RefundInput.extend(noPin), total }),
    z.object({ kind: z.literal('enrol'), input: EnrolInput }),
  ]),
  staff: StaffId.nullable(),
  day: BusinessDate,
  putOff: z.boolean().default(false),
})
export type Note = z.infer<typeof Note>

/**
 * Asks what became of an order that has had no answer. It is done now if it has not been, but for what a manager may have
 * to approve, what someone else has sent or was sent on another day, and what was put off: of that, only whether it is.
 */
export async function askAgain(client: TerminalClient, { order, staff, day, putOff }: Sent): Promise<Answer> {
  // Nobody is enrolled twice.
  if (order.kind === 'enrol') return ask(client, order)
  const now = await client.status.get()
  const stillMeant = staff === now.staff?.id && day === now.businessDate && !putOff
  if (stillMeant && !('approval' in order.input)) return ask(client, order)
  const { id, epoch } = order.input
  return { kind: order.kind, result: await client.transactions.told({ id, epoch }) }
}

/** What words tell of an order that nothing else on the screen shows. */
export type Left = { order: Order; member: string | null }

export async function leftOf(client: TerminalClient, order: Order): Promise<Left> {
  if (order.kind === 'enrol') return { order, member: order.input.name }
  const id = 'member' in order.input ? order.input.member : null
  const found = id && (await outcomeOf(client.members.get({ member: id })))
  return { order, member: found?.ok ? found.value.name : null }
}

/** The money it was about, if it was about money. */
export function amountOf(order: Order): number {
  if (order.kind === 'topUp' || order.kind === 'debit') return order.input.amount
  return 'total' in order ? order.total : 0
}
