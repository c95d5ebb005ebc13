/** One event as its counter wrote it: for another that is to refund it (R5), or for its own, whose file has lost it (R11). */
import type { TransactionWanted } from '#core/contract/sync.ts'
import type { EventId, TerminalId } from '#core/ids.ts'
import { REVERSIBLE } from '#core/ledger/plan/reversal.ts'
import type { Db } from '#server/ledger/database.ts'
import { isRestoring } from '#server/restore/restored.ts'
import { chainsIn } from './inbox-rows.ts'

export type Found = { text: string | null; reversed: boolean; known: boolean | null }

const UNSURE: Found = { text: null, reversed: false, known: null }

/**
 * Until a server that was put back has heard every counter, it does not know what has not been undone: of that it says
 * nothing (R12).
 */
export async function findTransaction(db: Db, terminal: TerminalId, wanted: TransactionWanted): Promise<Found> {
  const found = await db
    .selectFrom('event')
    .leftJoin('reversal', 'reversal.event_id', 'event.id')
    .select(['event.id', 'event.text', 'reversal.reversed_by'])
    .where((eb) =>
      'receipt' in wanted
        ? eb('event.receipt', '=', wanted.receipt).and('event.kind', 'in', REVERSIBLE)
        : eb('event.id', '=', wanted.event),
    )
    .executeTakeFirst()
  if (found) {
    const reversed = found.reversed_by !== null || (await isBeingUndone(db, found.id))
    if (!reversed && (await isRestoring(db))) return UNSURE
    return { text: found.text, reversed, known: true }
  }
  if ('event' in wanted) {
    const text = await putAside(db, terminal, wanted.event)
    if (text !== null) return { text, reversed: await isBeingUndone(db, wanted.event), known: true }
  }
  return (await mayBeOnItsWay(db, terminal)) ? UNSURE : { text: null, reversed: false, known: false }
}

/** Whether what undoes it is here and waits, or is put aside: it is not worked out yet, but its money is out (R5). */
async function isBeingUndone(db: Db, id: string): Promise<boolean> {
  const naming = `%"reverses":"${id}"%`
  const waits = db
    .selectFrom('waiting')
    .innerJoin('event', 'event.id', 'waiting.event_id')
    .select('event.id')
    .where('event.text', 'like', naming)
  const aside = db.selectFrom('quarantine').select('seq').where('resolved_by', 'is', null).where('text', 'like', naming)
  return [await waits.executeTakeFirst(), await aside.executeTakeFirst()].some((row) => row !== undefined)
}

/** What is in quarantine, or in a closed branch, was done all the same. */
async function putAside(db: Db, terminal: TerminalId, id: EventId): Promise<string | null> {
  const row = await db
    .selectFrom('quarantine')
    .select('text')
    .where('terminal', '=', terminal)
    .where('text', 'like', `%"id":"${id}"%`)
    .executeTakeFirst()
  return row?.text ?? null
}

/** It may be in what waits to be worked out, or be what a server put back from a copy has yet to be told again (R12). */
const mayBeOnItsWay = async (db: Db, terminal: TerminalId): Promise<boolean> =>
  (await chainsIn(db, terminal)).length > 0 || (await isRestoring(db))
