/**
 * The sale in hand, kept in the browser: a page that is loaded anew has it back for the same cashier on the same day, at
 * once and before anything is keyed or scanned; its member is looked up then (`use-cart.ts`). In `sessionStorage`, so that
 * each tab has its own; from the moment it is being paid, a note has it instead (`notes.ts`).
 */
import { z } from 'zod'
import { TenderInput } from '#core/contract/terminal.ts'
import type { Status } from '#core/contract/views.ts'
import { BusinessDate, LotId, MemberId, StaffId, type TerminalId } from '#core/ids.ts'
import { SaleLine } from '#core/ledger/event-body.ts'
import type { Cart } from './cart.ts'
import { attempt } from './notes.ts'

const KeptCart = z.object({
  staff: StaffId,
  day: BusinessDate,
  member: MemberId.nullable(),
  lines: z.array(SaleLine).min(1),
  coupons: z.array(LotId),
  tenders: z.array(TenderInput),
})
export type KeptCart = z.infer<typeof KeptCart>

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export function keptCart(terminal: TerminalId, storage: () => Kept = () => sessionStorage) {
  const key = `counterfoil:${terminal}:cart`
  const drop = () => attempt(() => storage().removeItem(key), undefined)
  return {
    read(): KeptCart | null {
      const kept = KeptCart.safeParse(attempt<unknown>(() => JSON.parse(storage().getItem(key) ?? ''), null))
      return kept.success ? kept.data : null
    },
    keep(
      { member, lines, coupons, tenders, awaited, phase }: Cart,
      { staff, businessDate }: Pick<Status, 'staff' | 'businessDate'>,
    ) {
      if (phase !== 'open' || lines.length === 0) return drop()
      if (!staff) return
      const kept: KeptCart = {
        staff: staff.id,
        day: businessDate,
        member: member?.id ?? awaited?.member ?? null,
        lines,
        coupons: awaited?.coupons ?? coupons.map(({ lot }) => lot),
        tenders: [...tenders, ...(awaited?.tenders ?? [])],
      }
      attempt(() => storage().setItem(key, JSON.stringify(kept)), undefined)
    },
  }
}
