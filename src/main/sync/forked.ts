/** What follows, at a counter, from its disk having a twin (R11). */
import { MemberId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import { deleteMembers } from '#storage/member.repository.ts'
import type { LedgerName } from '#storage/schema.ts'
import { eventsOf } from '#main/counter/chain.ts'
import type { Counter } from '#main/counter/counter.ts'

/** Thrown when the server has other events under these places: this disk has a twin (R11). */
export class ForkedError extends Error {
  readonly code = 'forked'
}

/**
 * Whether what the server has as the end of this chain is in it. Where it is not, another disk writes under this epoch: what
 * the server says it has is then not what this one wrote, and nothing may count as sent by it (R11).
 */
export async function isOwnHead(
  { db, ledger }: Counter,
  { seq, hash }: { seq: number; hash: string | null },
): Promise<boolean> {
  if (seq === 0) return true
  const at = eventsOf(db, ledger.holder).select('hash').where('seq', '=', seq)
  return (await at.executeTakeFirst())?.hash === hash
}

/**
 * The server keeps what this disk wrote from `seq` on aside, enrolments too: whoever was enrolled by them is no member of the
 * shop's, and what was done in their name would wait for them for ever. They are enrolled anew when they come again.
 */
export async function forgetEnrolled(counter: Counter, holder: Holder, seq: number): Promise<void> {
  await counter.ledger.write(async ({ trx }) => {
    const rows = await eventsOf(trx, holder)
      .select('member')
      .where('seq', '>=', seq)
      .where('kind', '=', 'member.enrolled')
      .execute()
    const members = rows.flatMap(({ member }) => (member === null ? [] : [MemberId.parse(member)]))
    if (members.length === 0) return
    await trx.deleteFrom('personal').where('member', 'in', members).execute()
    await deleteMembers(trx.$pickTables<LedgerName>(), members)
  })
  counter.changed()
}
