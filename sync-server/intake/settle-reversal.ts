/** The server's word on a reversal (R5): what it has moved for it, and what is still due. */
import type { EventId, MemberId } from '#core/ids.ts'
import type { Decision, Due } from '#core/ledger/consequence/facts.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'
import { saveDues, saveOnce } from './once.ts'

type Undone = { reverses: EventId; member: MemberId | null }

export function reversalSettled(
  { mint }: Unit,
  reversal: LedgerEvent,
  { reverses, member }: Undone,
  { transfers, dues = [] }: { transfers: Transfer[]; dues?: readonly Due[] },
): Decision {
  const due = dues.map(({ lot, amount }) => ({ lot, amount }))
  const body = { cause: reversal.id, reverses, member, due }
  return { id: mint.event(), draft: { kind: 'reversal.settled', body, lots: [], transfers } }
}

/** Keeps what a reversal has come to, of transfers that are in the facts already; `key`: as what it is done once. */
export function noteReversal(
  batch: { unit: Unit; dues: Due[] },
  reversal: LedgerEvent,
  undone: Undone,
  { transfers, dues }: { transfers: Transfer[]; dues: readonly Due[] },
  key: 'reversal' | 'undoneTwice',
): void {
  const { unit } = batch
  const own = dues.filter(({ cause }) => cause === reversal.id)
  unit.noteDecided(reversalSettled(unit, reversal, undone, { transfers, dues: own }), reversal.store)
  saveDues(unit, dues)
  batch.dues.push(...dues)
  saveOnce(unit, `${key}:${undone.reverses}`, reversal.id)
}
