/** The sale in hand, and its member kept as known. */
import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { MemberPanel } from '#core/contract/views.ts'
import type { BusinessDate, MemberId, StaffId } from '#core/ids.ts'
import { outcomeOf, type Outcome } from '#renderer/ui/outcome.ts'
import { EMPTY, isRinging, type Cart } from './cart.ts'
import { bringingBack, overfills, reduceCart, type CartAction } from './cart-reducer.ts'
import { keptCart } from './kept-cart.ts'
import type { Report } from './notice.ts'
import { useTerminal } from './terminal.tsx'

type Hands = { staff: StaffId; day: BusinessDate }
type Said = {
  report: (report: Report) => void
  /** What was before another cashier is taken from the screen. */
  onOthers: () => void
}

/**
 * The cart, readable at once after each action, since keys come faster than screens are drawn. `act` says false where the
 * cart was too full for it; `isOwn`, whether who is at the desk now has done this today.
 */
export function useCart(said: Said): {
  cart: Cart
  current: () => Cart
  act: (action: CartAction) => boolean
  isOwn: (one: { staff: StaffId | null; day: BusinessDate }) => boolean
} {
  const { programme, status } = useTerminal()
  const latest = useRef(EMPTY)
  const [cart, show] = useState(EMPTY)
  const kept = useMemo(() => keptCart(status.terminal), [status.terminal])
  const hands = useRef<Hands | null>(null)

  function act(action: CartAction): boolean {
    const fits = !overfills(latest.current, action)
    latest.current = reduceCart(programme, latest.current, action)
    kept.keep(latest.current, status)
    show(latest.current)
    return fits
  }

  const isOwn = ({ staff, day }: { staff: StaffId | null; day: BusinessDate }) =>
    staff === hands.current?.staff && day === hands.current.day

  useSignedIn(
    (now) => {
      const before = hands.current
      hands.current = now
      // What is being paid is asked about first, and its answer says whose it is.
      if (latest.current.phase !== 'open' || (before && isOwn(before))) return
      const found = before ? null : kept.read()
      act(found && isOwn(found) ? bringingBack(found) : { do: 'clear' })
      if (before) said.onOthers()
    },
    (now) => (hands.current = now),
  )
  useAwaited(cart.awaited?.member ?? null, (outcome) => {
    if (outcome.ok) return void act({ do: 'rejoined', member: outcome.value })
    if (outcome.why !== 'refused' || !latest.current.awaited) return
    said.report({ of: latest.current.awaited.member, notice: { about: 'memberLost' } })
    act({ do: 'clearMember' })
  })
  useNoReload(() => isRinging(latest.current))
  return { cart, current: () => latest.current, act, isOwn }
}

/** Before a key or a scan can come. A day that begins while somebody is at work takes nothing out of their hands. */
function useSignedIn(signedIn: (now: Hands) => void, nextDay: (now: Hands) => void): void {
  const { staff, businessDate: day } = useTerminal().status
  const id = staff?.id
  const onSignIn = useEffectEvent((staff: StaffId) => signedIn({ staff, day }))
  const onDay = useEffectEvent((day: BusinessDate) => id && nextDay({ staff: id, day }))
  useLayoutEffect(() => {
    if (id) onSignIn(id)
  }, [id])
  useLayoutEffect(() => {
    onDay(day)
  }, [day])
}

const AGAIN_MS = 1_000

/** Asked until there is an answer. */
function useAwaited(member: MemberId | null, answered: (outcome: Outcome<MemberPanel>) => void): void {
  const { client } = useTerminal()
  const look = useEffectEvent(async (member: MemberId, isAwaited: () => boolean) => {
    const outcome = await outcomeOf(client.members.get({ member }))
    if (isAwaited()) answered(outcome)
  })
  useEffect(() => {
    if (!member) return
    let awaited = true
    const ask = () => void look(member, () => awaited)
    ask()
    const timer = setInterval(ask, AGAIN_MS)
    return () => {
      awaited = false
      clearInterval(timer)
    }
  }, [member])
}

/** F5 is beside the keys that are used all day. */
function useNoReload(isBusy: () => boolean): void {
  const busy = useEffectEvent(isBusy)
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.key === 'F5' && !event.ctrlKey && busy()) event.preventDefault()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
}

/** Balances follow what the counter learns, and whether it is connected. */
export function useFreshMember(cart: Cart, act: (action: CartAction) => void): void {
  const { client, status } = useTerminal()
  const member = cart.member?.id
  const refresh = useEffectEvent(async (id: MemberId) => {
    const outcome = await outcomeOf(client.members.get({ member: id }))
    if (outcome.ok) act({ do: 'refreshed', member: outcome.value })
  })
  useEffect(() => {
    if (member) void refresh(member)
  }, [member, status.dataVersion, status.online])
}
