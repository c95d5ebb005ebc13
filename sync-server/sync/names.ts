/** What an event must have for itself: its id, and what it enrols a member under. */
import type { LedgerEvent } from '#core/ledger/event.ts'
import { chunks } from '#storage/bulk.ts'
import type { Trx } from '#server/ledger/database.ts'

export type Names = { ids: Set<string>; members: Set<string>; cards: Set<string> }

/** Those of these events' names that are in the ledger already. */
export async function namesTaken(trx: Trx, events: readonly LedgerEvent[]): Promise<Names> {
  const taken: Names = { ids: new Set(), members: new Set(), cards: new Set() }
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
    for (const { id } of rows) taken.ids.add(id)
  }
  const enrolled = events.flatMap((event) => (event.kind === 'member.enrolled' ? [event.body] : []))
  for (const part of chunks(enrolled, 2)) {
    const rows = await trx
      .selectFrom('member')
      .select(['id', 'card'])
      .where((eb) =>
        eb.or([
          eb(
            'id',
            'in',
            part.map((one) => one.member),
          ),
          eb(
            'card',
            'in',
            part.map((one) => one.card),
          ),
        ]),
      )
      .execute()
    for (const { id, card } of rows) {
      taken.members.add(id)
      taken.cards.add(card)
    }
  }
  return taken
}
