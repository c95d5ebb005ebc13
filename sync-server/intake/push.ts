/**
 * Receives a counter's events: in one transaction, in their order, each once, for ever. One bad event never blocks the
 * rest: what cannot be read or takes what is not its writer's is kept in quarantine under its place in the chain.
 */
import type { Personal, WireEvent } from '#core/contract/sync.ts'
import type { Holder } from '#core/ledger/account.ts'
import type { Ledger, Unit } from '#server/ledger/unit-of-work.ts'
import { beginRestore, settleRestore } from '#server/restore/restored.ts'
import { keepAside, putAside } from './aside.ts'
import { lockChain, place, readArrival, type Arrival, type Arriving, type Head } from './chain.ts'
import { dropTaken } from '#server/sync/inbox-rows.ts'
import { takeIn } from './take.ts'

export type Push = { holder: Holder; store: string; events: readonly Arriving[]; personal: readonly Personal[] }
export type Pushed =
  | { kind: 'stored'; stored: number; fresh: number; quarantined: number }
  | { kind: 'gap'; expected: number }
  | { kind: 'forked'; seq: number }

export function receivePush(ledger: Ledger, push: Push): Promise<Pushed> {
  return ledger.write(push.store, async (unit): Promise<Pushed> => {
    const head = await lockChain(unit, push.holder)
    const placed = await place(unit.trx, push.holder, head, push.events)
    if (placed.kind === 'gap') return placed
    if (placed.kind === 'forked') {
      keepFork(unit, push.holder, placed.events, head)
      return { kind: 'forked', seq: placed.seq }
    }
    const arrivals = placed.fresh.map((event) => readArrival(event, ledger.eventVersion))
    if (arrivals.length === 0 && push.personal.length === 0)
      return { kind: 'stored', stored: head.seq, fresh: 0, quarantined: 0 }
    const quarantined = await take(unit, push, arrivals, head)
    return { kind: 'stored', stored: head.seq + arrivals.length, fresh: arrivals.length, quarantined }
  })
}

/** Takes in what is new; says how many events had to be put aside. */
async function take(
  unit: Unit,
  { holder, store, personal }: Push,
  arrivals: readonly Arrival[],
  head: Head,
): Promise<number> {
  const chain = { holder, store, closed: head.closed }
  const links = arrivals.map((arrival, n) => ({ ...arrival, previous: arrivals[n - 1]?.hash ?? head.hash }))
  const { aside, forgotten } = await takeIn(unit, chain, links, personal)
  if (forgotten.length > 0) await beginRestore(unit, holder)
  putAside(unit, holder, aside)
  advance(unit, holder, arrivals)
  return aside.length
}

/** Two events under one place prove a cloned or restored disk: nothing of it is applied, all of it is kept (R11). */
function keepFork(unit: Unit, holder: Holder, events: readonly WireEvent[], head: Head): void {
  const { terminal, epoch } = holder
  keepAside(unit, holder, events, 'forked')
  if (head.closed) return
  unit.later(async (trx) => {
    const forked = trx.updateTable('terminal_epoch').set({ status: 'forked' })
    await forked.where('terminal', '=', terminal).where('epoch', '=', epoch).execute()
    // What a manager has frozen stays so, for the manager's reason.
    const frozen = trx.updateTable('terminal').set({ status: 'frozen', frozen_reason: 'forked' })
    await frozen.where('id', '=', terminal).where('status', '=', 'active').execute()
    await settleRestore(trx, unit.now)
  })
}

function advance(unit: Unit, holder: Holder, arrivals: readonly Arrival[]): void {
  const { terminal, epoch } = holder
  const last = arrivals.at(-1)
  unit.later(async (trx) => {
    await trx.updateTable('terminal').set({ last_seen_at: unit.now }).where('id', '=', terminal).execute()
    if (!last) return
    const head = { head_seq: last.seq, head_hash: last.hash }
    await trx
      .updateTable('terminal_epoch')
      .set(head)
      .where('terminal', '=', terminal)
      .where('epoch', '=', epoch)
      .execute()
    await dropTaken(trx, holder, last.seq)
  })
}
