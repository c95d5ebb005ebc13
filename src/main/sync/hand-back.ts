/**
 * What goes home from this counter (R2, R4): whatever no open checkout needs and no policy keeps here (R8), and what has
 * been asked for back (R7).
 */
import type { Kysely } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import { EventId, LotId, MemberId } from '#core/ids.ts'
import { Account, heldBy, parseAccount } from '#core/ledger/account.ts'
import { Asset } from '#core/ledger/asset.ts'
import { returnRights, type Held } from '#core/ledger/plan/rights.ts'
import { shareKept } from '#core/loyalty/home-share.ts'
import type { CounterTables } from '#storage/schema.ts'
import type { Counter } from '#main/counter/counter.ts'
import { NOBODY } from '#main/counter/ledger.ts'
import { allHeld } from '#main/counter/holdings.ts'
import { visitorsWithShare } from './visitors.ts'

type Db = Kysely<CounterTables>

/** The most lots one `returned` event hands back. */
const RETURN_LIMIT = 900

/** Appends `rights.returned` for what goes home. Of a member `inUse` nothing does until the checkout is over. */
export async function handBack(counter: Counter, inUse: (member: MemberId) => boolean): Promise<void> {
  if (!(await anythingToDo(counter))) return
  await counter.ledger.write(async (unit) => {
    const rows = await allHeld(unit.trx, counter.ledger.holder)
    const recalls = await unit.trx.selectFrom('recall').selectAll().execute()
    const lots = [...rows.map(({ account }) => lotIdIn(Account.parse(account))), ...recalls.map(({ lot }) => lot)]
    const owners = await ownersOf(unit.trx, lots)
    // A member's lots go together: the server looks at all that a member has each time that something of it comes home.
    const ownerOf = ({ account }: Held) => owners.get(lotIdIn(account))?.[0] ?? ''
    const busy = (lot: string) => (owners.get(lot) ?? []).some(inUse)
    const answered = recalls.filter(({ lot }) => !busy(lot))
    const kept = await keptHere(counter, unit.trx)
    for (const { lot, amount } of answered) {
      const account = heldBy(LotId.parse(lot), counter.ledger.holder)
      kept.set(account, Math.max(0, (kept.get(account) ?? 0) - amount))
    }
    const going = rows
      .map((row): Held => ({ account: Account.parse(row.account), asset: Asset.parse(row.asset), amount: row.amount }))
      .filter(({ account }) => !busy(lotIdIn(account)))
      .map((held) => ({ ...held, amount: held.amount - (kept.get(held.account) ?? 0) }))
      .filter(({ amount }) => amount > 0)
      .toSorted((one, other) => byText(ownerOf(one), ownerOf(other)))
    const ids = answered.map(({ id }) => id)
    for (let start = 0; start < Math.max(1, going.length, ids.length); start += RETURN_LIMIT) {
      const end = start + RETURN_LIMIT
      const draft = returnRights(going.slice(start, end), ids.slice(start, end))
      if (draft) await unit.append(EventId.parse(uuidv7()), draft, counter.moment(), NOBODY)
    }
    if (ids.length > 0) await unit.trx.deleteFrom('recall').where('id', 'in', ids).execute()
  })
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** A look before the writer's turn is taken: most rounds have nothing to hand back. */
async function anythingToDo({ db, ledger }: Counter): Promise<boolean> {
  if ((await allHeld(db, ledger.holder)).length > 0) return true
  return (await db.selectFrom('recall').select('id').limit(1).executeTakeFirst()) !== undefined
}

/** How much of each held account stays. */
async function keptHere(counter: Counter, trx: Db): Promise<Map<Account, number>> {
  const kept = new Map<Account, number>()
  const { today } = counter.moment()
  for (const { policies, stakes } of await visitorsWithShare(counter, trx)) {
    for (const { lot, amount } of shareKept(policies, stakes, today))
      kept.set(heldBy(lot.id, counter.ledger.holder), amount)
  }
  return kept
}

/** The member of each lot, under every name a checkout may hold them by. */
async function ownersOf(db: Db, lots: readonly string[]): Promise<Map<string, MemberId[]>> {
  const members = new Map<string, MemberId[]>()
  for (let start = 0; start < lots.length; start += 5_000) {
    const part = lots.slice(start, start + 5_000)
    const rows = await db
      .selectFrom('lot')
      .leftJoin('member', 'member.id', 'lot.member')
      .select(['lot.id', 'lot.member', 'member.root'])
      .where('lot.id', 'in', part)
      .execute()
    for (const { id, member, root } of rows)
      members.set(
        id,
        [member, ...(root === null ? [] : [root])].map((name) => MemberId.parse(name)),
      )
  }
  return members
}

function lotIdIn(account: Account): LotId {
  const parts = parseAccount(account)
  if (parts.kind !== 'held') throw new Error(`${account} is not in anyone's keeping`)
  return LotId.parse(parts.lot)
}
