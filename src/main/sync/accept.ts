/** Takes grants into this counter's chain (R3). */
import type { Granted } from '#core/contract/sync.ts'
import { EventId } from '#core/ids.ts'
import { acceptGrant } from '#core/ledger/plan/rights.ts'
import { eventRowById } from '#storage/event.repository.ts'
import { insertLots } from '#storage/ledger.repository.ts'
import type { LedgerName } from '#storage/schema.ts'
import type { Acquired } from '#main/counter/counter.ts'
import { NOBODY, type Moment, type Unit } from '#main/counter/ledger.ts'
import { applyAcquired } from './apply-rows.ts'

/** What an acquire has brought. */
export async function acceptAcquired(unit: Unit, { grants, rows, ack }: Acquired, moment: () => Moment): Promise<void> {
  await acceptGrants(unit, grants, moment)
  if (rows.length > 0) await applyAcquired(unit.trx, rows, ack)
}

/** Each once: the event's id is the grant's. */
export async function acceptGrants(unit: Unit, grants: readonly Granted[], moment: () => Moment): Promise<void> {
  const ledger = unit.trx.$pickTables<LedgerName>()
  for (const granted of grants) {
    const id = EventId.parse(granted.grant)
    if (await eventRowById(ledger, id)) continue
    await insertLots(
      ledger,
      granted.parts.map(({ lot }) => lot),
    )
    await unit.append(id, acceptGrant(unit.holder, granted), moment(), NOBODY)
  }
}
