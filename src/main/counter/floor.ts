/** What this counter's store would still lend a member while the server is out of reach (R9). */
import { sql } from 'kysely'
import { assetKind, type Asset } from '#core/ledger/asset.ts'
import { readEvent, type LedgerEvent } from '#core/ledger/event.ts'
import { floorLeft, lentBy, type Floor } from '#core/ledger/floor.ts'
import type { Counter } from './counter.ts'

/** A day's own events are looked through as far back as this, those not synced yet all of them. */
const LATELY = 5_000

/** Null while connected or frozen, and where the programme has no limit for this store. `member`: all ids the person goes by. */
export async function floorFor(counter: Counter, db: Counter['db'], member: readonly string[]): Promise<Floor | null> {
  const { programme, store } = counter.shop()
  const limits = programme.floorLimits.filter((limit) => limit.store === store.id)
  if (limits.length === 0 || !counter.rights.mayLend()) return null
  const { today } = counter.moment()
  const lending = await lendingEvents(counter, db, today)
  const sum = (events: readonly LedgerEvent[], asset: Asset) =>
    events.reduce((total, event) => total + lentBy(event, asset), 0)
  return {
    store: store.id,
    left: (asset) => {
      const limit = limits.find((one) => one.asset === assetKind(asset))
      if (!limit) return 0
      const unsynced = lending.filter(({ seq }) => seq > counter.ack())
      return floorLeft(limit, {
        counter: sum(unsynced, asset),
        member: sum(
          unsynced.filter(({ body }) => 'member' in body && body.member !== null && member.includes(body.member)),
          asset,
        ),
        day: sum(
          lending.filter(({ businessDate }) => businessDate === today),
          asset,
        ),
      })
    },
  }
}

async function lendingEvents({ ledger, ack }: Counter, db: Counter['db'], today: string): Promise<LedgerEvent[]> {
  const { terminal, epoch } = ledger.holder
  const { rows } = await sql<{ text: string }>`
    select text from event
    where terminal = ${terminal} and epoch = ${epoch} and seq > ${Math.min(ack(), ledger.head() - LATELY)}
      and (seq > ${ack()} or business_date = ${today}) and instr(text, '"risk:') > 0`.execute(db)
  return rows.flatMap(({ text }) => {
    const read = readEvent(text)
    return read.ok ? [read.event] : []
  })
}
