/** Ends the promises of receipts that nobody has claimed in time. */
import { ClaimId, EventId, type BusinessDate } from '#core/ids.ts'
import { claimAccount, expired } from '#core/ledger/account.ts'
import { balanceOf } from '#core/ledger/consequence/facts.ts'
import type { Transfer } from '#core/ledger/transfer.ts'
import type { ClaimTable } from '#storage/server-tables.ts'
import { locking, type ServerDatabase } from '#server/ledger/database.ts'
import { loadBalances } from '#server/ledger/facts.repository.ts'
import type { Ledger, Unit } from '#server/ledger/unit-of-work.ts'
import { runOutBefore } from './last-day.ts'
import { isRestoring } from '#server/restore/restored.ts'
import { promisedAssets, promisedIn } from './promise.ts'

const CLAIMS_AT_ONCE = 200

/** Expires every open claim past its last day, by its own store's calendar; none while nobody can take one. Answers how many. */
export async function expireClaims({ db }: ServerDatabase, ledger: Ledger, now: number): Promise<number> {
  if (await isRestoring(db)) return 0
  const shop = await ledger.readShop(db)
  let done = 0
  for (const store of shop?.stores.keys() ?? []) {
    for (;;) {
      const ended = await ledger.write(store, async (unit) =>
        expireSome(unit, store, await runOutBefore(unit.trx, unit.shop, store, now)),
      )
      done += ended
      if (ended < CLAIMS_AT_ONCE) break
    }
  }
  return done
}

/** The claims are locked before they are read, as they are by whoever takes one. */
async function expireSome(unit: Unit, store: string, before: BusinessDate): Promise<number> {
  const { trx, facts } = unit
  const open = trx
    .selectFrom('claim')
    .selectAll()
    .where('state', '=', 'open')
    .where('expires_on', '<', before)
    .where('store', '=', store)
    .orderBy('id')
    .limit(CLAIMS_AT_ONCE)
  const rows = await locking(unit.dialect, open).execute()
  await loadBalances(
    trx,
    facts,
    rows.map((row) => claimAccount(ClaimId.parse(row.id))),
  )
  for (const row of rows) expire(unit, row)
  const ids = rows.map((row) => row.id)
  if (ids.length > 0) {
    unit.later((later) =>
      later.updateTable('claim').set({ state: 'expired', settled_at: unit.now }).where('id', 'in', ids).execute(),
    )
  }
  return rows.length
}

function expire(unit: Unit, row: ClaimTable): void {
  const claim = ClaimId.parse(row.id)
  const from = claimAccount(claim)
  const transfers = promisedAssets(promisedIn(row))
    .map((asset): Transfer => ({ asset, from, to: expired(asset), amount: balanceOf(unit.facts, from, asset) }))
    .filter(({ amount }) => amount > 0)
  const body = { cause: EventId.parse(row.id), claim }
  unit.decide({ id: unit.mint.event(), draft: { kind: 'claim.expired', body, lots: [], transfers } }, row.store)
}
