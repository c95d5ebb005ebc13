/** The sale in hand, and its member kept as known. */
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import type { MemberId } from '#core/ids.ts'
import { outcomeOf } from '#renderer/ui/outcome.ts'
import { EMPTY, isRinging, type Cart } from './cart.ts'
import { overfills, reduceCart, restoring, type CartAction } from './cart-reducer.ts'
import { keptCart, type KeptCart } from './kept-cart.ts'
import { useTerminal } from './terminal.tsx'

/**
 * The cart, readable at once after each action, since keys come faster than screens are drawn. `act` says false where the
 * cart was too full for it.
 */
export function useCart(): { cart: Cart; current: () => Cart; act: (action: CartAction) => boolean } {
  const { client, programme, status } = useTerminal()
  const latest = useRef(EMPTY)
  const [cart, show] = useState(EMPTY)
  const kept = useMemo(() => keptCart(status.terminal), [status.terminal])
  const [found] = useState(kept.read)

  function act(action: CartAction): boolean {
    const fits = !overfills(latest.current, action)
    latest.current = reduceCart(programme, latest.current, action)
    kept.keep(latest.current, status)
    show(latest.current)
    return fits
  }

  useBackInHand(found, async (before) => {
    if (before.staff !== status.staff?.id || before.day !== status.businessDate) return kept.drop()
    const member = before.member && (await outcomeOf(client.members.get({ member: before.member })))
    if (!isRinging(latest.current)) act(restoring(member?.ok ? member.value : null, before))
  })
  useNoReload(() => isRinging(latest.current))
  return { cart, current: () => latest.current, act }
}

/** What a page before this one had in hand, once somebody has signed in. */
function useBackInHand(found: KeptCart | null, take: (found: KeptCart) => Promise<void>): void {
  const left = useRef(found)
  const signedIn = useTerminal().status.staff !== null
  const takeUp = useEffectEvent(() => {
    const before = left.current
    left.current = null
    if (before) void take(before)
  })
  useEffect(() => {
    if (signedIn) takeUp()
  }, [signedIn])
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
