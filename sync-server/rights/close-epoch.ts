/**
 * Closing an epoch (R11): all that its counter held becomes the server's, which frees it and settles it at once. A
 * manager's act, or what follows when its counter opens another one.
 */
import { StoreId, type EpochId } from '#core/ids.ts'
import { isSameHolder, type Holder } from '#core/ledger/account.ts'
import { assetKind } from '#core/ledger/asset.ts'
import { lotsIn } from '#core/ledger/consequence/facts.ts'
import type { Lot } from '#core/ledger/lot.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import type { ServerDatabase, Trx } from '#server/ledger/database.ts'
import { debtAccounts, loadBalances, loadDues, loadLots, loadMembersLots } from '#server/ledger/facts.repository.ts'
import type { Ledger, Unit } from '#server/ledger/unit-of-work.ts'
import { settleRestore } from '#server/restore/restored.ts'
import { rewardStamps, settleMoved, type Moved } from '#server/intake/aftermath.ts'
import { canBegin, lockKnownChain, openEpochs, readArrival, type Arriving } from '#server/intake/chain.ts'
import { holdsAny } from '#server/sync/inbox-rows.ts'
import { meetFloors } from '#server/intake/interpret.ts'
import { floorsOpen, type FloorLoan } from './floor.ts'
import { takeHome } from './late.ts'
import { loadLotLoans } from './lot-loans.ts'

export type ClosedReason = 'lost' | 'restored' | 'forked'
/** `unsettled`: something that its counter has sent is not worked out yet. */
export type Closed = { ok: true; lots: number } | { ok: false; reason: 'unknown' | 'closedBefore' | 'unsettled' }

/** The most transfers one event carries. */
const AT_ONCE = 900

/** A fork is a fork, whatever the epoch is closed for. */
export function closeEpoch(ledger: Ledger, holder: Holder, why: ClosedReason): Promise<Closed> {
  return ledger.write(null, async (unit): Promise<Closed> => {
    const head = await lockKnownChain(unit, holder)
    if (!head) return { ok: false, reason: 'unknown' }
    if (head.closed) return { ok: false, reason: 'closedBefore' }
    if (await holdsAny(unit.trx, holder)) return { ok: false, reason: 'unsettled' }
    const reason = head.forked ? 'forked' : why
    const lots = await loadHeldBy(unit, holder)
    const lent = await floorsOpen(unit.trx, holder)
    const body = { ...holder, reason, head: head.seq === 0 ? null : head.seq }
    const moved: Moved[] = []
    for (let start = 0; start === 0 || start < lots.length; start += AT_ONCE) {
      const transfers = lots.slice(start, start + AT_ONCE).flatMap((lot) => takeHome(unit.facts, lot, holder))
      moved.push(freeAll(unit, { kind: 'epoch.closed', body, lots: [], transfers }, head.store, lent))
    }
    await rewardStamps(unit, moved)
    unit.later((trx) => markClosed(trx, holder, reason, unit.now))
    if (head.forked) unit.later((trx) => thaw(trx, holder))
    return { ok: true, lots: lots.length }
  })
}

/**
 * An epoch's first event closes all that began before it, and the one it names; so a restore at the counter does it. Two
 * restores from one backup name the same one: of what the first began, the second knows nothing.
 */
export async function closeEarlier(
  { database: { db }, ledger }: { database: ServerDatabase; ledger: Ledger },
  holder: Holder,
  events: readonly Arriving[],
): Promise<void> {
  const { terminal } = holder
  const before = namedIn(holder, events, ledger.eventVersion)
  if (before === null || before === holder.epoch || !(await canBegin(db, holder))) return
  for (const { epoch, begun } of await openEpochs(db, terminal))
    if (begun || epoch === before) await closeRestored(ledger, { terminal, epoch })
}

/** An epoch's first event that is read only later closes the one it names: what has begun since is not its to end. */
export async function closeNamed(ledger: Ledger, holder: Holder, events: readonly Arriving[]): Promise<void> {
  const before = namedIn(holder, events, ledger.eventVersion)
  if (before !== null && before !== holder.epoch) await closeRestored(ledger, { ...holder, epoch: before })
}

async function closeRestored(ledger: Ledger, holder: Holder): Promise<void> {
  const closed = await closeEpoch(ledger, holder, 'restored')
  if (!closed.ok && closed.reason === 'unsettled')
    throw new Error(`the events of ${holder.terminal} ${holder.epoch} are still being worked out`)
}

/** The epoch before, as an epoch's first event names it. */
function namedIn(holder: Holder, [first]: readonly Arriving[], version: number): EpochId | null {
  const arrival = first?.seq === 1 ? readArrival(first, version) : null
  if (!arrival?.read.ok) return null
  const { event } = arrival.read
  if (event.kind !== 'epoch.opened' || !isSameHolder(event, holder)) return null
  return event.body.before
}

type ClosedDraft = Parameters<Unit['decide']>[0]['draft'] & { transfers: Transfer[] }

function freeAll(unit: Unit, draft: ClosedDraft, store: string, lent: FloorLoan[]): Moved {
  const moved = { id: unit.mint.event(), store: StoreId.parse(store), transfers: draft.transfers }
  unit.decide({ id: moved.id, draft }, store)
  meetFloors({ unit, floors: new Map(), lent }, moved)
  settleMoved(unit, moved)
  return moved
}

/** The lots that a holder has something of, with all that settling them may touch. */
async function loadHeldBy(unit: Unit, { terminal, epoch }: Holder): Promise<Lot[]> {
  const { trx, facts } = unit
  const held = await trx
    .selectFrom('lot')
    .select(['id', 'member'])
    .where('held', 'like', `%"terminal":"${terminal}","epoch":"${epoch}"%`)
    .orderBy('id')
    .execute()
  const members = [...new Set(held.map((row) => row.member))]
  await unit.lockMembers(members)
  await loadLots(
    trx,
    facts,
    held.map((row) => row.id),
  )
  const lots = lotsIn(facts)
  await loadDues(trx, facts)
  await loadLotLoans(trx, facts)
  if (facts.dues.size > 0 || lots.some(({ asset }) => assetKind(asset) === 'stamp'))
    await loadMembersLots(trx, facts, members, null)
  await loadBalances(trx, facts, debtAccounts(facts))
  return lots
}

async function markClosed(trx: Trx, { terminal, epoch }: Holder, reason: ClosedReason, now: number): Promise<void> {
  await trx
    .updateTable('terminal_epoch')
    .set({ closed_at: now, closed_reason: reason })
    .where('terminal', '=', terminal)
    .where('epoch', '=', epoch)
    .execute()
  // What was asked of it is the server's own now.
  await trx
    .updateTable('recall')
    .set({ answered: 1 })
    .where('terminal', '=', terminal)
    .where('epoch', '=', epoch)
    .where('answered', '=', 0)
    .execute()
  await settleRestore(trx, now)
}

/** A fork that has been closed no longer keeps its terminal from working under a new epoch. */
async function thaw(trx: Trx, { terminal }: Holder): Promise<void> {
  await trx
    .updateTable('terminal')
    .set({ status: 'active', frozen_reason: null })
    .where('id', '=', terminal)
    .where('status', '=', 'frozen')
    .where('frozen_reason', '=', 'forked')
    .execute()
}
