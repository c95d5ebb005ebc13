/** Grants as the server keeps them: by their ids, with the answer that their counter got or is still to get (R2, R3). */
import { Granted } from '#core/contract/sync.ts'
import type { GrantId, MemberId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import type { Part } from '#core/ledger/lot.ts'
import { grantTransfers } from '#core/ledger/plan/rights.ts'
import { chunks } from '#storage/bulk.ts'
import type { Trx } from '#server/ledger/database.ts'
import type { Unit } from '#server/ledger/unit-of-work.ts'

/** What is granted to whom, under which id. */
export type Grant = { holder: Holder; store: string; grant: GrantId; member: MemberId; parts: readonly Part[] }

export type GrantOnRecord = { terminal: string; epoch: string; accepted: boolean; granted: Granted }

/** Moves it into the counter's keeping, and keeps the answer: until the counter has accepted it, where it has not yet. */
export function recordGrant(
  unit: Unit,
  { holder, store, grant, member, parts }: Grant,
  { accepted }: { accepted: boolean },
): Granted {
  const granted: Granted = { grant, member, parts: parts.map(({ lot, amount }) => ({ lot, amount })) }
  const { terminal, epoch } = holder
  const id = unit.mint.event()
  const body = { grant, member, terminal, epoch }
  const transfers = grantTransfers(holder, parts)
  unit.decide({ id, draft: { kind: 'rights.granted', body, lots: [], transfers } }, store)
  const row = {
    id: grant,
    terminal,
    epoch,
    member,
    event_id: id,
    answer: JSON.stringify(granted),
    accepted: accepted ? 1 : 0,
    created_at: unit.now,
  }
  unit.later((trx) => trx.insertInto('grant_made').values(row).execute())
  return granted
}

export async function grantsById(trx: Trx, ids: readonly GrantId[]): Promise<Map<string, GrantOnRecord>> {
  const grants = new Map<string, GrantOnRecord>()
  for (const part of chunks(ids, 1)) {
    for (const row of await trx.selectFrom('grant_made').selectAll().where('id', 'in', part).execute()) {
      const { id, terminal, epoch } = row
      grants.set(id, { terminal, epoch, accepted: row.accepted === 1, granted: answerOf(row) })
    }
  }
  return grants
}

/** What a counter has been granted and has not accepted: home share, or an answer that was lost. `members`: only of theirs. */
export async function unacceptedOf(
  trx: Trx,
  { terminal, epoch }: Holder,
  members: readonly string[] | null,
): Promise<Granted[]> {
  const open = trx
    .selectFrom('grant_made')
    .select('answer')
    .where('terminal', '=', terminal)
    .where('epoch', '=', epoch)
    .where('accepted', '=', 0)
    .orderBy('created_at')
  const rows = await (members === null ? open : open.where('member', 'in', members)).execute()
  return rows.map(answerOf)
}

const answerOf = ({ answer }: { answer: string }): Granted => Granted.parse(JSON.parse(answer))
