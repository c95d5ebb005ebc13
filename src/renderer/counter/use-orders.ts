/**
 * Sends the desk's orders, each with a note for as long as it has no answer; and takes up, one after the other, those that
 * a page before this one has left, so that the cashier learns what became of them.
 */
import { useMemo, useRef } from 'react'
import { isPutOff, outcomeOf, type Failure } from '#renderer/ui/outcome.ts'
import { isForAnother, isRinging, type Cart } from './cart.ts'
import { restoring, type CartAction } from './cart-reducer.ts'
import type { Dialog } from './dialog.ts'
import { doneNotice, noticeOf, type Notice, type Report } from './notice.ts'
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
  report: (report: Report) => void
  /** Whether who is at the desk now has sent it today. */
  isOwn: (sent: Sent) => boolean
  show: (dialog: Dialog) => void
  close: () => void
}

/** What comes of an order that is placed. */
type Then = {
  done: (answer: Answer) => void
  /** Not done, and still before who has sent it. */
  undone?: (failure: Failure) => void
  /** What is put off is not to be changed and sent anew; nor is what another has sent, which words tell of. */
  putAside?: () => void
}

export function useOrders({ command, current, act, tell, report, isOwn, show, close }: Hands): {
  place: (slot: Command, order: Order, then: Then) => Promise<Failure | null>
  /** For the open dialog. */
  order: (order: Order) => Promise<Failure | null>
  takeUp: () => Promise<void>
} {
  const { client, status } = useTerminal()
  const notes = useMemo(() => notesOf(status.terminal), [status.terminal])
  // As found at the start: any later one is of this page's own, or of another tab's.
  const left = useRef<Note[]>(null)
  left.current ??= notes.all()
  const putOff = usePutOff(notes, report)

  const reportUndone = async (order: Order, failure: Failure) =>
    report({ of: order.input.id, notice: noticeOf(failure, await leftOf(client, order)) })

  function place(slot: Command, order: Order, then: Then): Promise<Failure | null> {
    const sent: Sent = { order, staff: status.staff?.id ?? null, day: status.businessDate, putOff: false }
    const undone = (failure: Failure) => {
      if (isPutOff(failure)) putOff(sent)
      else if (isOwn(sent)) return then.undone?.(failure)
      then.putAside?.()
      void reportUndone(order, failure)
    }
    return slot.send({
      ask: (again) => (again ? askAgain(client, sent) : ask(client, order)),
      done: then.done,
      undone,
      note: notes.of(sent),
    })
  }

  /** Shows it; what is not seen then is for words. */
  function answered(answer: Answer): Notice | null {
    if (answer.kind === 'enrol') {
      act({ do: 'member', member: answer.member })
      close()
      return doneNotice(answer)
    }
    const aside = isRinging(current()) || isForAnother(current(), answer)
    act({ do: 'finished', finished: answer })
    close()
    return aside ? doneNotice(answer) : null
  }

  async function takeUp(): Promise<void> {
    const note = left.current?.shift()
    if (!note) return
    show({ kind: 'left' })
    await command.send({
      ask: () => askAgain(client, note),
      done(answer) {
        shown(note, answer)
        void takeUp()
      },
      undone: (failure) => void undone(note, failure).then(takeUp),
      note: notes.of(note),
      sentBefore: true,
    })
  }

  /** What is on the screen stays. */
  function shown({ order }: Note, answer: Answer): void {
    const { member, done } = current()
    const isFree = answer.kind === 'enrol' ? !member : !done && !isRinging(current())
    const notice = isFree ? answered(answer) : doneNotice(answer)
    close()
    if (notice) report({ of: order.input.id, notice })
  }

  async function undone(note: Note, failure: Failure): Promise<void> {
    close()
    if (isPutOff(failure)) putOff(note)
    else await restore(note.order)
    await reportUndone(note.order, failure)
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
    order: (order) => place(command, order, { done: (answer) => tell(answered(answer)), putAside: close }),
    takeUp,
  }
}
