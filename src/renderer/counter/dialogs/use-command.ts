/** One command of a dialog: its id is minted once and kept until there is a definite answer. */
import { useRef, useState } from 'react'
import type { EventId } from '#core/ids.ts'
import { newEventId } from '#renderer/ui/new-id.ts'
import { isUncertain, outcomeOf, type Failure } from '#renderer/ui/outcome.ts'

type Command = {
  busy: boolean
  failure: Failure | null
  /** Sends it; null when it was not done, with `failure` saying why. A second call while busy does nothing. */
  send: <T>(ask: (id: EventId) => Promise<T>) => Promise<T | null>
}

export function useCommand(): Command {
  const id = useRef<EventId | null>(null)
  const sending = useRef(false)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  return {
    busy,
    failure,
    async send(ask) {
      if (sending.current) return null
      sending.current = true
      setBusy(true)
      id.current ??= newEventId()
      const outcome = await outcomeOf(ask(id.current))
      sending.current = false
      setBusy(false)
      if (outcome.ok || !isUncertain(outcome)) id.current = null
      setFailure(outcome.ok ? null : outcome)
      return outcome.ok ? outcome.value : null
    },
  }
}
