/** What is kept of a chain, cut into pieces that are each worked out in one transaction. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Personal } from '#core/contract/sync.ts'
import type { Holder } from '#core/ledger/account.ts'
import type { Db } from '#server/ledger/database.ts'
import { readArrival, type Arrival } from './chain.ts'
import { nextKept } from '#server/sync/inbox-rows.ts'
import { textsApart } from '#server/sync/push-body.ts'

type Piece = { events: Arrival[]; personal: Personal[]; weight: number }

/** What is kept of a chain, in pieces of the weight that is wanted. Each push is read before anything is locked. */
export async function* piecesOf(
  db: Db,
  holder: Holder,
  wanted: () => number,
  eventVersion: number,
): AsyncGenerator<Piece> {
  let piece: Piece = { events: [], personal: [], weight: 0 }
  for (let last = 0; ;) {
    const kept = await nextKept(db, holder, last)
    if (!kept) break
    last = kept.last
    for (const event of textsApart(kept).map((text) => readArrival(text, eventVersion))) {
      const before = piece.events.at(-1)
      // What lay between two that were kept, another may have worked out meanwhile.
      const goesOn = before === undefined || event.seq === before.seq + 1
      if (!goesOn || piece.weight >= wanted()) {
        yield piece
        piece = { events: [], personal: [], weight: 0 }
      }
      piece.events.push(event)
      piece.weight += weightOf(event)
    }
    // Never before the enrolment that vouches for it.
    piece.personal.push(...kept.personal)
    await nextTurn()
  }
  if (piece.events.length > 0) yield piece
}

/** By what it moves: a hand-back of a thousand lots is as much to work out as hundreds of sales. */
const weightOf = ({ read }: Arrival): number => 1 + (read.ok ? read.event.transfers.length : 0)
