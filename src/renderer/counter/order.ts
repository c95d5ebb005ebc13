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
import { BusinessDate, StaffId } from '#core/ids.ts'
import type { TerminalClient } from '#renderer/ui/client.ts'
import type { Finished } from './cart.ts'

export type Order =
  | { kind: 'sale'; input: CheckoutInput }
  | { kind: 'topUp'; input: TopUpInput }
  | { kind: 'debit'; input: DebitInput }
  | { kind: 'adjust'; input: AdjustInput }
  | { kind: 'coupon'; input: RedeemInput }
  | { kind: 'refund' | 'couponBack'; input: RefundInput }
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

/** An order, and who sent it when. */
export type Sent = { order: Order; staff: StaffId | null; day: BusinessDate }

/** A manager's PIN is nowhere but in the command being sent. */
const noPin = { approval: z.unknown().transform(() => null) }

/** The same, as it may be kept. */
export const Note = z.object({
  order: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('sale'), input: CheckoutInput }),
    z.object({ kind: z.literal('topUp'), input: TopUpInput }),
    z.object({ kind: z.literal('debit'), input: DebitInput.extend(noPin) }),
    z.object({ kind: z.literal('adjust'), input: AdjustInput.extend(noPin) }),
    z.object({ kind: z.literal('coupon'), input: RedeemInput }),
    z.object({ kind: z.enum(['refund', 'couponBack']), input: RefundInput.extend(noPin) }),
    z.object({ kind: z.literal('enrol'), input: EnrolInput }),
  ]),
  staff: StaffId.nullable(),
  day: BusinessDate,
})
export type Note = z.infer<typeof Note>

/**
 * Asks what became of an order that has had no answer. It is done now if it has not been, but for what a manager may have
 * to approve, and what someone else has sent or was sent on another day: of that, only whether it is done.
 */
export async function askAgain(client: TerminalClient, { order, staff, day }: Sent): Promise<Answer> {
  // Nobody is enrolled twice.
  if (order.kind === 'enrol') return ask(client, order)
  const now = await client.status.get()
  const stillMeant = staff === now.staff?.id && day === now.businessDate && !('approval' in order.input)
  if (stillMeant) return ask(client, order)
  return { kind: order.kind, result: await client.transactions.told({ id: order.input.id }) }
}
