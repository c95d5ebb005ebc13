/** When a manager's own PIN is needed beside the cashier's, and whether it was given. */
import type { StaffId } from '#core/ids.ts'
import { planned, refuse, type Planned } from '#core/ledger/refusal.ts'
import type { Counter } from './counter.ts'
import type { Session } from './session.ts'

export type Approval = { staff: StaffId; pin: string } | null

/** The approving manager, or null when the amount needs none. */
export async function approve(
  counter: Counter,
  session: Session,
  amount: number,
  approval: Approval,
): Promise<Planned<StaffId | null>> {
  const small = amount <= counter.shop().programme.approvalAbove
  return small ? planned(null) : approveAlways(counter, session, approval)
}

/** The same for what a cashier never does alone; null when a manager does it. */
export async function approveAlways(
  counter: Counter,
  session: Session,
  approval: Approval,
): Promise<Planned<StaffId | null>> {
  const cashier = counter.staff()
  if (!cashier) throw new Error('no one is signed in')
  if (cashier.role !== 'staff') return planned(null)
  if (!approval) return refuse({ code: 'approvalNeeded' })
  const checked = await session.check(approval.staff, approval.pin)
  return checked.ok && checked.staff.role !== 'staff' ? planned(checked.staff.id) : refuse({ code: 'approvalNeeded' })
}
