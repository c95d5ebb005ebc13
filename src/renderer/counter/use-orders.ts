/**
 * Sends the desk's orders, each with a note for as long as it has no answer; and takes up, one after the other, those that
 * a page before this one has left, so that the cashier learns what became of them.
 */
import { useMemo, useRef } from 'react'
import { isPutOff, outcomeOf, type Failure } from '#renderer/ui/outcome.ts'
import { isForAnother, isRinging, type Cart } from './cart.ts'
import { restoring, type CartAction } from './cart-reducer.ts'
import type { Dialog } from './dialog.ts'
import { noticeOf, type Notice } from './notice.ts'
import { notesOf } from './notes.ts'
import { ask, askAgain, leftOf, type Answer, type Note, type Order, type Sent } from './order.ts'
import { useTerminal } from './terminal.tsx'
import type { Command } from './use-command.ts'
import { usePutOff } from './use-put-off.ts'

type Hands = {
  command: Command
  current: () => Cart
  act: (action: CartAction) => void
  tell: (notice: Notice | null) => void
  show: (dialog: Dialog) => void
  close: () => void
}

export function useOrders({ command, current, act, tell, show, close }: Hands): {
  place: (slot: Command, order: Order, done: (answer: Answer) => void) => Promise<Failure | null>
  /** For the open dialog. */
  order: (order: Order) => Promise<Failure | null>
  takeUp: () => Promise<void>
} {
  const { client, status } = useTerminal()
  const notes = useMemo(() => notesOf(status.terminal), [status.terminal])
  // As found at the start: any later one is of this page's own, or of another tab's.
  const left = useRef<Note[]>(null)
  left.current ??= notes.all()
  const putOff = usePutOff(notes, tell)

  /** What is put off is not to be changed and sent anew: `putAside` takes it from the screen. */
  function place(
    slot: Command,
    order: Order,
    done: (answer: Answer) => void,
    putAside?: () => void,
  ): Promise<Failure | null> {
    const sent: Sent = { order, staff: status.staff?.id ?? null, day: status.businessDate, putOff: false }
    const undone = (failure: Failure) => {
      if (!isPutOff(failure)) return
      putOff(sent)
      putAside?.()
      void leftOf(client, order).then((left) => tell(noticeOf(failure, left)))
    }
    return slot.send({
      ask: (again) => (again ? askAgain(client, sent) : ask(client, order)),
      done,
      undone,
      note: notes.of(sent),
    })
  }

  function answered(answer: Answer): void {
    if (answer.kind === 'enrol') {
      act({ do: 'member', member: answer.member })
      close()
      return tell({ about: 'enrolled', member: answer.member })
    }
    const aside = isRinging(current()) || isForAnother(current(), answer)
    act({ do: 'finished', finished: answer })
    close()
    tell(aside ? { about: 'finished', finished: answer } : null)
  }

  async function takeUp(): Promise<void> {
    const note = left.current?.shift()
    if (!note) return
    show({ kind: 'left' })
    await command.send({
      ask: () => askAgain(client, note),
      done(answer) {
        shown(answer)
        void takeUp()
      },
      undone: (failure) => void undone(note, failure).then(takeUp),
      note: notes.of(note),
      sentBefore: true,
    })
  }

  /** What is on the screen stays. */
  function shown(answer: Answer): void {
    const { done } = current()
    if (answer.kind === 'enrol' || (!done && !isRinging(current()))) return answered(answer)
    close()
    tell({ about: 'finished', finished: answer })
  }

  async function undone(note: Note, failure: Failure): Promise<void> {
    close()
    if (isPutOff(failure)) putOff(note)
    else await restore(note.order)
    tell(noticeOf(failure, await leftOf(client, note.order)))
  }

  /** The sale and its member back in hand, unless they cannot be: then words must do. */
  async function restore({ kind, input }: Order): Promise<void> {
    const id = 'member' in input ? input.member : null
    const served = current().member?.id
    const found = id && (await outcomeOf(client.members.get({ member: id })))
    if ((found && !found.ok) || isRinging(current()) || current().member?.id !== served) return
    const member = found ? found.value : null
    if (kind === 'sale') act(restoring(member, input))
    else if (member) act({ do: 'member', member })
  }

  return {
    place,
    order: (order) => place(command, order, answered, close),
    takeUp,
  }
}
