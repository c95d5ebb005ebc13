/** When a manager's own PIN is needed beside the cashier's, and whether it was given. */
import { isManager } from '#core/contract/views.ts'
import { Amount, type StaffId } from '#core/ids.ts'
import { planned, refuse, type Planned } from '#core/ledger/refusal.ts'
import type { Counter } from './counter.ts'
import type { Session } from './session.ts'

type Approval = { staff: StaffId; pin: string } | null
type At = { counter: Counter; session: Session }

/** No PIN of theirs would do. */
const NO_MANAGER = { attemptsLeft: Amount.parse(0), lockedUntil: null }

/** Does what needs approval above some amount, or `always`; `approvedBy` is null where it needs none, or a manager does it. */
export async function withApproval<T>(
  at: At,
  amount: number | 'always',
  approval: Approval,
  work: (approvedBy: StaffId | null) => Promise<Planned<T>>,
): Promise<Planned<T>> {
  const small = amount !== 'always' && amount <= at.counter.shop().programme.approvalAbove
  const approved = small ? planned(null) : await approvedBy(at, approval)
  return approved.ok ? work(approved.value) : approved
}

async function approvedBy({ counter, session }: At, approval: Approval): Promise<Planned<StaffId | null>> {
  const cashier = counter.staff()
  if (!cashier) throw new Error('no one is signed in')
  if (isManager(cashier)) return planned(null)
  if (!approval) return refuse({ code: 'approvalNeeded' })
  const checked = await session.check(approval.staff, approval.pin)
  if (checked.ok && isManager(checked.staff)) return planned(checked.staff.id)
  const { attemptsLeft, lockedUntil } = checked.ok ? NO_MANAGER : checked
  return refuse({ code: 'approvalNeeded', tried: { attemptsLeft, lockedUntil } })
}
