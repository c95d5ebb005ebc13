/** Events that named something not here yet (R6): worked out once it has arrived. */
import { eventsIn } from '#storage/event.repository.ts'
import { locking, type Db } from '#server/ledger/database.ts'
import type { Ledger, Unit } from '#server/ledger/unit-of-work.ts'
import { loadBatch } from './batch.ts'
import { interpret } from './interpret.ts'
import { saveOutcome, whyWaiting } from './outcome.ts'
import { finish, settleDecided } from './work-out.ts'

const AT_ONCE = 200

/** Looks for waiting events whose wants are here; run after every push and at start, so that none is missed. */
export async function settleWaiting(db: Db, ledger: Ledger): Promise<void> {
  // What looks ready of these stores is not: others have it, it cannot be read here, or what it wants waits itself.
  let passed: string[] = []
  for (;;) {
    const ready = await db
      .selectFrom('waiting')
      .leftJoin('event as wanted', 'wanted.id', 'waiting.wants')
      .leftJoin('member', 'member.id', 'waiting.wants')
      .innerJoin('event', 'event.id', 'waiting.event_id')
      .select(['event.id', 'event.store'])
      .where((eb) => eb.or([eb('wanted.id', 'is not', null), eb('member.id', 'is not', null)]))
      .$if(passed.length > 0, (query) => query.where('event.store', 'not in', passed))
      .orderBy('waiting.since')
      .limit(AT_ONCE)
      .execute()
    const store = ready[0]?.store
    if (store === undefined) return
    const settled = await settleThese(
      ledger,
      store,
      ready.filter((one) => one.store === store).map((one) => one.id),
    )
    // What has gone on may be what others waited for.
    passed = settled === 0 ? [...passed, store] : []
  }
}

/** Those of these that wait still, and what for. Locked before any member is: whoever else has found them waits, and then finds none. */
async function lockWaiting({ trx, dialect }: Unit, ids: readonly string[]): Promise<Map<string, string>> {
  const query = trx.selectFrom('waiting').select(['event_id', 'wants']).where('event_id', 'in', ids).orderBy('event_id')
  const rows = await locking(dialect, query).execute()
  return new Map(rows.map(({ event_id, wants }) => [event_id, wants]))
}

/** Says how many of them went on: settled, or found to wait for something else. */
function settleThese(ledger: Ledger, store: string, ids: readonly string[]): Promise<number> {
  return ledger.write(store, async (unit) => {
    const still = await lockWaiting(unit, ids)
    if (still.size === 0) return 0
    const here = unit.trx
      .selectFrom('event')
      .select('text')
      .where('id', 'in', [...still.keys()])
    const events = eventsIn(await here.orderBy('seq').execute())
    const batch = await loadBatch(unit, events, { waited: true })
    let settled = 0
    for (const event of events) {
      const decidedBefore = unit.decided.length
      const outcome = interpret(batch, event)
      if (outcome.status === 'waiting') {
        const { wants } = outcome
        if (wants === still.get(event.id)) continue
        settled++
        unit.later((trx) => trx.updateTable('waiting').set({ wants }).where('event_id', '=', event.id).execute())
        const why = { status: outcome.status, reason: whyWaiting(event, wants) }
        saveOutcome(unit, { event: event.id, terminal: event.terminal, ...why })
        continue
      }
      settled++
      settleDecided(unit, event, decidedBefore)
      unit.later((trx) => trx.deleteFrom('waiting').where('event_id', '=', event.id).execute())
      const reason = outcome.status === 'quarantined' ? outcome.reason : ''
      saveOutcome(unit, { event: event.id, terminal: event.terminal, status: outcome.status, reason })
    }
    const moved = unit.decided.map(({ id, store: at, draft }) => ({ id, store: at, transfers: draft.transfers }))
    await finish(batch, moved)
    return settled
  })
}
