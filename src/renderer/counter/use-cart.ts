/** The sale in hand, and its member kept as known. */
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { MemberId } from '#core/ids.ts'
import { outcomeOf } from '#renderer/ui/outcome.ts'
import { EMPTY, type Cart } from './cart.ts'
import { overfills, reduceCart, type CartAction } from './cart-reducer.ts'
import { useTerminal } from './terminal.tsx'

/**
 * The cart, readable at once after each action, since keys come faster than screens are drawn. `act` says false where the
 * cart was too full for it.
 */
export function useCart(): { cart: Cart; current: () => Cart; act: (action: CartAction) => boolean } {
  const { programme } = useTerminal()
  const latest = useRef(EMPTY)
  const [cart, show] = useState(EMPTY)
  return {
    cart,
    current: () => latest.current,
    act(action) {
      const fits = !overfills(latest.current, action)
      latest.current = reduceCart(programme, latest.current, action)
      show(latest.current)
      return fits
    },
  }
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
