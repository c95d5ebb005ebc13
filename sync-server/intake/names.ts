/** What an event must have for itself: its id, and what it enrols a member under. */
import type { CardNumber, MemberId } from '#core/ids.ts'
import type { LedgerEvent } from '#core/ledger/event.ts'
import { chunks } from '#storage/bulk.ts'
import type { Trx } from '#server/ledger/database.ts'

export type Names = { ids: Set<string>; members: Set<string>; cards: Set<string> }

/** Those of these events' names that are in the ledger already. */
export async function namesTaken(trx: Trx, events: readonly LedgerEvent[]): Promise<Names> {
  const ids = new Set<string>()
  for (const part of chunks(events, 1)) {
    const rows = await trx
      .selectFrom('event')
      .select('id')
      .where(
        'id',
        'in',
        part.map((event) => event.id),
      )
      .execute()
    for (const { id } of rows) ids.add(id)
  }
  const enrolled = events.flatMap((event) => (event.kind === 'member.enrolled' ? [event.body] : []))
  return { ids, ...(await enrolledAs(trx, enrolled)) }
}

/**
 * Which of these members, and of their cards, somebody is enrolled under. Whom other counters have told of may still be
 * enrolled by the one that did it (`restore/known-members.ts`).
 */
async function enrolledAs(
  trx: Trx,
  wanted: readonly { member: MemberId; card: CardNumber }[],
): Promise<Pick<Names, 'members' | 'cards'>> {
  const [members, cards] = [new Set<string>(), new Set<string>()]
  for (const part of chunks(wanted, 2)) {
    const ids = part.map(({ member }) => member)
    const numbers = part.map(({ card }) => card)
    const rows = await trx
      .selectFrom('member')
      .leftJoin('personal', 'personal.member', 'member.id')
      .select(['id', 'card', 'personal.member as enrolled'])
      .where((eb) => eb.or([eb('id', 'in', ids), eb('card', 'in', numbers)]))
      .execute()
    for (const { id, card, enrolled } of rows) {
      if (enrolled === null && part.some((one) => one.member === id && one.card === card)) continue
      members.add(id)
      cards.add(card)
    }
  }
  return { members, cards }
}
