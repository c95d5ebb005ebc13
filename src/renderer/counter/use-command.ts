/**
 * One command at a time: its id is minted once, and it is kept with all that it says until there is a definite answer.
 * Until then nothing else is sent in its place; asking again sends the very same.
 */
import { useRef, useState } from 'react'
import type { EventId } from '#core/ids.ts'
import { newEventId } from '#renderer/ui/new-id.ts'
import { isUncertain, outcomeOf, type Failure, type Outcome } from '#renderer/ui/outcome.ts'

export type Command = {
  busy: boolean
  failure: Failure | null
  /** It may have been done: all that may follow is to ask again. */
  uncertain: boolean
  /** Sends it, or once more the one that is still open; null when `done` was called with what came of it. */
  send: <T>(ask: (id: EventId) => Promise<T>, done: (result: T) => void) => Promise<Failure | null>
  again: () => Promise<Failure | null>
  /** Whether one is without a definite answer; true at once after `send`, before anything is drawn. */
  isOpen: () => boolean
  /** The last failure is of no more interest. */
  forget: () => void
}

const RESTING = { busy: false, failure: null, uncertain: false }

export function useCommand(): Command {
  const open = useRef<(() => Promise<Outcome<() => void>>) | null>(null)
  const sending = useRef(false)
  const tried = useRef(false)
  const [state, show] = useState<Pick<Command, 'busy' | 'failure' | 'uncertain'>>(RESTING)

  async function again(): Promise<Failure | null> {
    const ask = open.current
    if (!ask || sending.current) return null
    sending.current = true
    show((before) => ({ ...before, busy: true }))
    const outcome = await ask()
    sending.current = false
    if (outcome.ok) {
      open.current = null
      show(RESTING)
      outcome.value()
      return null
    }
    const uncertain = isUncertain(outcome, tried.current)
    tried.current = uncertain
    if (!uncertain) open.current = null
    show({ busy: false, failure: outcome, uncertain })
    return outcome
  }

  return {
    ...state,
    again,
    async send(ask, done) {
      if (!open.current) {
        const id = newEventId()
        tried.current = false
        open.current = async () => {
          const outcome = await outcomeOf(ask(id))
          return outcome.ok ? { ok: true, value: () => done(outcome.value) } : outcome
        }
      }
      return again()
    },
    isOpen: () => open.current !== null,
    forget: () => show((before) => (open.current ? before : RESTING)),
  }
}
