/**
 * Orders of which only the server knows whether they are done (R11). They are out of the cashier's way, who may have served
 * the customer some other way by now: so they are only asked about, for as long as it takes, and never done. Only words tell
 * of them, whatever is on the screen by then.
 */
import { useEffect, useEffectEvent, useRef } from 'react'
import { isPutOff } from '#renderer/ui/outcome.ts'
import { doneNotice, noticeOf, type Report } from './notice.ts'
import type { Notes } from './notes.ts'
import { askAgain, leftOf, type Sent } from './order.ts'
import { useTerminal } from './terminal.tsx'
import { useCommand } from './use-command.ts'

const AGAIN_MS = 15_000

/** Hands over what puts an order off. */
export function usePutOff(notes: Notes, report: (report: Report) => void): (sent: Sent) => void {
  const { client, status, alive } = useTerminal()
  const command = useCommand()
  const waiting = useRef<Sent[]>([])

  /** Each once, until one has no answer. */
  async function askAll(): Promise<void> {
    await command.again()
    for (let left = waiting.current.length; left > 0 && !command.isOpen(); left -= 1) {
      const sent = waiting.current.shift()
      if (sent) await askAbout(sent)
    }
  }

  const askAbout = (sent: Sent) =>
    command.send({
      ask: () => askAgain(client, sent),
      done: (answer) => report({ of: sent.order.input.id, notice: doneNotice(answer) }),
      undone(failure) {
        if (isPutOff(failure)) return void waiting.current.push(sent)
        void leftOf(client, sent.order).then((left) =>
          report({ of: sent.order.input.id, notice: noticeOf(failure, left) }),
        )
      },
      note: notes.of(sent),
      sentBefore: true,
    })

  const look = useEffectEvent(() => void askAll())
  const able = alive && status.staff !== null && status.online
  useEffect(() => {
    if (!able) return
    look()
    const timer = setInterval(look, AGAIN_MS)
    return () => clearInterval(timer)
  }, [able])
  return (sent) => {
    const aside = { ...sent, putOff: true }
    notes.of(aside).keep()
    waiting.current.push(aside)
  }
}
