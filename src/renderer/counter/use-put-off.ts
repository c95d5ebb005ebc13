/**
 * Orders of which only the server knows whether they are done (R11). They are out of the cashier's way, and asked about
 * for as long as it takes; only words tell of them, whatever is on the screen by then.
 */
import { useEffect, useEffectEvent, useRef } from 'react'
import { isPutOff } from '#renderer/ui/outcome.ts'
import { noticeOf, type Notice } from './notice.ts'
import type { Notes } from './notes.ts'
import { askAgain, type Note } from './order.ts'
import { useTerminal } from './terminal.tsx'
import { useCommand } from './use-command.ts'

const AGAIN_MS = 15_000

/** Hands over what puts an order off. */
export function usePutOff(notes: Notes, tell: (notice: Notice) => void): (note: Note) => void {
  const { client, status, alive } = useTerminal()
  const command = useCommand()
  const waiting = useRef<Note[]>([])

  async function askAll(): Promise<void> {
    if (command.isOpen()) await command.again()
    for (const note of waiting.current.splice(0)) {
      if (command.isOpen()) waiting.current.push(note)
      else await askAbout(note)
    }
  }

  const askAbout = (note: Note) =>
    command.send({
      ask: () => askAgain(client, note),
      done: (answer) =>
        tell(
          answer.kind === 'enrol'
            ? { about: 'enrolled', member: answer.member }
            : { about: 'finished', finished: answer },
        ),
      undone(failure) {
        if (isPutOff(failure)) return void waiting.current.push(note)
        tell(noticeOf(failure, note.order))
      },
      note: notes.of(note),
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
  return (note) => void waiting.current.push(note)
}
