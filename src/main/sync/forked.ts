/** What follows, at a counter, from its disk having a twin (R11). */
import { MemberId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import { deleteMembers } from '#storage/member.repository.ts'
import type { LedgerName } from '#storage/schema.ts'
import type { Counter } from '#main/counter/counter.ts'

/**
 * The server keeps what this disk wrote from `seq` on aside, enrolments too: whoever was enrolled by them is no member of the
 * shop's, and what was done in their name would wait for them for ever. They are enrolled anew when they come again.
 */
export async function forgetEnrolled(counter: Counter, { terminal, epoch }: Holder, seq: number): Promise<void> {
  await counter.ledger.write(async ({ trx }) => {
    const rows = await trx
      .selectFrom('event')
      .select('member')
      .where('terminal', '=', terminal)
      .where('epoch', '=', epoch)
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
