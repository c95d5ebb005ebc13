/** What a command is told of its member: what is in this counter's keeping, which it may spend, and what is known besides. */
import { MemberId } from '#core/ids.ts'
import type { Floor } from '#core/ledger/floor.ts'
import type { MemberState } from '#core/ledger/plan/context.ts'
import { personById } from '#storage/member.repository.ts'
import type { LedgerName } from '#storage/schema.ts'
import type { Counter, Reckoned } from './counter.ts'
import { inKeeping, lotsOfMember, type LotHere } from './holdings.ts'
import { idsOf, lotsView, type Person } from './member-view.ts'
import { standingOf } from './standing.ts'

/** A person, where they stand, and what there is of their lots. */
export type MemberHere = { person: Person; reckoned: Reckoned; lots: readonly LotHere[] }

export async function memberHere(counter: Counter, id: MemberId | null, db = counter.db): Promise<MemberHere | null> {
  if (id === null) return null
  const [row, ...others] = await personById(db.$pickTables<LedgerName>(), id)
  if (!row) return null
  const person: Person = [row, ...others]
  const lots = await lotsOfMember(db, counter.ledger.holder, counter.ack(), idsOf(person))
  return { person, reckoned: await standingOf(counter, db, person), lots }
}

/** A member as a plan sees them: what is in this counter's keeping, and what is known besides. */
export function memberState(
  counter: Counter,
  { person: [{ id }], reckoned, lots }: MemberHere,
  floor: Floor | null,
): MemberState {
  const view = lotsView(counter, lots, floor)
  return {
    id: MemberId.parse(id),
    tier: reckoned.standing.tier,
    held: counter.rights.mayUseKept() ? inKeeping(lots) : [],
    outlook: (asset) => ({ ...view.holding(asset), offline: !counter.rights.online() }),
    elsewhere: view.elsewhere,
  }
}
