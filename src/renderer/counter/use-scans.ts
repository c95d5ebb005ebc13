/** What a scan does, wherever the cashier is: one after the other, in the order they came. */
import { useRef } from 'react'
import { useTerminal } from './terminal.tsx'
import { outcomeOf } from '#renderer/ui/outcome.ts'
import type { CouponView, ScanResult } from '#core/contract/views.ts'
import { couponTemplate } from '#core/loyalty/programme.ts'
import { isKnownAs, type Cart, type CartAction } from './cart.ts'
import type { Dialog } from './dialog.ts'
import { noticeOf, type Notice } from './notice.ts'

const EXPLAINED = new Set<ScanResult['kind']>(['claim', 'notFound', 'invoiceCarrier', 'unreadable'])

type Hands = {
  current: () => Cart
  act: (action: CartAction) => void
  tell: (notice: Notice | null) => void
  open: (dialog: Dialog | null) => void
}

export function useScans({ current, act, tell, open }: Hands): {
  scan: (text: string) => void
  settled: () => Promise<void>
} {
  const { client, programme } = useTerminal()
  const queue = useRef(Promise.resolve())

  async function take(text: string): Promise<void> {
    const outcome = await outcomeOf(client.scan({ text }))
    if (!outcome.ok) return tell(noticeOf(outcome))
    apply(outcome.value)
  }

  /** What can be acted on closes what was open; what can only be explained leaves a form as it was. */
  function apply(found: ScanResult): void {
    if (!EXPLAINED.has(found.kind)) open(null)
    tell(null)
    switch (found.kind) {
      case 'member':
        return act({ do: 'member', member: found.member })
      case 'coupon': {
        const { member: before, done } = current()
        act({ do: 'member', member: found.member })
        if (before && !done && !isKnownAs(before, found.member)) {
          tell({ about: 'memberTaken', member: found.member, before })
        }
        return takeCoupon(found.coupon)
      }
      case 'product':
        return act({ do: 'product', product: found.product })
      case 'receipt':
        return open({ kind: 'refund', transaction: found.transaction })
      default:
        return tell({ about: 'scan', scan: found })
    }
  }

  /** A gift on its own needs no sale, so it is asked about; any other coupon is for the sale in hand. */
  function takeCoupon(coupon: CouponView): void {
    if (!coupon.reachable) return tell({ about: 'couponOff', coupon })
    const isGift = couponTemplate(programme, coupon.template)?.kind.type === 'gift'
    if (isGift && current().lines.length === 0) return open({ kind: 'coupon', coupon })
    act({ do: 'coupon', coupon })
  }

  return {
    scan: (text) => {
      queue.current = queue.current.then(() => take(text))
    },
    settled: () => queue.current,
  }
}
