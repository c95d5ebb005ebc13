/**
 * One command at a time, kept with all that it says until there is a definite answer. Until then nothing else is sent in
 * its place; asking again goes by the same id.
 */
import { useRef, useState } from 'react'
import { isPutOff, isUncertain, outcomeOf, type Failure, type Outcome } from '#renderer/ui/outcome.ts'

export type Command = {
  busy: boolean
  failure: Failure | null
  /** It may have been done: all that may follow is to ask again. */
  uncertain: boolean
  /** Sends it, or once more the one that is still open; null when it is done. */
  send: <T>(work: Work<T>) => Promise<Failure | null>
  again: () => Promise<Failure | null>
  /** Whether one is without a definite answer; true at once after `send`, before anything is drawn. */
  isOpen: () => boolean
  /** The last failure is of no more interest. */
  forget: () => void
}

export type Work<T> = {
  /** Under the same id each time. `again`: it may be done already. */
  ask: (again: boolean) => Promise<T>
  done: (result: T) => void
  undone?: (failure: Failure) => void
  /** Kept before it is first sent, and dropped with its definite answer, which no order has that is put off. */
  note?: { keep: () => void; drop: () => void }
  /** A page before this one has sent it, and it may be done. */
  sentBefore?: boolean
}

const RESTING = { busy: false, failure: null, uncertain: false }

export function useCommand(): Command {
  const open = useRef<{
    ask: (again: boolean) => Promise<Outcome<() => void>>
    undone: (failure: Failure) => void
  } | null>(null)
  const sending = useRef(false)
  const tried = useRef(false)
  const [state, show] = useState<Pick<Command, 'busy' | 'failure' | 'uncertain'>>(RESTING)

  async function again(): Promise<Failure | null> {
    const asked = open.current
    if (!asked || sending.current) return null
    sending.current = true
    show((before) => ({ ...before, busy: true }))
    const outcome = await asked.ask(tried.current)
    sending.current = false
    if (outcome.ok) {
      open.current = null
      show(RESTING)
      outcome.value()
      return null
    }
    const uncertain = isUncertain(outcome, tried.current)
    tried.current = uncertain
    show({ busy: false, failure: outcome, uncertain })
    if (!uncertain) {
      open.current = null
      asked.undone(outcome)
    }
    return outcome
  }

  return {
    ...state,
    again,
    async send({ ask, done, undone, note, sentBefore = false }) {
      if (!open.current) {
        note?.keep()
        tried.current = sentBefore
        open.current = {
          async ask(again) {
            const outcome = await outcomeOf(ask(again))
            if (!outcome.ok) return outcome
            note?.drop()
            return { ok: true, value: () => done(outcome.value) }
          },
          undone(failure) {
            if (!isPutOff(failure)) note?.drop()
            undone?.(failure)
          },
        }
      }
      return again()
    },
    isOpen: () => open.current !== null,
    forget: () => show((before) => (open.current ? before : RESTING)),
  }
}
