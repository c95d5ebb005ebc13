import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { outcomeOf } from '#renderer/ui/outcome.ts'

/** Signs out; `ask` only after a question where that would throw away what has been rung up. */
export function useSignOut(): { ask: () => void; signOut: () => Promise<void> } {
  const { client } = useTerminal()
  const { ringing, act, open } = useDesk()

  async function signOut(): Promise<void> {
    const outcome = await outcomeOf(client.session.signOut())
    if (!outcome.ok) return
    open(null)
    act({ do: 'clear' })
  }
  return { signOut, ask: () => (ringing.lines.length > 0 ? open({ kind: 'signOut' }) : void signOut()) }
}
