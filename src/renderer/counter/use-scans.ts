/**
 * What a scan does, wherever the cashier is: one after the other, in the order they came. While a sale or a dialog's
 * command has no answer they wait, and then begin what is next.
 */
import { useEffect, useRef } from 'react'
import { useTerminal } from './terminal.tsx'
import { outcomeOf } from '#renderer/ui/outcome.ts'
import type { CouponView, ScanResult } from '#core/contract/views.ts'
import { couponTemplate } from '#core/loyalty/programme.ts'
import { isKnownAs, type Cart } from './cart.ts'
import type { CartAction } from './cart-reducer.ts'
import { padOf, type Dialog } from './dialog.ts'
import { cartFull, noticeOf, type Notice } from './notice.ts'

const EXPLAINED = new Set<ScanResult['kind']>(['claim', 'notFound', 'invoiceCarrier', 'unreadable'])

function nameOf(found: ScanResult): string {
  if (found.kind === 'product') return found.product.name
  if (found.kind === 'receipt') return found.transaction.receipt?.code ?? ''
  return 'member' in found ? found.member.name : found.kind
}

type Hands = {
  current: () => Cart
  act: (action: CartAction) => boolean
  tell: (notice: Notice | null) => void
  open: (dialog: Dialog | null) => void
  dialog: () => Dialog | null
  /** Whether everything sent has its answer. */
  isFree: () => boolean
}

export function useScans({ current, act, tell, open, dialog, isFree }: Hands): {
  scan: (text: string) => void
  /** Work in its turn among the scans; says whether it has come to what was meant. */
  inTurn: (work: () => Promise<boolean>) => void
  /** Once all of them are there; false when one of those waited for is not in the sale, and the screen says why. */
  settled: () => Promise<boolean>
} {
  const { client, programme, status } = useTerminal()
  const queue = useRef(Promise.resolve())
  const missed = useRef(false)
  const waiting = useRef<(() => void) | null>(null)
  useEffect(() => {
    if (isFree()) waiting.current?.()
  })

  async function free(): Promise<void> {
    if (!isFree()) await new Promise<void>((resolve) => (waiting.current = resolve))
  }

  async function take(text: string): Promise<boolean> {
    const outcome = await outcomeOf(client.scan({ text }))
    await free()
    if (outcome.ok) return apply(outcome.value)
    act({ do: 'scanned' })
    tell(noticeOf(outcome))
    return false
  }

  /** What can be acted on closes what was open, unless figures are being typed there; what can only be explained does not. */
  function apply(found: ScanResult): boolean {
    const isPlain = EXPLAINED.has(found.kind)
    const first = padOf(dialog())
    if (first && !isPlain) {
      tell({ about: 'finishFirst', first, scanned: nameOf(found) })
      return false
    }
    if (!isPlain) open(null)
    tell(null)
    switch (found.kind) {
      case 'member':
        act({ do: 'member', member: found.member })
        return true
      case 'coupon': {
        const { member: before, done } = current()
        act({ do: 'member', member: found.member })
        if (before && !done && !isKnownAs(before, found.member)) {
          tell({ about: 'memberTaken', member: found.member, before })
        }
        return takeCoupon(found.coupon)
      }
      case 'product':
        return put({ do: 'product', product: found.product })
      case 'receipt':
        act({ do: 'scanned' })
        open({ kind: 'refund', transaction: found.transaction })
        return false
      default:
        act({ do: 'scanned' })
        tell({ about: 'scan', scan: found, offline: !status.online })
        return false
    }
  }

  /** A gift on its own needs no sale, so it is asked about; any other coupon is for the sale in hand. */
  function takeCoupon(coupon: CouponView): boolean {
    const isGift = couponTemplate(programme, coupon.template)?.kind.type === 'gift'
    const forSale = coupon.reachable && (!isGift || current().lines.length > 0)
    if (forSale) return put({ do: 'coupon', coupon })
    if (coupon.reachable) open({ kind: 'coupon', coupon })
    else tell({ about: 'couponOff', coupon })
    return false
  }

  /** Says whether it is in the sale now. */
  function put(action: CartAction): boolean {
    const fits = act(action)
    if (!fits) tell(cartFull(current(), action))
    return fits
  }

  function inTurn(work: () => Promise<boolean>): void {
    queue.current = queue.current
      .then(free)
      .then(work)
      .then((there) => void (missed.current ||= !there))
  }

  return {
    scan: (text) => inTurn(() => take(text)),
    inTurn,
    async settled() {
      missed.current = false
      await queue.current
      return !missed.current
    },
  }
}
