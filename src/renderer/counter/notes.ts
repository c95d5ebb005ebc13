/**
 * Commands that have no answer yet, kept in the browser: a page that is loaded anew knows nothing of them, and what may be
 * done already would be done again under another id. In `localStorage`, which a tab that is closed and opened again finds
 * too; each under its own id, so that two tabs leave each other's alone.
 */
import type { TerminalId } from '#core/ids.ts'
import { Note, type Sent } from './order.ts'

export type Notes = {
  of: (sent: Sent) => { keep: () => void; drop: () => void }
  /** What can be read of those kept, the oldest first. */
  all: () => Note[]
}

type Kept = Pick<Storage, 'length' | 'key' | 'getItem' | 'setItem' | 'removeItem'>

/** Those of one counter: no other could say what became of them. */
export function notesOf(terminal: TerminalId, storage: () => Kept = () => localStorage): Notes {
  const prefix = `counterfoil:${terminal}:`

  function read(key: string): Note[] {
    const note = Note.safeParse(attempt<unknown>(() => JSON.parse(storage().getItem(key) ?? ''), null))
    if (note.success) return [note.data]
    storage().removeItem(key)
    return []
  }
  return {
    of(sent) {
      const key = prefix + sent.order.input.id
      return {
        keep: () => attempt(() => storage().setItem(key, JSON.stringify(Note.parse(sent))), undefined),
        drop: () => attempt(() => storage().removeItem(key), undefined),
      }
    },
    all: () =>
      attempt(() => {
        const keys = Array.from({ length: storage().length }, (_, index) => storage().key(index) ?? '')
        const own = keys.filter((key) => key.startsWith(prefix))
        return own.toSorted().flatMap(read)
      }, []),
  }
}

/** A browser that keeps nothing, or has no room, is no reason not to sell. */
export function attempt<T>(work: () => T, otherwise: T): T {
  try {
    return work()
  } catch {
    return otherwise
  }
}
